package dev.loci.tokenizer;

import ai.djl.huggingface.tokenizers.jni.LibUtils;
import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.logging.Level;
import java.util.logging.Logger;

/// One tokenizer of the native library. Thread-safe; after [#close] every call fails.
///
/// Bound below DJL's own tokenizer class, which truncates to 512 ids unless told otherwise, and builds offsets and
/// masks
/// that nobody here reads.
final class NativeTokenizer implements AutoCloseable {
    /// The library's loader tells of GPUs that it looks for in vain; held, because levels go with unreachable loggers.
    private static final Logger LOADER_LOG = Logger.getLogger("ai.djl");

    private static final TokenizersLibrary LIBRARY = library();

    private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
    private long handle;

    NativeTokenizer(String json) {
        handle = LIBRARY.createTokenizerFromString(json);
    }

    /// Loads the library here, or says why it cannot be: a thread that comes second learns only that it was not.
    static void load() {
        Objects.requireNonNull(LIBRARY);
    }

    /// Loads the library that the jar holds; nothing may be asked of the network for it.
    private static TokenizersLibrary library() {
        // here, because it may be loaded before the logging is configured
        LOADER_LOG.setLevel(Level.SEVERE);
        if (System.getProperty("ai.djl.offline") == null) {
            System.setProperty("ai.djl.offline", "true");
        }
        if (System.getProperty("RUST_FLAVOR") == null) {
            // the only one in the jar; otherwise GPUs are looked for first
            System.setProperty("RUST_FLAVOR", "cpu");
        }
        LibUtils.checkStatus();
        return TokenizersLibrary.LIB;
    }

    int[] encode(String text, boolean addSpecialTokens) {
        lock.readLock().lock();
        try {
            long encoding = LIBRARY.encode(open(), text, addSpecialTokens);
            try {
                return Arrays.stream(LIBRARY.getTokenIds(encoding))
                        .mapToInt(Math::toIntExact)
                        .toArray();
            } finally {
                LIBRARY.deleteEncoding(encoding);
            }
        } finally {
            lock.readLock().unlock();
        }
    }

    String decode(int[] ids, boolean keepSpecial) {
        lock.readLock().lock();
        try {
            return LIBRARY.decode(open(), Arrays.stream(ids).asLongStream().toArray(), !keepSpecial);
        } finally {
            lock.readLock().unlock();
        }
    }

    private long open() {
        if (handle == 0) {
            throw new IllegalStateException("tokenizer: expected an open one, found a closed one");
        }
        return handle;
    }

    @Override
    public void close() {
        lock.writeLock().lock();
        try {
            if (handle != 0) {
                LIBRARY.deleteTokenizer(handle);
                handle = 0;
            }
        } finally {
            lock.writeLock().unlock();
        }
    }
}
