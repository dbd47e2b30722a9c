package dev.loci.api.openai;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.List;

/// The keys that let a client in. Holds their digests alone, so that no dump of memory and no message shows one.
///
/// A key is compared with all of them, each time over the whole digest: how long that takes says nothing about a key.
public final class ApiKeys {
    public static final int MAX_CHARS = 512;

    private final List<byte[]> digests;

    private ApiKeys(List<byte[]> digests) {
        this.digests = digests;
    }

    /// @throws IllegalArgumentException where there is none, or one cannot stand in a header
    public static ApiKeys of(Collection<String> keys) {
        if (keys.isEmpty()) {
            throw new IllegalArgumentException("keys: expected at least 1, found none");
        }
        int place = 0;
        for (String key : keys) {
            place++;
            if (!isKey(key)) {
                throw new IllegalArgumentException("key " + place + ": expected 1 to " + MAX_CHARS
                        + " visible ASCII characters, found something else");
            }
        }
        return new ApiKeys(keys.stream().map(ApiKeys::digest).toList());
    }

    private static boolean isKey(String key) {
        return !key.isEmpty() && key.length() <= MAX_CHARS && key.chars().allMatch(c -> c > ' ' && c < 0x7F);
    }

    /// Whether the text is one of the keys.
    public boolean have(String text) {
        byte[] digest = digest(text);
        boolean found = false;
        for (byte[] each : digests) {
            found |= MessageDigest.isEqual(each, digest);
        }
        return found;
    }

    private static byte[] digest(String key) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /// How many there are; never what they are.
    @Override
    public String toString() {
        return digests.size() + " keys";
    }
}
