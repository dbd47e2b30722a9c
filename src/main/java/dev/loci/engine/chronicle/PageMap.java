package dev.loci.engine.chronicle;

import java.io.File;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.URI;
import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;
import net.openhft.chronicle.bytes.Bytes;
import net.openhft.chronicle.bytes.RandomDataInput;
import net.openhft.chronicle.bytes.RandomDataOutput;
import net.openhft.chronicle.core.Jvm;
import net.openhft.chronicle.core.io.BackgroundResourceReleaser;
import net.openhft.chronicle.hash.AbstractData;
import net.openhft.chronicle.hash.Data;
import net.openhft.chronicle.hash.locks.InterProcessDeadLockException;
import net.openhft.chronicle.map.ChronicleMap;
import net.openhft.chronicle.map.ChronicleMapBuilder;
import net.openhft.chronicle.map.ExternalMapQueryContext;
import net.openhft.chronicle.map.MapAbsentEntry;
import net.openhft.chronicle.map.MapEntry;
import net.openhft.chronicle.map.MapSegmentContext;
import net.openhft.chronicle.values.Values;

/// The mapped file: pages by id, in one segment, so that each has the same room and one lock guards all. Not
/// thread-safe.
///
/// ```
/// byte       size       field
///    0  pageBytes       page
///    -          4       CRC-32C of id and page; little-endian
/// ```
/// A full map makes room by dropping the page that this process has not used for longest; pages that it found at the
/// start come before those that it has used, pages that others wrote since are theirs to drop.
final class PageMap implements AutoCloseable {
    static final int ID_BYTES = 32;
    /// More than a write takes even where pages come from a slow disk; a lock held longer is one whose holder is dead.
    static final long LOCK_MILLIS = 2_000;

    private static final ValueLayout.OfInt CHECK = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final int CHECK_BYTES = Integer.BYTES;
    /// Of an entry besides its page: id, checksums, alignment, two to four hash slots, and its bit in the free list.
    private static final long ENTRY_OVERHEAD = 96;
    /// Of a file: header, global state and segment header, each rounded up to pages.
    private static final long FILE_OVERHEAD = 32 << 10;

    private static final long MAX_ENTRIES = 1L << 28;
    /// Writes that a lock may prevent in a row, as while another process lists all ids, before it counts as dead.
    private static final int MAX_MISSED_WRITES = 3;

    static {
        // The library reads these once, when its classes load.
        System.setProperty("chronicle.analytics.disable", "true");
        System.setProperty("chronicle.announcer.disable", "true");
        System.setProperty(
                "net.openhft.chronicle.map.lockTimeoutSeconds",
                Long.toString(TimeUnit.MILLISECONDS.toSeconds(LOCK_MILLIS)));
        if (System.getProperty("jna.tmpdir") == null) {
            // JNA, which the library loads, would unpack itself into the home directory.
            System.setProperty("jna.tmpdir", System.getProperty("java.io.tmpdir"));
        }
        // Adds a hook for the end of the JVM, which is refused once that has begun: the earlier the better.
        BackgroundResourceReleaser.releasePendingResources();
        showCompiler(List.of(ChronicleMap.class, Bytes.class, Values.class, Jvm.class));
    }

    final ChronicleMap<byte[], byte[]> map;
    private final int pageBytes;
    private final long entries;
    /// Ids known to be there, the one to drop first at the front.
    private final Map<ByteBuffer, Boolean> known = new LinkedHashMap<>(16, 0.75f, true);

    private int missedWrites;

    private PageMap(ChronicleMap<byte[], byte[]> map, int pageBytes, long entries) {
        this.map = map;
        this.pageBytes = pageBytes;
        this.entries = entries;
    }

    /// Puts the library's files on the class path of the JVM. The library compiles a class when the first map opens,
    /// with that path alone, which names none of them where a server's own class loader found them.
    private static void showCompiler(List<Class<?>> types) {
        Set<String> path = new LinkedHashSet<>(
                Arrays.asList(System.getProperty("java.class.path").split(File.pathSeparator, -1)));
        for (Class<?> type : types) {
            URL source = type.getProtectionDomain().getCodeSource().getLocation();
            path.add(Path.of(URI.create(source.toString())).toString());
        }
        System.setProperty("java.class.path", String.join(File.pathSeparator, path));
    }

    /// How many pages a file of so many bytes holds; 0 where none fits.
    static long entries(long pageBytes, long maxBytes) {
        long room = Math.max(0, maxBytes - FILE_OVERHEAD);
        return Math.min(MAX_ENTRIES, room / Math.addExact(pageBytes, ENTRY_OVERHEAD));
    }

    /// Opens the map, or makes it. Takes seconds: the library compiles code.
    /// @param entries for which the file is made, where it is not there yet
    /// @param recover whether a user of the file was killed; the caller has the file alone then
    static PageMap open(Path file, int pageBytes, long entries, boolean recover) throws IOException {
        ChronicleMapBuilder<byte[], byte[]> builder = ChronicleMapBuilder.of(byte[].class, byte[].class)
                .name("loci-prefixes")
                .constantKeySizeBySample(new byte[ID_BYTES])
                .constantValueSizeBySample(new byte[Math.addExact(pageBytes, CHECK_BYTES)])
                .entryAndValueOffsetAlignment(Long.BYTES)
                .actualSegments(1)
                .entries(entries)
                .entriesPerSegment(entries)
                .actualChunksPerSegmentTier(entries)
                .allowSegmentTiering(false)
                .checksumEntries(true)
                // Whoever opened the map closes it, after its last use.
                .skipCloseOnExitHook(true);
        PageMap pages = new PageMap(
                recover
                        ? builder.recoverPersistedTo(file.toFile(), true, _ -> {})
                        : builder.createPersistedTo(file.toFile()),
                pageBytes,
                entries);
        boolean opened = false;
        try {
            pages.list();
            opened = true;
            return pages;
        } finally {
            if (!opened) {
                pages.close();
            }
        }
    }

    private void list() {
        try (MapSegmentContext<byte[], byte[], ?> segment = map.segmentContext(0)) {
            segment.forEachSegmentEntry(entry -> remember(entry.key().get().clone()));
        }
    }

    boolean read(byte[] id, MemorySegment page) {
        try (ExternalMapQueryContext<byte[], byte[], ?> query = map.queryContext(id)) {
            query.readLock().lock();
            MapEntry<byte[], byte[]> entry = query.entry();
            if (entry == null) {
                known.remove(ByteBuffer.wrap(id));
                return false;
            }
            MemorySegment value = value(entry.value());
            MemorySegment stored = value.asSlice(0, pageBytes);
            if (value.get(CHECK, pageBytes) != check(id, stored)) {
                throw new IllegalStateException("a page whose checksum is another");
            }
            MemorySegment.copy(stored, 0, page, 0, pageBytes);
        }
        remember(id.clone());
        return true;
    }

    void write(byte[] id, MemorySegment page) {
        if (isFull() && !makeRoom(id)) {
            return;
        }
        try (ExternalMapQueryContext<byte[], byte[], ?> query = map.queryContext(id)) {
            if (!lockedForWriting(query)) {
                return;
            }
            MapAbsentEntry<byte[], byte[]> absent = query.absentEntry();
            if (absent != null) {
                query.writeLock().lock();
                absent.doInsert(new PageData(page, check(id, page)));
            }
        } catch (IllegalStateException e) {
            if (!isFull()) {
                throw e;
            }
            // Another process took the room.
            return;
        }
        remember(id.clone());
    }

    private boolean isFull() {
        return map.longSize() >= entries;
    }

    /// @return whether there is room, or the page needs none
    private boolean makeRoom(byte[] id) {
        if (map.containsKey(id)) {
            return true;
        }
        for (Optional<byte[]> oldest = oldest(); oldest.isPresent(); oldest = oldest()) {
            known.remove(ByteBuffer.wrap(oldest.get()));
            try (ExternalMapQueryContext<byte[], byte[], ?> query = map.queryContext(oldest.get())) {
                if (!lockedForWriting(query)) {
                    return false;
                }
                MapEntry<byte[], byte[]> entry = query.entry();
                if (entry != null) {
                    query.writeLock().lock();
                    entry.doRemove();
                    return true;
                }
            }
        }
        return false;
    }

    private Optional<byte[]> oldest() {
        return known.keySet().stream().findFirst().map(ByteBuffer::array);
    }

    private void remember(byte[] id) {
        known.put(ByteBuffer.wrap(id), true);
    }

    private boolean lockedForWriting(ExternalMapQueryContext<byte[], byte[], ?> query) {
        try {
            query.updateLock().lock();
        } catch (InterProcessDeadLockException e) {
            missedWrites++;
            if (missedWrites == MAX_MISSED_WRITES) {
                throw e;
            }
            return false;
        }
        missedWrites = 0;
        return true;
    }

    /// A page and its check, as an entry's value.
    private static final class PageData extends AbstractData<byte[]> {
        private final MemorySegment page;
        private final int check;

        PageData(MemorySegment page, int check) {
            this.page = page;
            this.check = check;
        }

        @Override
        public long size() {
            return page.byteSize() + CHECK_BYTES;
        }

        @Override
        @SuppressWarnings("rawtypes") // as the interface has it
        public void writeTo(RandomDataOutput target, long offset) {
            MemorySegment value =
                    MemorySegment.ofAddress(target.addressForWrite(offset)).reinterpret(size());
            MemorySegment.copy(page, 0, value, 0, page.byteSize());
            value.set(CHECK, page.byteSize(), check);
        }

        @Override
        public byte[] get() {
            throw new UnsupportedOperationException("a page is never an array");
        }

        @Override
        public byte[] getUsing(byte[] using) {
            return get();
        }

        @Override
        public RandomDataInput bytes() {
            throw new UnsupportedOperationException("a page lies in the engine's memory");
        }

        @Override
        public long offset() {
            return 0;
        }
    }

    private static MemorySegment value(Data<byte[]> data) {
        return MemorySegment.ofAddress(data.bytes().addressForRead(data.offset()))
                .reinterpret(data.size());
    }

    private static int check(byte[] id, MemorySegment page) {
        CRC32C crc = new CRC32C();
        crc.update(id);
        crc.update(page.asByteBuffer());
        return (int) crc.getValue();
    }

    @Override
    public void close() {
        map.close();
    }
}
