package dev.loci.perf;

import java.io.IOException;

/// What the programs share: complaints, exit codes, and lines that say whether a claim holds.
final class Programs {
    interface Body {
        int run() throws IOException, InterruptedException;
    }

    private Programs() {}

    static void run(String name, String usage, Body body) {
        int code;
        try {
            code = body.run();
        } catch (Arguments.Wrong e) {
            System.err.println("perf/" + name + ": " + e.getMessage());
            System.err.println(usage.lines().findFirst().orElseThrow());
            code = 2;
        } catch (IOException e) {
            System.err.println("perf/" + name + ": " + e);
            code = 2;
        } catch (InterruptedException e) {
            code = 130;
        }
        System.exit(code);
    }

    static String model(Http http) throws IOException {
        return http.firstModel()
                .orElseThrow(() -> new Arguments.Wrong("/v1/models: expected a model, found none; name one with --model"));
    }

    /// Prints a line and hands the verdict on.
    static boolean check(boolean holds, String claim, String found) {
        System.out.println((holds ? "PASS  " : "FAIL  ") + claim + ": " + found);
        return holds;
    }
}
