/// Probe.
package dev.loci.app;
