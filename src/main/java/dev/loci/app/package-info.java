/// Puts a model together and keeps it: lifecycle, health, and what the API serves.
///
/// Open [ModelRuntime] first; it is plain Java. [ModelLifecycle] keeps the one of the server.
package dev.loci.app;
