package dev.loci.kernel.ffi;

/// A member of an arguments' struct.
record Member(String name, Kind kind) {
    enum Kind {
        SPAN(16),
        MATRIX(48),
        KV(80),
        TOKENS(40),
        POINTER(8),
        I64(8),
        I32(4),
        F32(4);

        private final int bytes;

        Kind(int bytes) {
            this.bytes = bytes;
        }

        int bytes() {
            return bytes;
        }
    }

    static Member span(String name) {
        return new Member(name, Kind.SPAN);
    }

    static Member matrix(String name) {
        return new Member(name, Kind.MATRIX);
    }

    static Member kv(String name) {
        return new Member(name, Kind.KV);
    }

    static Member tokens(String name) {
        return new Member(name, Kind.TOKENS);
    }

    static Member pointer(String name) {
        return new Member(name, Kind.POINTER);
    }

    static Member i64(String name) {
        return new Member(name, Kind.I64);
    }

    static Member i32(String name) {
        return new Member(name, Kind.I32);
    }

    static Member f32(String name) {
        return new Member(name, Kind.F32);
    }
}
