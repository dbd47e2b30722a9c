package dev.loci.grammar;

import java.time.Duration;
import java.util.function.Supplier;

/// Bounds the time that a form takes to become a machine. What is done on its way asks [#check] at each piece of work.
///
/// The bounds on states and rules keep memory; a form can stay within all of them and still take long.
final class CompileLimit {
    private static final ScopedValue<CompileLimit> CURRENT = ScopedValue.newInstance();

    private final Duration limit;
    private final long start = System.nanoTime();

    private CompileLimit(Duration limit) {
        this.limit = limit;
    }

    /// Does some work, which fails with a [GrammarException] where it takes longer.
    static <T> T within(Duration limit, Supplier<T> work) {
        return ScopedValue.where(CURRENT, new CompileLimit(limit)).call(work::get);
    }

    /// @param path of the schema that is worked on; empty where it is not known
    static void check(String path) {
        if (CURRENT.isBound()) {
            CompileLimit current = CURRENT.get();
            if (System.nanoTime() - current.start > current.limit.toNanos()) {
                throw GrammarException.of(
                        path,
                        "",
                        "a form that is made into a machine within " + current.limit.toMillis() + " ms",
                        "one that takes longer");
            }
        }
    }
}
