package dev.loci.cli;

import java.lang.reflect.Proxy;

/// Signals of the system, given to an action instead of ending the process.
final class Signals {
    /// Ctrl-C of the terminal.
    static final String INTERRUPT = "INT";

    static final String TERMINATE = "TERM";

    private Signals() {}

    /// Sets the action for the rest of the process; it runs on a thread of its own each time.
    /// @return whether the platform lets a program hear the signal
    static boolean on(String name, Runnable action) {
        // By name: javac has no way to silence its warning about this one supported, internal type.
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object proxy = Proxy.newProxyInstance(
                    Signals.class.getClassLoader(), new Class<?>[] {handler}, (self, method, arguments) -> {
                        if (method.getName().equals("handle")) {
                            action.run();
                        }
                        return null;
                    });
            signal.getMethod("handle", signal, handler)
                    .invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
            return true;
        } catch (ReflectiveOperationException | IllegalArgumentException _) {
            return false;
        }
    }
}
