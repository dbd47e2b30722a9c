package dev.loci.engine.chronicle;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// The lock file beside a map: which processes use the map, and whether each that did said goodbye.
///
/// ```
/// byte  size  field
///    0     8  users    i64, opened minus closed cleanly; little-endian
///    8     8  entries  i64, for how many entries the map was made
///   16     1  -        locked alone while a process opens the map
///   17     1  -        locked shared by all that use the map, alone by one that makes or recovers it
///   18     1  -        locked alone while `users` changes
/// ```
/// Locks end with their process, counts do not: who gets byte 17 alone and finds users knows that one was killed.
/// Whoever takes byte 17 holds byte 16, so nobody comes in between letting go of it alone and taking it shared.
final class UseFile implements AutoCloseable {
    private static final long ENTRIES = 8;
    private static final long GATE = 16;
    private static final long USE = 17;
    private static final long COUNT = 18;

    /// Lock files open in this process. A process that closes any channel of a file loses all of its locks on it, and
    /// locks do not hold between the threads of one.
    private static final Set<Path> OPEN = ConcurrentHashMap.newKeySet();

    private final Path file;
    private final FileChannel channel;
    private final FileLock gate;
    private FileLock use;

    private UseFile(Path file, FileChannel channel) throws IOException {
        this.file = file;
        this.channel = channel;
        gate = channel.lock(GATE, 1, false);
        FileLock exclusive = channel.tryLock(USE, 1, false);
        use = exclusive == null ? shared() : exclusive;
    }

    private FileLock shared() throws IOException {
        FileLock lock = channel.tryLock(USE, 1, true);
        if (lock == null) {
            throw new IOException(file + ", lock: expected shared use, found a process that has it alone");
        }
        return lock;
    }

    /// Waits until no other process is opening the map, and takes the right to use it: alone where nobody else does.
    /// @param file an absolute path in a directory without links
    static UseFile open(Path file) throws IOException {
        if (!OPEN.add(file)) {
            throw new IOException(file + ", lock: expected one store in a process, found a second");
        }
        boolean opened = false;
        FileChannel channel = null;
        try {
            channel = FileChannel.open(
                    file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
            UseFile use = new UseFile(file, channel);
            opened = true;
            return use;
        } finally {
            if (!opened) {
                close(file, channel);
            }
        }
    }

    /// Whether no other process uses the map, until [#opened].
    boolean alone() {
        return !use.isShared();
    }

    /// How many users the map has, those included that were killed.
    long users() throws IOException {
        return number(0);
    }

    /// For how many entries the map was made; 0 for none.
    long entries() throws IOException {
        return number(ENTRIES);
    }

    /// Counts this process in, before it opens a map that it has alone.
    void enterAlone(long entries) throws IOException {
        put(ENTRIES, entries);
        put(0, 1);
        channel.force(false);
    }

    /// Counts this process in, beside others.
    void enter() throws IOException {
        count(1);
    }

    /// Lets other processes in.
    void opened() throws IOException {
        if (alone()) {
            use.release();
            use = shared();
        }
        gate.release();
    }

    /// Says goodbye: this process leaves the map whole.
    void leave() throws IOException {
        count(-1);
    }

    private void count(long change) throws IOException {
        try (FileLock _ = channel.lock(COUNT, 1, false)) {
            put(0, number(0) + change);
            channel.force(false);
        }
    }

    private long number(long offset) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining() && channel.read(bytes, offset + bytes.position()) >= 0) {}
        return bytes.hasRemaining() ? 0 : bytes.getLong(0);
    }

    private void put(long offset, long number) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(0, number);
        while (bytes.hasRemaining()) {
            channel.write(bytes, offset + bytes.position());
        }
    }

    /// Gives up all locks. Without [#leave] before, the next process that has the map alone recovers it.
    @Override
    public void close() throws IOException {
        try {
            use.release(); // before the gate: who comes in next must find nobody
        } finally {
            close(file, channel);
        }
    }

    private static void close(Path file, FileChannel channel) throws IOException {
        try {
            if (channel != null) {
                channel.close();
            }
        } finally {
            OPEN.remove(file);
        }
    }
}
