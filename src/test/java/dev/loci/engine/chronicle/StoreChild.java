package dev.loci.engine.chronicle;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Another process that uses a store. It says a line when it is as far as its mode says, and ends when its input does.
final class StoreChild implements AutoCloseable {
    /// What a child does.
    enum Mode {
        /// Keeps others from opening the map.
        GATE,
        /// Opens the map and holds its lock.
        LOCK,
        /// Writes a range of pages, and says how many of all up to the last there are.
        ONCE,
        /// The same, then writes on.
        FOREVER
    }

    private final Process process;

    private StoreChild(Process process) {
        this.process = process;
    }

    /// Starts a child; its working directory is the folder's parent.
    static StoreChild start(Path folder, long pageBytes, long maxBytes, Mode mode, int from, int to, String... flags)
            throws IOException {
        List<String> command = new ArrayList<>(List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "--enable-native-access=ALL-UNNAMED",
                "--add-exports=jdk.compiler/com.sun.tools.javac.file=ALL-UNNAMED",
                "--add-opens=java.base/java.lang=ALL-UNNAMED",
                "--add-opens=java.base/java.lang.reflect=ALL-UNNAMED",
                "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-XX:TieredStopAtLevel=1"));
        command.addAll(List.of(flags));
        command.addAll(List.of(
                "-cp",
                System.getProperty("java.class.path"),
                StoreChild.class.getName(),
                folder.toString(),
                Long.toString(pageBytes),
                Long.toString(maxBytes),
                mode.name(),
                Integer.toString(from),
                Integer.toString(to)));
        return new StoreChild(new ProcessBuilder(command)
                .directory(folder.getParent().toFile())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start());
    }

    String line() throws IOException {
        return String.valueOf(process.inputReader(StandardCharsets.UTF_8).readLine());
    }

    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /// Lets it close its store and end.
    int end() throws IOException, InterruptedException {
        process.outputWriter(StandardCharsets.UTF_8).close();
        return process.waitFor();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    public static void main(String[] args) throws Exception {
        Path folder = Path.of(args[0]);
        long pageBytes = Long.parseLong(args[1]);
        long maxBytes = Long.parseLong(args[2]);
        int from = Integer.parseInt(args[4]);
        int to = Integer.parseInt(args[5]);
        switch (Mode.valueOf(args[3])) {
            case GATE -> holdGate(folder, pageBytes);
            case LOCK -> holdLock(folder, pageBytes, maxBytes);
            case ONCE -> use(folder, pageBytes, maxBytes, from, to, false);
            case FOREVER -> use(folder, pageBytes, maxBytes, from, to, true);
        }
    }

    private static void say(String line) {
        System.out.println(line);
    }

    private static void awaitEnd() throws IOException {
        while (System.in.read() >= 0) {}
    }

    private static Path map(Path folder, long pageBytes) throws IOException {
        return folder.toRealPath().resolve("prefixes-v1-" + pageBytes + ".map");
    }

    private static void holdGate(Path folder, long pageBytes) throws IOException {
        try (UseFile _ = UseFile.open(Path.of(map(folder, pageBytes) + ".lock"))) {
            say("gate");
            awaitEnd();
        }
    }

    private static void holdLock(Path folder, long pageBytes, long maxBytes) throws IOException {
        UseFile use = UseFile.open(Path.of(map(folder, pageBytes) + ".lock"));
        use.enter();
        long entries = PageMap.entries(pageBytes, maxBytes);
        PageMap pages = PageMap.open(map(folder, pageBytes), Math.toIntExact(pageBytes), entries, false);
        use.opened();
        pages.map.queryContext(Pages.id(0)).writeLock().lock();
        say("lock");
        awaitEnd();
    }

    private static void use(Path folder, long pageBytes, long maxBytes, int from, int to, boolean forever)
            throws Exception {
        try (ChroniclePrefixStore store = ChroniclePrefixStore.open(folder, pageBytes, maxBytes, StoreChild::say)) {
            if (!store.awaitOpen()) {
                return;
            }
            write(store, pageBytes, from, to);
            say("holds " + held(store, pageBytes, to));
            // More than fits: each write drops a page too.
            for (int first = to; forever && first < Integer.MAX_VALUE / 2; first += to - from) {
                write(store, pageBytes, first, first + to - from);
            }
            awaitEnd();
        }
    }

    private static void write(ChroniclePrefixStore store, long pageBytes, int from, int to) {
        for (int number = from; number < to; number++) {
            store.write(Pages.id(number), Pages.page(number, pageBytes));
        }
    }

    private static int held(ChroniclePrefixStore store, long pageBytes, int to) {
        int held = 0;
        for (int number = 0; number < to; number++) {
            MemorySegment page = Pages.blank(pageBytes);
            if (store.read(Pages.id(number), page) && page.mismatch(Pages.page(number, pageBytes)) == -1) {
                held++;
            }
        }
        return held;
    }
}
