package dev.loci.app;

import java.net.URI;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// The native executable, serving while the tests of a class run; they are aborted where there is none.
public final class RunningExecutable implements BeforeAllCallback, AfterAllCallback {
    private final String name;
    private final Supplier<Map<String, String>> settings;
    private Program.Server server;

    /// @param name     of its log
    /// @param settings configuration keys with their values, asked for before it starts
    public RunningExecutable(String name, Supplier<Map<String, String>> settings) {
        this.name = name;
        this.settings = settings;
    }

    @Override
    public void beforeAll(ExtensionContext context) throws Exception {
        Program executable = Program.executable();
        server = executable.serve(name, settings.get());
    }

    @Override
    public void afterAll(ExtensionContext context) {
        if (server != null) {
            server.close();
        }
    }

    /// @param path from its root, with a slash before it
    public URI uri(String path) {
        return URI.create("http://127.0.0.1:" + server.port() + path);
    }
}
