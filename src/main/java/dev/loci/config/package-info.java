/// Keys and defaults of the configuration, and how their values are read.
///
/// Open [LociConfig] first. Values are texts there, so that an impossible one ends the start with one line that names
/// its
/// key ([ConfigException]), not with a framework's report.
package dev.loci.config;
