package dev.loci.perf;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

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
                .orElseThrow(
                        () -> new Arguments.Wrong("/v1/models: expected a model, found none; name one with --model"));
    }

    /// Every size of batch once, so that compiled code and pages are there.
    static void warmUp(Http http, Workload workload, int clients) throws InterruptedException {
        new Load(http, workload.reseeded(-1), Load.Arrivals.count(clients, 6 * clients)).run();
        new Load(http, workload.reseeded(-2), Load.Arrivals.count(1, 4)).run();
    }

    /// Options of `loci serve`: ours, unless the operator gives the same.
    static List<String> options(Arguments arguments, String... ours) {
        List<String> options = new ArrayList<>();
        for (int i = 0; i < ours.length; i += 2) {
            if (!arguments.rest().contains(ours[i])) {
                options.addAll(List.of(ours[i], ours[i + 1]));
            }
        }
        options.addAll(arguments.rest());
        return options;
    }

    /// Prints a line and hands the verdict on.
    static boolean check(boolean holds, String claim, String found) {
        System.out.println((holds ? "PASS  " : "FAIL  ") + claim + ": " + found);
        return holds;
    }
}
