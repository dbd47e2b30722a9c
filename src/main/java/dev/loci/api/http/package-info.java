/// Connections, whatever is served on them: how long a client may take to ask, and to read.
///
/// Open [SlowClients] first.
package dev.loci.api.http;
