package dev.loci.engine.chronicle;

import dev.loci.engine.PrefixStore;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import net.openhft.chronicle.hash.locks.InterProcessDeadLockException;

/// Pages of common prompts in a memory-mapped file. Thread-safe; [#open] returns at once, and until the file is open,
/// seconds later, nothing is there and nothing is kept.
///
/// Processes of a host may use one folder at the same time. A file left by a process that was killed is recovered, in
/// the background, by the next process that has it for itself; until then whoever runs into a lock that the dead one
/// holds goes on without the store, and says so once. So does whoever runs into any other failure.
public final class ChroniclePrefixStore implements PrefixStore {
    private static final int FORMAT = 1;
    /// What a close waits for an open that has just begun.
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);

    private record Used(UseFile use, PageMap map) {}

    private final Path folder;
    private final String name;
    private final int pageBytes;
    private final long maxBytes;
    private final Consumer<String> complaints;
    private final Thread opener;
    private final ReentrantLock lock = new ReentrantLock();
    private Optional<Used> used = Optional.empty();
    private boolean closed;

    private ChroniclePrefixStore(Path folder, int pageBytes, long maxBytes, Consumer<String> complaints) {
        this.folder = folder;
        this.name = "prefixes-v" + FORMAT + "-" + pageBytes + ".map";
        this.pageBytes = pageBytes;
        this.maxBytes = maxBytes;
        this.complaints = complaints;
        this.opener = Thread.ofPlatform().daemon().name("loci-prefix-store").unstarted(this::openInBackground);
    }

    /// Begins to open the file for pages of this size in the folder; both are made where they are not there.
    /// @param maxBytes   of the file; a file of another size is emptied by a process that has it for itself
    /// @param complaints receives a line for a person, from any thread: why the store is off, or starts empty
    public static ChroniclePrefixStore open(Path folder, long pageBytes, long maxBytes, Consumer<String> complaints) {
        Objects.requireNonNull(complaints, "complaints");
        if (pageBytes < 1 || pageBytes > Integer.MAX_VALUE - Long.BYTES) {
            throw new IllegalArgumentException(
                    "pageBytes: expected 1 to " + (Integer.MAX_VALUE - Long.BYTES) + ", found " + pageBytes);
        }
        ChroniclePrefixStore store = new ChroniclePrefixStore(folder, Math.toIntExact(pageBytes), maxBytes, complaints);
        store.opener.start();
        return store;
    }

    /// Waits until the file is open or cannot be.
    /// @return whether pages are kept
    public boolean awaitOpen() throws InterruptedException {
        opener.join();
        lock.lock();
        try {
            return used.isPresent();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean read(byte[] id, MemorySegment page) {
        check(id, page);
        lock.lock();
        try {
            return used.isPresent() && used.get().map().read(id, page);
        } catch (RuntimeException | LinkageError | InternalError | AssertionError e) {
            giveUp(e);
            return false;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void write(byte[] id, MemorySegment page) {
        check(id, page);
        lock.lock();
        try {
            if (used.isPresent()) {
                used.get().map().write(id, page);
            }
        } catch (RuntimeException | LinkageError | InternalError | AssertionError e) {
            giveUp(e);
        } finally {
            lock.unlock();
        }
    }

    private void check(byte[] id, MemorySegment page) {
        if (id.length != PageMap.ID_BYTES) {
            throw new IllegalArgumentException("id: expected " + PageMap.ID_BYTES + " bytes, found " + id.length);
        }
        if (page.byteSize() != pageBytes) {
            throw new IllegalArgumentException("page: expected " + pageBytes + " bytes, found " + page.byteSize());
        }
    }

    private void openInBackground() {
        try {
            long entries = PageMap.entries(pageBytes, maxBytes);
            if (entries == 0) {
                complain("size", "room for a page of " + pageBytes + " bytes", maxBytes + " bytes");
                return;
            }
            Files.createDirectories(folder);
            publish(openMap(folder.toRealPath().resolve(name), entries));
        } catch (IOException | RuntimeException | LinkageError | InternalError | AssertionError e) {
            complain("opening", "a file that can be used", String.valueOf(e));
        }
    }

    private Used openMap(Path file, long entries) throws IOException {
        UseFile use = UseFile.open(file.resolveSibling(name + ".lock"));
        boolean opened = false;
        try {
            Used now = new Used(use, use.alone() ? openAlone(use, file, entries) : openBeside(use, file));
            opened = true;
            use.opened();
            return now;
        } finally {
            if (!opened) {
                use.close();
            }
        }
    }

    private PageMap openAlone(UseFile use, Path file, long entries) throws IOException {
        boolean unclean = use.users() != 0;
        if (use.entries() != entries) {
            Files.deleteIfExists(file);
        }
        use.enterAlone(entries);
        if (!unclean || !Files.exists(file)) {
            return PageMap.open(file, pageBytes, entries, false);
        }
        try {
            return PageMap.open(file, pageBytes, entries, true);
        } catch (IOException | RuntimeException | InternalError | AssertionError e) {
            complaints.accept(where("recovery", "pages that can be recovered", String.valueOf(e)) + "; starting empty");
            Files.deleteIfExists(file);
            return PageMap.open(file, pageBytes, entries, false);
        }
    }

    private PageMap openBeside(UseFile use, Path file) throws IOException {
        long entries = use.entries();
        use.enter();
        return PageMap.open(file, pageBytes, entries, false);
    }

    private void publish(Used now) {
        lock.lock();
        try {
            if (closed) {
                leave(now);
            } else {
                used = Optional.of(now);
            }
        } finally {
            lock.unlock();
        }
    }

    /// Uses the file no more and leaves it as one to recover.
    private void giveUp(Throwable cause) {
        Used last = used.orElseThrow();
        used = Optional.empty();
        complain(
                "use",
                "a file in order",
                cause instanceof InterProcessDeadLockException
                        ? "a lock that a process holds for more than " + PageMap.LOCK_MILLIS + " ms"
                        : String.valueOf(cause));
        try (last.use) {
            last.map.close();
        } catch (IOException | RuntimeException | LinkageError | InternalError | AssertionError e) {
            cause.addSuppressed(e);
        }
    }

    private void leave(Used last) {
        try (UseFile use = last.use) {
            last.map.close();
            use.leave();
        } catch (IOException | RuntimeException | LinkageError | InternalError | AssertionError e) {
            complain("closing", "a file in order", String.valueOf(e));
        }
    }

    private void complain(String what, String expected, String found) {
        complaints.accept(where(what, expected, found) + "; going on without it");
    }

    private String where(String what, String expected, String found) {
        return "prefix cache " + folder.resolve(name) + ", " + what + ": expected " + expected + ", found " + found;
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            used.ifPresent(this::leave);
            used = Optional.empty();
        } finally {
            lock.unlock();
        }
        try {
            // What it has opened by then it closes itself; what it has not, the next start recovers.
            opener.join(CLOSE_LIMIT);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
