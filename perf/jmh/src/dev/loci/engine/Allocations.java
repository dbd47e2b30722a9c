package dev.loci.engine;

import com.sun.management.ThreadMXBean;
import dev.loci.kernel.Kernels;
import dev.loci.kernel.MappedMemory;
import dev.loci.kernel.select.KernelBackend;
import dev.loci.kernel.select.KernelOptions;
import dev.loci.kernel.select.KernelSelector;
import dev.loci.store.HugePages;
import dev.loci.store.ModelDirectory;
import dev.loci.tokenizer.Tokenizer;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordingFile;

/// `perf/allocations [SEQUENCES]`: bytes that the step loop's thread allocates for a new token, and, from a flight
/// recording, where. Prompts run before the count begins; the sinks keep nothing.
public final class Allocations {
    private static final int NEW_TOKENS = 256;
    private static final int WARM_ROUNDS = 8;
    private static final int ROUNDS = 4;
    private static final int SITES = 12;

    private Allocations() {}

    public static void main(String[] args) throws IOException, InterruptedException {
        int sequences = args.length == 0 ? 16 : Integer.parseInt(args[0]);
        KernelOptions backend = new KernelOptions(KernelBackend.NATIVE, 0, Optional.empty());
        MappedMemory memory = KernelSelector.mappedMemory(backend);
        Path model = Path.of(System.getProperty("loci.root"), "model-store/loci-mini");
        try (ModelDirectory directory = ModelDirectory.open(model, memory, HugePages.OFF);
                Tokenizer tokenizer = Tokenizer.open(directory.tokenizerFile());
                Kernels kernels = KernelSelector.open(backend).kernels();
                Engine engine = Engine.open(directory, tokenizer, kernels, memory, EngineOptions.DEFAULT)) {
            for (Sampling sampling : List.of(Sampling.GREEDY, new Sampling(0.8, 0.95, 0, 0, 7))) {
                for (int round = 0; round < WARM_ROUNDS; round++) {
                    run(engine, sequences, sampling);
                }
                Path file = Files.createTempFile("loci-allocations-", ".jfr");
                try (Recording recording = new Recording()) {
                    recording.enable("jdk.ObjectAllocationSample").with("throttle", "1000/s");
                    recording.start();
                    long bytes = 0;
                    for (int round = 0; round < ROUNDS; round++) {
                        bytes += run(engine, sequences, sampling);
                    }
                    recording.stop();
                    recording.dump(file);
                    System.out.printf(
                            "%s, %d sequences: %.1f bytes a token of the step loop's thread%n",
                            sampling.temperature() == 0 ? "greedy" : "temperature 0.8, top-p 0.95",
                            sequences,
                            (double) bytes / ((long) ROUNDS * sequences * (NEW_TOKENS - 2)));
                    print(file);
                } finally {
                    Files.delete(file);
                }
            }
        }
    }

    /// @return bytes that the step loop's thread allocated from the first token that all have to one before the last
    private static long run(Engine engine, int sequences, Sampling sampling) throws InterruptedException {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        CountDownLatch ended = new CountDownLatch(sequences);
        AtomicLong first = new AtomicLong();
        AtomicLong last = new AtomicLong();
        int[] told = new int[1];
        for (int s = 0; s < sequences; s++) {
            int place = s;
            int[] prompt = IntStream.range(0, 8).map(i -> 100 + 31 * place + i).toArray();
            int[] drawn = new int[1];
            engine.submit(
                    new GenerationRequest(
                            prompt,
                            NEW_TOKENS,
                            0,
                            sampling,
                            List.of(),
                            List.of(),
                            true,
                            OptionalInt.empty(),
                            OptionalInt.empty(),
                            GenerationRequest.Client.ANYONE),
                    event -> {
                        if (event instanceof GenerationEvent.Token) {
                            drawn[0]++;
                            if (drawn[0] == 1 && ++told[0] == sequences) {
                                first.set(threads.getThreadAllocatedBytes(Thread.currentThread().threadId()));
                            } else if (drawn[0] == NEW_TOKENS - 1 && last.get() == 0) {
                                last.set(threads.getThreadAllocatedBytes(Thread.currentThread().threadId()));
                            }
                        } else {
                            ended.countDown();
                        }
                    });
        }
        ended.await();
        return last.get() - first.get();
    }

    /// The places with the greatest weight of the step loop's thread.
    private static void print(Path file) throws IOException {
        Map<String, Long> weights = new TreeMap<>();
        long all = 0;
        boolean first = true;
        for (RecordedEvent event : RecordingFile.readAllEvents(file)) {
            if (event.getThread() == null || !"loci-step".equals(event.getThread().getJavaName())) {
                continue;
            }
            if (first) { // it weighs what was allocated since the recording before
                first = false;
                continue;
            }
            String at = event.getStackTrace().getFrames().stream()
                    .filter(frame -> frame.getMethod().getType().getName().startsWith("dev.loci"))
                    .findFirst()
                    .map(Allocations::place)
                    .orElse("elsewhere");
            weights.merge(event.getClass("objectClass").getName() + " in " + at, event.getLong("weight"), Long::sum);
            all += event.getLong("weight");
        }
        long total = Math.max(1, all);
        weights.entrySet().stream()
                .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
                .limit(SITES)
                .forEach(entry -> System.out.printf("  %4.1f %% %s%n", 100.0 * entry.getValue() / total, entry.getKey()));
    }

    private static String place(RecordedFrame frame) {
        return frame.getMethod().getType().getName() + "." + frame.getMethod().getName() + ":" + frame.getLineNumber();
    }
}
