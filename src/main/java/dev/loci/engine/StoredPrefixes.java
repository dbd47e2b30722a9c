package dev.loci.engine;

import dev.loci.kernel.Activations;
import dev.loci.kernel.KvType;
import dev.loci.kernel.WeightType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/// Brings pages of prompts in from a [PrefixStore] and puts them there, on a thread of its own, so that the step loop
/// never waits for it.
///
/// A sequence whose prompt goes on beyond what the cache has is handed here first and comes back with the pages that
/// were there. Prompt pages that were computed are copied and written later.
///
/// Pages that were read and whose sequence has not started, and pages that are to be written, share a bounded part of
/// the heap. Beyond it none are read or written, and so it is after a fault of the store or for want of memory: a
/// sequence comes back in any case, and what it does not bring is computed.
final class StoredPrefixes implements AutoCloseable {
    /// To be raised with every change to kernels or the forward pass after which keys or values have other bits.
    private static final int ARITHMETIC = 1;

    private static final System.Logger LOG = System.getLogger(StoredPrefixes.class.getName());
    private static final int PART_OF_HEAP = 16;
    private static final int LEAST_PAGES = 4;
    private static final long NEXT_TRY_NANOS = 1_000_000;
    private static final String DIGEST = "SHA-256";

    private final PrefixStore store;
    private final byte[] root;
    private final int pageBytes;
    private final Semaphore roomForPages;
    private final LinkedBlockingQueue<Runnable> work = new LinkedBlockingQueue<>();
    private final IdentityHashMap<int[], Lookup> lookups = new IdentityHashMap<>(); // guarded by itself
    private final Thread thread;
    private volatile boolean closing;
    private volatile boolean complained;

    /// What keys and values depend on beside the ids, down to their last bits: a page of another origin is never found.
    /// @param activations that the weights are in fact multiplied with: `auto` means others on another CPU
    /// @param kernels     their form, by [dev.loci.kernel.Kernels#name]
    static String origin(String model, KvType cache, WeightType weights, Activations activations, String kernels) {
        return "arithmetic " + ARITHMETIC + ", model " + model + ", cache " + cache + ", weights " + weights
                + ", activations " + activations + ", kernels " + kernels;
    }

    /// @param origin as [#origin] has it
    StoredPrefixes(PrefixStore store, String origin, long pageBytes) {
        this(store, origin, pageBytes, Runtime.getRuntime().maxMemory() / PART_OF_HEAP);
    }

    /// @param heapBytes for all pages that are held here; a few fit in any case
    StoredPrefixes(PrefixStore store, String origin, long pageBytes, long heapBytes) {
        this.store = store;
        this.root = digest().digest(origin.getBytes(StandardCharsets.UTF_8));
        this.pageBytes = Math.toIntExact(pageBytes);
        this.roomForPages = new Semaphore(Math.clamp(heapBytes / pageBytes, LEAST_PAGES, Integer.MAX_VALUE));
        this.thread = Thread.ofPlatform().name("loci-prefixes").daemon().start(this::run);
    }

    /// One prompt on its way, with all sequences that share its array: the first that still wants them brings the
    /// pages, and the others come back after it and have them from the cache.
    final class Lookup {
        private final int[] prompt;
        private final int held;
        private final int limit;
        private final Consumer<Sequence> back;
        private final Queue<Sequence> sequences = new ArrayDeque<>();
        private final List<MemorySegment> pages = new ArrayList<>();
        private boolean allBack;
        private boolean taken;

        private Lookup(Sequence first, int held, int limit, Consumer<Sequence> back) {
            this.prompt = first.request().prompt();
            this.held = held;
            this.limit = limit;
            this.back = back;
            sequences.add(first);
        }

        /// The page that begins with this token, if it was there.
        Optional<MemorySegment> page(int token) {
            int index = (token - held) / KvCache.PAGE_TOKENS;
            return token < held || index >= pages.size() ? Optional.empty() : Optional.of(pages.get(index));
        }

        /// Gives the memory of its pages back. To be called once, by whom they were brought.
        void drop() {
            synchronized (lookups) {
                lookups.remove(prompt, this);
            }
            int count = pages.size();
            pages.clear();
            roomForPages.release(count);
        }

        private void run() {
            try {
                read();
            } catch (RuntimeException
                    | Error e) { // whatever a store throws, or no memory: the sequences must come back
                complain(e);
            }
            boolean more;
            do {
                more = giveNextBack();
            } while (more);
            if (!taken) {
                drop();
            }
        }

        private void read() {
            byte[] id = root;
            for (int from = 0; from + KvCache.PAGE_TOKENS <= limit; from += KvCache.PAGE_TOKENS) {
                id = next(id, prompt, from);
                if (from >= held && (closing || !wanted() || !readPage(id))) {
                    return;
                }
            }
        }

        private boolean wanted() {
            long now = System.nanoTime();
            synchronized (lookups) {
                return sequences.stream().anyMatch(each -> !each.overdue(now));
            }
        }

        private boolean readPage(byte[] id) {
            if (!roomForPages.tryAcquire()) {
                return false;
            }
            boolean kept = false;
            try {
                MemorySegment page = MemorySegment.ofArray(new byte[pageBytes]);
                kept = store.read(id, page) && pages.add(page);
                return kept;
            } finally {
                if (!kept) {
                    roomForPages.release();
                }
            }
        }

        /// @return whether there may be another
        private boolean giveNextBack() {
            Sequence next;
            synchronized (lookups) {
                next = sequences.poll();
                if (next == null) {
                    allBack = true;
                    return false;
                }
            }
            if (!taken && !pages.isEmpty() && !next.overdue(System.nanoTime())) {
                taken = true;
                next.bring(this);
            } else {
                next.bringNothing();
            }
            giveBack(next, back);
            return true;
        }
    }

    /// Reads what the store has of a prompt, unless another sequence waits with the pages of that very prompt. Called
    /// by the step loop.
    /// @param held  tokens, a multiple of the page's, that are there already
    /// @param limit tokens that can be used at most
    /// @param back  receives the sequence again, from another thread
    /// @return whether it is on its way
    boolean load(Sequence sequence, int held, int limit, Consumer<Sequence> back) {
        synchronized (lookups) {
            Lookup same = lookups.get(sequence.request().prompt());
            if (same != null) {
                return !same.allBack && same.sequences.add(sequence);
            }
            Lookup lookup = new Lookup(sequence, held, limit, back);
            lookups.put(lookup.prompt, lookup);
            return work.add(lookup::run);
        }
    }

    /// Copies a page of a prompt, to be written later. Called by the step loop.
    /// @param index which page
    /// @param copy  fills the page
    /// @return whether there was room for it
    boolean save(int[] prompt, int index, Consumer<MemorySegment> copy) {
        if (!roomForPages.tryAcquire()) {
            return false;
        }
        boolean queued = false;
        try {
            MemorySegment page = MemorySegment.ofArray(new byte[pageBytes]);
            copy.accept(page);
            queued = work.add(() -> write(prompt, index, page));
        } catch (OutOfMemoryError e) { // must not end the step loop: the page is there, only not outside
            complain(e);
        } finally {
            if (!queued) {
                roomForPages.release();
            }
        }
        return queued;
    }

    private void write(int[] prompt, int index, MemorySegment page) {
        try {
            byte[] id = root;
            for (int i = 0; i <= index && !closing; i++) {
                id = next(id, prompt, i * KvCache.PAGE_TOKENS);
            }
            if (!closing) {
                store.write(id, page);
            }
        } finally {
            roomForPages.release();
        }
    }

    /// Nobody else knows of the sequence: what lacks memory is tried again.
    private void giveBack(Sequence sequence, Consumer<Sequence> back) {
        boolean again;
        do {
            again = false;
            try {
                back.accept(sequence);
            } catch (OutOfMemoryError e) {
                complain(e);
                again = !closing;
                LockSupport.parkNanos(NEXT_TRY_NANOS);
            } catch (RuntimeException e) {
                complain(e);
            }
        } while (again);
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
            } catch (Throwable e) { // one page's or prompt's fault, or an interrupt by a store, ends none of the others
                complain(e);
            }
        }
    }

    /// Once: what fails tends to fail again.
    private void complain(Throwable e) {
        if (complained) {
            return;
        }
        complained = true;
        try {
            LOG.log(System.Logger.Level.ERROR, "pages of prompts outside fail; what they lack is computed", e);
        } catch (OutOfMemoryError another) { // no memory even to say so: the next one may say it
            complained = false;
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
