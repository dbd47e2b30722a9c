package dev.loci.tensor;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// A running SHA-256.
public final class Sha256 {
    private final MessageDigest digest;

    private Sha256(MessageDigest digest) {
        this.digest = digest;
    }

    public static Sha256 start() {
        try {
            return new Sha256(MessageDigest.getInstance("SHA-256"));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has SHA-256", e);
        }
    }

    public Sha256 update(ByteBuffer bytes) {
        digest.update(bytes);
        return this;
    }

    /// The digest of all bytes so far, in lower-case hex; starts anew.
    public String hex() {
        return HexFormat.of().formatHex(digest.digest());
    }
}
