package dev.loci.cli;

import dev.loci.app.Program;
import org.junit.jupiter.api.Nested;

final class SigtermTest {
    @Nested
    final class Packaged extends Sigterm {
        @Override
        Program program() {
            return Program.packaged();
        }
    }

    @Nested
    final class Executable extends Sigterm {
        @Override
        Program program() {
            return Program.executable();
        }
    }
}
