/// Element types, shapes, and safetensors files, read through mappings and written in streams. Uses the JDK and
/// Jackson.
///
/// Open [SafetensorsFile] to read, [SafetensorsWriter] to write.
package dev.loci.tensor;
