/// Pages of common prompts in a file that survives restarts and that several processes of a host share: the only user
/// of Chronicle Map.
///
/// Open [dev.loci.engine.chronicle.ChroniclePrefixStore] first. [dev.loci.engine.chronicle.UseFile] says who uses the
/// file and whether it was left cleanly, [dev.loci.engine.chronicle.PageMap] is the file itself. Uses
/// [dev.loci.engine.PrefixStore] and the JDK besides.
package dev.loci.engine.chronicle;
