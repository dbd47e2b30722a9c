package dev.loci.engine;

import dev.loci.kernel.Activations;
import dev.loci.kernel.KvType;
import dev.loci.kernel.WeightType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;

/// Brings pages of prompts in from a [PrefixStore] and puts them there, on a thread of its own, so that the step loop
/// never waits for it.
///
/// A sequence whose prompt goes on beyond what the cache has is handed here first and comes back with the pages that
/// were there. Prompt pages that were computed are copied and written later; when too many wait to be written, new
/// ones are left out.
final class StoredPrefixes implements AutoCloseable {
    /// To be raised with every change to kernels or the forward pass after which keys or values have other bits.
    private static final int ARITHMETIC = 1;

    private static final int MAX_WAITING_WRITES = 256;
    private static final String DIGEST = "SHA-256";

    private final PrefixStore store;
    private final byte[] root;
    private final int pageBytes;
    private final LinkedBlockingQueue<Runnable> work = new LinkedBlockingQueue<>();
    private final Thread thread;
    private volatile boolean closing;

    /// What keys and values depend on beside the ids, down to their last bits: a page of another origin is never found.
    /// @param activations that the weights are in fact multiplied with: `auto` means others on another CPU
    /// @param kernels     their form, by [dev.loci.kernel.Kernels#name]
    static String origin(String model, KvType cache, WeightType weights, Activations activations, String kernels) {
        return "arithmetic " + ARITHMETIC + ", model " + model + ", cache " + cache + ", weights " + weights
                + ", activations " + activations + ", kernels " + kernels;
    }

    /// @param origin as [#origin] has it
    StoredPrefixes(PrefixStore store, String origin, long pageBytes) {
        this.store = store;
        this.root = digest().digest(origin.getBytes(StandardCharsets.UTF_8));
        this.pageBytes = Math.toIntExact(pageBytes);
        this.thread = Thread.ofPlatform().name("loci-prefixes").daemon().start(this::run);
    }

    /// Reads what the store has of a prompt.
    /// @param held  tokens, a multiple of the page's, that are there already
    /// @param limit tokens that can be used at most
    /// @param back  receives the sequence again, from another thread
    void load(Sequence sequence, int held, int limit, Consumer<Sequence> back) {
        work.add(() -> {
            if (!closing) {
                sequence.bring(held, pages(sequence.request().prompt(), held, limit));
            }
            back.accept(sequence);
        });
    }

    private List<MemorySegment> pages(int[] prompt, int held, int limit) {
        List<MemorySegment> found = new ArrayList<>();
        byte[] id = root;
        for (int from = 0; from + KvCache.PAGE_TOKENS <= limit; from += KvCache.PAGE_TOKENS) {
            id = next(id, prompt, from);
            if (from >= held) {
                MemorySegment page = MemorySegment.ofArray(new byte[pageBytes]);
                if (!store.read(id, page)) {
                    break;
                }
                found.add(page);
            }
        }
        return found;
    }

    /// Whether another page would be written; if not, copying it is in vain.
    boolean takes() {
        return work.size() < MAX_WAITING_WRITES;
    }

    /// Writes a page of a prompt.
    /// @param index which page
    /// @param page  not touched by the caller any more
    void save(int[] prompt, int index, MemorySegment page) {
        work.add(() -> {
            byte[] id = root;
            for (int i = 0; i <= index; i++) {
                id = next(id, prompt, i * KvCache.PAGE_TOKENS);
            }
            if (!closing) {
                store.write(id, page);
            }
        });
    }

    MemorySegment emptyPage() {
        return MemorySegment.ofArray(new byte[pageBytes]);
    }

    /// Stops reading and writing; sequences that wait here come back as they are.
    @Override
    public void close() {
        closing = true;
        work.add(() -> {});
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        while (!closing || !work.isEmpty()) {
            try {
                work.take().run();
            } catch (InterruptedException e) {
                closing = true;
            }
        }
    }

    /// Id of the page that follows the one with this id.
    private static byte[] next(byte[] id, int[] ids, int from) {
        MessageDigest digest = digest();
        digest.update(id);
        byte[] own = new byte[4 * KvCache.PAGE_TOKENS];
        MemorySegment bytes = MemorySegment.ofArray(own);
        for (int i = 0; i < KvCache.PAGE_TOKENS; i++) {
            bytes.set(ValueLayout.JAVA_INT_UNALIGNED, 4L * i, ids[from + i]);
        }
        return digest.digest(own);
    }

    private static MessageDigest digest() {
        try {
            return MessageDigest.getInstance(DIGEST);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(DIGEST + ": expected in every JDK, found none", e);
        }
    }
}
