package dev.loci.perf;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// One run of each program, as figures by name.
record PeerRuns(Path root, PeerModels models, int threads) {
    private static final int PROMPT = 16;
    private static final int NEW = 128;
    private static final String PREFILL = "prompt of 512, tok/s";

    /// Prints the program's own complaint where it fails.
    static String output(List<String> command) throws IOException, InterruptedException {
        Path log = Files.createTempFile("loci-peers-", ".log");
        try {
            Process process = new ProcessBuilder(command).redirectError(log.toFile()).start();
            String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                System.err.print(Files.readString(log, StandardCharsets.ISO_8859_1));
                throw new Arguments.Wrong(
                        command.getFirst() + ": expected exit code 0, found " + process.exitValue());
            }
            return out;
        } finally {
            Files.delete(log);
        }
    }

    Map<String, Double> llamaBench(Path program) throws IOException, InterruptedException {
        String out = output(List.of(
                program.toString(), "-m", models.gguf().toString(), "-t", "" + threads, "-p", "512", "-n", "" + NEW,
                "-r", "1", "-o", "json"));
        Map<String, Double> figures = new LinkedHashMap<>();
        for (Object test : (List<?>) Json.parse(out)) {
            boolean prompt = Json.whole(test, "n_gen") == 0;
            figures.put(prompt ? PREFILL : decode(1), (Double) Json.at(test, "avg_ts"));
        }
        return figures;
    }

    Map<String, Double> llamaBatched(Path program, List<Integer> batches) throws IOException, InterruptedException {
        String sizes = batches.stream().map(String::valueOf).collect(Collectors.joining(","));
        int context = batches.getLast() * (PROMPT + NEW);
        String out = output(List.of(
                program.toString(), "-m", models.gguf().toString(), "-t", "" + threads, "-c", "" + context, "-npp",
                "" + PROMPT, "-ntg", "" + NEW, "-npl", sizes, "--output-format", "jsonl"));
        Map<String, Double> figures = new LinkedHashMap<>();
        for (String line : out.lines().filter(each -> each.startsWith("{")).toList()) {
            Object run = Json.parse(line);
            figures.put(decode((int) Json.whole(run, "pl")), (Double) Json.at(run, "speed_tg"));
        }
        return figures;
    }

    /// @param limits takes what the machine would reach, for each figure
    Map<String, Double> loci(Map<String, Double> limits) throws IOException, InterruptedException {
        Path json = Files.createTempFile("loci-peers-", ".json");
        try {
            output(List.of(
                    root.resolve("loci").toString(), "bench", "--only", "forward", "--model",
                    models.loci().toString(), "--threads", "" + threads, "--runs", "1", "--table-gib", "0.25",
                    "--json", json.toString()));
            Map<String, Double> figures = new LinkedHashMap<>();
            for (Object record : (List<?>) Json.parse(Files.readString(json))) {
                Object name = Json.at(record, "name");
                boolean prefill = "prefill".equals(name);
                if (prefill || "decode".equals(name)) {
                    String figure = prefill ? PREFILL : decode((int) Json.whole(record, "batch"));
                    figures.put(figure, (Double) Json.at(record, "value"));
                    limits.put(figure, (Double) Json.at(record, "limit"));
                }
            }
            return figures;
        } finally {
            Files.delete(json);
        }
    }

    /// A whole command: its slots hold a prompt and an answer of the workload.
    List<String> llamaServer(Path program, int clients) {
        return List.of(
                program.toString(), "-m", models.gguf().toString(), "-t", "" + threads, "-np", "" + clients, "-c",
                "" + clients * 256);
    }

    List<String> lociServe() {
        return List.of(
                root.resolve("loci").toString(), "serve", "--model", models.loci().toString(), "--threads",
                "" + threads);
    }

    private static String decode(int batch) {
        return "decode, batch " + batch + ", tok/s";
    }
}
