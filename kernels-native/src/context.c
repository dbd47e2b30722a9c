int loci_probe(void); int loci_probe(void) { return 1; }
