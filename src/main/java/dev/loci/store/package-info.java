/// Model directories: manifest, configuration, dense weights and value tables, mapped and checked.
///
/// Open [ModelDirectory] first. Uses `tensor` for safetensors and `kernel` for row types, advice, residency and the
/// guard
/// against files that shrink.
package dev.loci.store;
