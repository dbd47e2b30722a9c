/// Other projects' checkpoints, and random weights of a given shape, as model directories. Uses `tensor` and `store`.
///
/// Open [UltraMemImport] first; [SyntheticModel] writes models of any size for measurements.
package dev.loci.importer;
