/// Runs sequences: one step loop thread that owns all sequence state, paged KV cache, sampling, stop conditions,
/// events. How it decides is in docs/design/SCHEDULING.md.
///
/// Open [Engine] first; [Generator] is what its clients need. Plain Java, embeddable in any program.
package dev.loci.engine;
