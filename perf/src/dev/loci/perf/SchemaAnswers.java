package dev.loci.perf;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;

/// Asks for an answer to each schema of a file, several at once, and has each answer judged.
///
/// The judge is another program: it knows a validator that is not Loci's, and it keeps this one free of libraries.
final class SchemaAnswers {
    private static final int SHOWN = 8;

    /// @param schemas   that answers are wanted for; refused ones do not count
    /// @param maxTokens of an answer
    record Plan(Path cases, int schemas, int clients, int maxTokens, int seed) {}

    private final Http http;
    private final String model;
    private final Plan plan;
    private final List<String> lines;
    private final AtomicInteger next = new AtomicInteger();
    private final AtomicInteger used = new AtomicInteger();
    private final Map<String, Integer> counts = new TreeMap<>();
    private final List<String> wrong = new ArrayList<>();
    private final Process judge;
    private final Writer toJudge;
    private final BufferedReader fromJudge;

    SchemaAnswers(Http http, String model, Plan plan) throws IOException {
        this.http = http;
        this.model = model;
        this.plan = plan;
        this.lines = Files.readAllLines(plan.cases()).stream()
                .filter(line -> !line.isBlank())
                .toList();
        this.judge = judge();
        this.toJudge = judge.outputWriter(StandardCharsets.UTF_8);
        this.fromJudge = judge.inputReader(StandardCharsets.UTF_8);
    }

    private static Process judge() throws IOException {
        Path target = Path.of(System.getProperty("loci.root"), "target");
        String libraries = Files.readString(target.resolve("test-classpath")).strip();
        Process started = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx512m",
                        "-XX:+UseSerialGC",
                        "-cp",
                        target.resolve("test-classes") + ":" + target.resolve("classes") + ":" + libraries,
                        "dev.loci.grammar.AnswerJudge")
                .redirectError(target.resolve("perf/structured-judge.log").toFile())
                .start();
        Runtime.getRuntime().addShutdownHook(new Thread(started::destroyForcibly));
        return started;
    }

    /// @return whether every claim holds
    boolean run() throws InterruptedException {
        List<Thread> clients = new ArrayList<>();
        for (int i = 0; i < plan.clients(); i++) {
            clients.add(Thread.ofPlatform().start(this::askOnAndOn));
        }
        for (Thread client : clients) {
            client.join();
        }
        judge.destroy();
        wrong.stream().limit(SHOWN).forEach(line -> System.out.println("      " + line));
        System.out.println("answers: " + counts);
        int complete = count("valid");
        int cut = count("beginning");
        boolean holds = Programs.check(
                complete + cut + count("unjudged") == plan.schemas(),
                plan.schemas() + " schemas are answered, refused ones left out",
                complete + " complete, " + cut + " cut by length, " + count("unjudged")
                        + " that the validator cannot judge, " + count("refused") + " schemas refused");
        holds &= Programs.check(
                count("invalid") == 0, "every answer that stopped is valid by another validator", count("invalid") + " are not");
        holds &= Programs.check(
                count("no beginning") == 0,
                "every answer cut by length begins a valid one (its bytes go through the schema's machine)",
                count("no beginning") + " do not");
        holds &= Programs.check(
                count("failed") == 0, "no request fails but by a refusal with a name", count("failed") + " failed");
        return holds;
    }

    private synchronized int count(String outcome) {
        return counts.getOrDefault(outcome, 0);
    }

    private void askOnAndOn() {
        while (used.getAndIncrement() < plan.schemas()) {
            boolean answered = false;
            while (!answered) {
                int index = next.getAndIncrement();
                if (index >= lines.size()) {
                    return;
                }
                answered = ask(index);
            }
        }
    }

    /// @return whether the schema was not refused
    private boolean ask(int index) {
        String name = Json.at(Json.parse(lines.get(index)), "name").toString();
        String schema = Json.member(lines.get(index), "schema");
        String body = "{\"model\":" + Json.quote(model)
                + ",\"messages\":[{\"role\":\"user\",\"content\":\"An example, please.\"}],\"temperature\":1,\"seed\":"
                + (plan.seed() + index) + ",\"max_tokens\":" + plan.maxTokens() + ",\"response_format\":"
                + Workload.responseFormat(schema) + "}";
        try {
            Http.Reply reply = http.whole(http.post("/v1/chat/completions", "", body));
            Object answer = Json.parse(reply.body());
            if (reply.status() == 400 && Json.at(answer, "error", "param") instanceof String param) {
                boolean named = param.startsWith("response_format");
                note(named ? "refused" : "failed", named ? "" : name + ": " + reply.body());
                return false;
            }
            if (reply.status() != 200) {
                note("failed", name + ": " + reply.status() + " " + reply.body());
                return true;
            }
            Object choice = Json.at(answer, "choices", 0);
            String text = (String) Json.at(choice, "message", "content");
            boolean whole = "stop".equals(Json.at(choice, "finish_reason"));
            judge(name, schema, text, whole);
        } catch (IOException | IllegalArgumentException e) {
            note("failed", name + ": " + e);
        }
        return true;
    }

    private synchronized void judge(String name, String schema, String text, boolean whole) {
        try {
            toJudge.write(
                    "{\"schema\":" + schema + ",\"text\":" + Json.quote(text) + ",\"whole\":" + whole + "}\n");
            toJudge.flush();
            String verdict = fromJudge.readLine();
            if (verdict == null) {
                throw new IOException("the judge ended; see target/perf/structured-judge.log");
            }
            String[] parts = verdict.split("\t", 2);
            note(parts[0], parts[1].isEmpty() ? "" : name + ": " + parts[1] + ": " + text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private synchronized void note(String outcome, String why) {
        counts.merge(outcome, 1, Integer::sum);
        if (!why.isEmpty()) {
            wrong.add(outcome + ": " + why.substring(0, Math.min(why.length(), 600)));
        }
    }
}
