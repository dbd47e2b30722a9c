package dev.loci.app;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;

/// Closes what was opened, the last first; each is closed even if another fails to.
final class ResourceStack implements AutoCloseable {
    private final Deque<Runnable> closers = new ArrayDeque<>();

    <T> T add(T resource, Consumer<? super T> closer) {
        closers.push(() -> closer.accept(resource));
        return resource;
    }

    @Override
    public void close() {
        RuntimeException first = null;
        while (!closers.isEmpty()) {
            try {
                closers.pop().run();
            } catch (RuntimeException e) {
                if (first == null) {
                    first = e;
                } else {
                    first.addSuppressed(e);
                }
            }
        }
        if (first != null) {
            throw first;
        }
    }
}
