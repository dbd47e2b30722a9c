package dev.loci.kernel.scalar;

import java.lang.foreign.Arena;
import org.junit.jupiter.api.AfterEach;

/// Memory for one test.
abstract class ScalarTestCase {
    final Arena arena = Arena.ofConfined();

    @AfterEach
    final void closeArena() {
        arena.close();
    }
}
