package dev.loci.perf;

/// A model without memory layers that both sides have with random weights.
record PeerShape(
        String name, int width, int layers, int heads, int kvHeads, int inner, int vocabulary, boolean tied) {
    static final int CONTEXT = 1024;

    static PeerShape of(String name) {
        return switch (name) {
            case "32m" -> new PeerShape(name, 512, 8, 8, 4, 1408, 16384, true);
            case "870m" -> new PeerShape(name, 2048, 16, 16, 8, 5504, 32000, false);
            default -> throw new Arguments.Wrong("--shape: expected 32m or 870m, found " + name);
        };
    }

    int headDim() {
        return width / heads;
    }

    /// What `loci synth` takes.
    String lociConfig() {
        return """
                {"mem_type": "ultramem_v1", "mem_insert_way": "no_mem", "d_model": %d, "n_layers": %d, "n_heads": %d,
                 "n_kv_heads": %d, "mlp_hidden_size": %d, "max_sequence_length": %d, "vocab_size": %d,
                 "rope_theta": 10000.0, "layer_norm_type": "rms", "layer_norm_with_affine": true,
                 "layer_norm_eps": 1e-5, "attention_layer_norm": false, "attention_layer_norm_with_affine": false,
                 "weight_tying": %s, "eos_token_id": 0, "pad_token_id": 1}
                """
                .formatted(width, layers, heads, kvHeads, 2 * inner, CONTEXT, vocabulary, tied);
    }
}
