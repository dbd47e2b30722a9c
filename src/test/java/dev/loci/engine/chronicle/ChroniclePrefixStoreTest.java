package dev.loci.engine.chronicle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.loci.engine.chronicle.StoreChild.Mode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ChroniclePrefixStoreTest {
    private static final long PAGE = 64 << 10;
    private static final long SIZE = 4 << 20;
    private static final long ROOM = PageMap.entries(PAGE, SIZE);

    @TempDir
    private Path folder;

    private final List<String> complaints = new CopyOnWriteArrayList<>();

    private ChroniclePrefixStore store(long pageBytes, long maxBytes) {
        return ChroniclePrefixStore.open(folder, pageBytes, maxBytes, complaints::add);
    }

    private ChroniclePrefixStore openStore() throws InterruptedException {
        ChroniclePrefixStore store = store(PAGE, SIZE);
        assertThat(store.awaitOpen()).as(complaints.toString()).isTrue();
        return store;
    }

    private static void write(ChroniclePrefixStore store, int number) {
        store.write(Pages.id(number), Pages.page(number, PAGE));
    }

    /// Whether the page is there; what is there is the page, whole.
    private static boolean holds(ChroniclePrefixStore store, int number) {
        MemorySegment page = Pages.blank(PAGE).fill((byte) 0x5a);
        boolean there = store.read(Pages.id(number), page);
        MemorySegment expected =
                there ? Pages.page(number, PAGE) : Pages.blank(PAGE).fill((byte) 0x5a);
        assertThat(page.mismatch(expected)).as("page " + number).isEqualTo(-1);
        return there;
    }

    private static long held(ChroniclePrefixStore store, int from, int to) {
        return IntStream.range(from, to).filter(number -> holds(store, number)).count();
    }

    private UseFile useFile() throws IOException {
        return UseFile.open(folder.toRealPath().resolve("prefixes-v1-" + PAGE + ".map.lock"));
    }

    private List<String> files() throws IOException {
        try (Stream<Path> paths = Files.list(folder)) {
            return paths.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void keepsPagesOverARestart() throws Exception {
        try (ChroniclePrefixStore store = openStore()) {
            assertThat(holds(store, 1)).isFalse();
            write(store, 1);
            write(store, 1);
            write(store, 2);
            assertThat(held(store, 0, 4)).isEqualTo(2);
        }
        try (ChroniclePrefixStore store = openStore()) {
            assertThat(held(store, 1, 3)).isEqualTo(2);
        }
        assertThat(complaints).isEmpty();
    }

    @Test
    void isEmptyUntilItIsOpen() throws Exception {
        try (StoreChild child = StoreChild.start(folder, PAGE, SIZE, Mode.GATE, 0, 0)) {
            assertThat(child.line()).isEqualTo("gate");
            try (ChroniclePrefixStore store = store(PAGE, SIZE)) {
                write(store, 1);
                assertThat(holds(store, 1)).isFalse();
                assertThat(child.end()).isZero();
                assertThat(store.awaitOpen()).isTrue();
                assertThat(holds(store, 1)).isFalse();
                write(store, 1);
                assertThat(holds(store, 1)).isTrue();
            }
        }
        assertThat(complaints).isEmpty();
    }

    @Test
    void processesShareAFile() throws Exception {
        try (ChroniclePrefixStore store = openStore()) {
            IntStream.range(0, 5).forEach(number -> write(store, number));
            try (StoreChild child = StoreChild.start(folder, PAGE, SIZE, Mode.ONCE, 5, 10)) {
                assertThat(child.line()).isEqualTo("holds 10");
                assertThat(held(store, 0, 12)).isEqualTo(10);
                assertThat(child.end()).isZero();
            }
            write(store, 11);
        }
        try (UseFile use = useFile()) {
            assertThat(use.users()).isZero();
        }
        try (ChroniclePrefixStore store = openStore()) {
            assertThat(held(store, 0, 12)).isEqualTo(11);
        }
        assertThat(complaints).isEmpty();
    }

    @Test
    void aLockOfADeadProcessSilencesItUntilTheFileIsRecovered() throws Exception {
        try (ChroniclePrefixStore store = openStore()) {
            write(store, 1);
            try (StoreChild child = StoreChild.start(folder, PAGE, SIZE, Mode.LOCK, 0, 0)) {
                assertThat(child.line()).isEqualTo("lock");
                child.kill();
            }
            assertThat(holds(store, 1)).isFalse();
            write(store, 1);
            assertThat(holds(store, 1)).isFalse();
        }
        assertThat(complaints)
                .containsExactly("prefix cache " + folder.resolve("prefixes-v1-" + PAGE + ".map")
                        + ", use: expected a file in order, found a lock that a process holds for more than 2000 ms; "
                        + "going on without it");
        try (ChroniclePrefixStore store = openStore()) {
            assertThat(holds(store, 1)).isTrue();
            write(store, 2);
            assertThat(holds(store, 2)).isTrue();
        }
        assertThat(complaints).hasSize(1);
    }

    @Test
    void pagesAreWholeAfterAWriterWasKilled() throws Exception {
        int last = Math.toIntExact(ROOM);
        for (int round = 0; round < 2; round++) {
            try (StoreChild child = StoreChild.start(folder, PAGE, SIZE, Mode.FOREVER, 0, last)) {
                assertThat(child.line()).startsWith("holds ");
                child.kill();
            }
            try (UseFile use = useFile()) {
                assertThat(use.users()).isEqualTo(1);
            }
            try (ChroniclePrefixStore store = openStore()) {
                assertThat(held(store, 0, 20 * last)).isPositive();
                write(store, -1);
                assertThat(holds(store, -1)).isTrue();
            }
        }
        assertThat(complaints).isEmpty();
    }

    @Test
    void aPageThatIsNotWhatWasWrittenIsNotThere() throws Exception {
        try (ChroniclePrefixStore store = openStore()) {
            write(store, 1);
        }
        Path file = folder.resolve("prefixes-v1-" + PAGE + ".map");
        byte[] bytes = Files.readAllBytes(file);
        // The end of the one page, or its check.
        for (int i = bytes.length - 1, left = 100; left > 0; i--) {
            if (bytes[i] != 0) {
                bytes[i] ^= 1;
                left--;
            }
        }
        Files.write(file, bytes);
        try (ChroniclePrefixStore store = openStore()) {
            assertThat(holds(store, 1)).isFalse();
        }
        assertThat(complaints).singleElement().asString().contains("a page whose checksum is another");
        try (ChroniclePrefixStore store = openStore()) {
            assertThat(holds(store, 1)).isFalse();
            write(store, 1);
            assertThat(holds(store, 1)).isTrue();
        }
        assertThat(complaints).hasSize(1);
    }

    @Test
    void whatIsNoMapIsReplacedAfterAnUncleanEnd() throws Exception {
        try (ChroniclePrefixStore store = openStore()) {
            write(store, 1);
        }
        try (UseFile use = useFile()) {
            use.enter();
        }
        Path file = folder.resolve("prefixes-v1-" + PAGE + ".map");
        byte[] bytes = Files.readAllBytes(file);
        Arrays.fill(bytes, 12, 2000, (byte) 'x');
        Files.write(file, bytes);
        try (ChroniclePrefixStore store = openStore()) {
            write(store, 2);
            assertThat(holds(store, 2)).isTrue();
        }
    }

    @Test
    void pagesOfAnotherSizeLieInAnotherFile() throws Exception {
        try (ChroniclePrefixStore store = openStore();
                ChroniclePrefixStore other = store(2 * PAGE, SIZE)) {
            assertThat(other.awaitOpen()).isTrue();
            write(store, 1);
            MemorySegment page = Pages.blank(2 * PAGE);
            assertThat(other.read(Pages.id(1), page)).isFalse();
            other.write(Pages.id(1), Pages.page(7, 2 * PAGE));
            assertThat(holds(store, 1)).isTrue();
            assertThat(other.read(Pages.id(1), page)).isTrue();
            assertThat(page.mismatch(Pages.page(7, 2 * PAGE))).isEqualTo(-1);
        }
        assertThat(files())
                .containsExactly(
                        "prefixes-v1-131072.map",
                        "prefixes-v1-131072.map.lock",
                        "prefixes-v1-65536.map",
                        "prefixes-v1-65536.map.lock");
    }

    @Test
    void anotherSizeEmptiesTheFile() throws Exception {
        try (ChroniclePrefixStore store = openStore()) {
            write(store, 1);
        }
        try (ChroniclePrefixStore store = store(PAGE, 2 * SIZE)) {
            assertThat(store.awaitOpen()).isTrue();
            assertThat(holds(store, 1)).isFalse();
            for (int number = 0; number < ROOM + 5; number++) {
                write(store, number);
            }
            assertThat(held(store, 0, Math.toIntExact(ROOM) + 5)).isEqualTo(ROOM + 5);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "4096, 200000",
        "4096, 16777216",
        "65536, 4194304",
        "1048576, 1200000",
        "1048576, 67108864",
        "100, 40000"
    })
    void theFileIsNoLargerThanItMayBe(long pageBytes, long maxBytes) throws Exception {
        try (ChroniclePrefixStore store = store(pageBytes, maxBytes)) {
            assertThat(store.awaitOpen()).as(complaints.toString()).isTrue();
            long room = PageMap.entries(pageBytes, maxBytes);
            MemorySegment page = Pages.blank(pageBytes);
            for (int number = 0; number < room; number++) {
                store.write(Pages.id(number), page);
            }
            for (int number = 0; number < room; number++) {
                assertThat(store.read(Pages.id(number), page))
                        .as("page " + number)
                        .isTrue();
            }
        }
        assertThat(Files.size(folder.resolve("prefixes-v1-" + pageBytes + ".map")))
                .isLessThanOrEqualTo(maxBytes);
        assertThat(complaints).isEmpty();
    }

    @Test
    void saysWhyItKeepsNothing() throws Exception {
        Path file = folder.resolve("prefixes-v1-" + PAGE + ".map");
        try (ChroniclePrefixStore store = store(PAGE, PAGE)) {
            assertThat(store.awaitOpen()).isFalse();
            write(store, 1);
            assertThat(holds(store, 1)).isFalse();
        }
        assertThat(complaints)
                .containsExactly("prefix cache " + file
                        + ", size: expected room for a page of 65536 bytes, found 65536 bytes; going on without it");
        complaints.clear();
        try (ChroniclePrefixStore store = openStore();
                ChroniclePrefixStore second = store(PAGE, SIZE)) {
            assertThat(second.awaitOpen()).isFalse();
            write(store, 1);
            assertThat(holds(second, 1)).isFalse();
        }
        assertThat(complaints).singleElement().asString().contains("expected one store in a process, found a second");
    }

    @Test
    void refusesWhatIsNoIdAndNoPage() {
        try (ChroniclePrefixStore store = store(PAGE, SIZE)) {
            assertThatThrownBy(() -> store.read(new byte[31], Pages.blank(PAGE)))
                    .hasMessage("id: expected 32 bytes, found 31");
            assertThatThrownBy(() -> store.write(new byte[32], Pages.blank(PAGE - 8)))
                    .hasMessage("page: expected 65536 bytes, found 65528");
        }
    }

    @Test
    void writesNothingElsewhere() throws Exception {
        Path home = Files.createDirectory(folder.resolve("home"));
        Path temp = Files.createDirectory(folder.resolve("temp"));
        Path pages = folder.resolve("pages");
        try (StoreChild child = StoreChild.start(
                pages, PAGE, SIZE, Mode.ONCE, 0, 1, "-Duser.home=" + home, "-Djava.io.tmpdir=" + temp)) {
            assertThat(child.line()).isEqualTo("holds 1");
            assertThat(child.end()).isZero();
        }
        assertThat(files()).containsExactly("home", "pages", "temp");
        assertThat(home).isEmptyDirectory();
        assertThat(temp).isEmptyDirectory();
    }

    @Test
    void theReporterIsNotThere() {
        assertThatThrownBy(() -> Class.forName("net.openhft.chronicle.analytics.Analytics"))
                .isInstanceOf(ClassNotFoundException.class);
    }

    @Test
    void dropsThePageThatWasNotUsedForLongest() throws Exception {
        int room = Math.toIntExact(ROOM);
        try (ChroniclePrefixStore store = openStore()) {
            for (int number = 0; number < room; number++) {
                write(store, number);
            }
            assertThat(holds(store, 0)).isTrue();
            write(store, room);
            assertThat(holds(store, 0)).isTrue();
            assertThat(holds(store, 1)).isFalse();
            assertThat(held(store, 2, room + 1)).isEqualTo(room - 1);
        }
        try (ChroniclePrefixStore store = openStore()) {
            // What a start finds is dropped before what it uses itself.
            assertThat(holds(store, 0)).isTrue();
            for (int number = 2 * room; number < 3 * room - 1; number++) {
                write(store, number);
            }
            assertThat(held(store, 2 * room, 3 * room - 1)).isEqualTo(room - 1);
            assertThat(holds(store, 0)).isTrue();
        }
        assertThat(complaints).isEmpty();
    }
}
