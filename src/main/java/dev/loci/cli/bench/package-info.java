/// What `loci bench` measures: the machine's limits, the kernels beside them, the forward pass.
package dev.loci.cli.bench;
