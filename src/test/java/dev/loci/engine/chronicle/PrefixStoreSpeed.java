package dev.loci.engine.chronicle;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/// How fast pages come from a store, and go there: run by hand, by `perf/prefix-store`.
///
/// Opens a store of 1 GiB in the folder, fills it with pages of the given size, and reads all of them, five times. Each
/// line is one pass. Writing is to show no cliff; reading is what a hit costs.
public final class PrefixStoreSpeed {
    private static final long SIZE = 1L << 30;
    private static final int PASSES = 5;

    private PrefixStoreSpeed() {}

    public static void main(String[] args) throws InterruptedException {
        Path folder = Path.of(args[0]);
        long pageBytes = Long.parseLong(args[1]) << 10;
        int pages = Math.toIntExact(PageMap.entries(pageBytes, SIZE));
        long started = System.nanoTime();
        try (ChroniclePrefixStore store =
                        ChroniclePrefixStore.open(folder, pageBytes, SIZE, message -> System.out.println(message));
                Arena arena = Arena.ofConfined()) {
            MemorySegment page = arena.allocate(pageBytes, 64);
            if (!store.awaitOpen()) {
                return;
            }
            System.out.println("open ms " + (System.nanoTime() - started) / 1_000_000);
            page.fill((byte) 7);
            started = System.nanoTime();
            for (int number = 0; number < pages; number++) {
                store.write(Pages.id(number), page);
            }
            report("write", pages, pageBytes, System.nanoTime() - started);
            for (int pass = 0; pass < PASSES; pass++) {
                int held = 0;
                started = System.nanoTime();
                for (int number = 0; number < pages; number++) {
                    held += store.read(Pages.id(number), page) ? 1 : 0;
                }
                report("read", held, pageBytes, System.nanoTime() - started);
            }
        }
    }

    private static void report(String what, long pages, long pageBytes, long nanos) {
        System.out.println(what + " pages " + pages + ", us/page " + nanos / 1_000 / pages + ", MB/s "
                + pages * pageBytes * 1_000 / nanos);
    }
}
