package dev.loci.telemetry;

import dev.loci.engine.EngineObserver;
import dev.loci.engine.Generation;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import jdk.jfr.FlightRecorder;

/// Hears the engine: gives generations to the records of their requests, steps to flight recordings and, where a
/// request that is traced takes part and steps are to be told of, to [StepSpans].
@Singleton
public final class EngineTelemetry implements EngineObserver {
    private static final ScopedValue<KeptRecord> SUBMITTING = ScopedValue.newInstance();

    private final StepSpans spans;
    private final Background background;
    private final Map<Generation, KeptRecord> records = new ConcurrentHashMap<>();
    private final AtomicInteger detailed = new AtomicInteger();
    private final Gathers gathers = new Gathers();
    private boolean tracing;
    private Optional<StepEvent> recording = Optional.empty();

    @Inject
    EngineTelemetry(StepSpans spans, Background background) {
        this.spans = spans;
        this.background = background;
    }

    void submitting(KeptRecord record, Runnable submission) {
        ScopedValue.where(SUBMITTING, record).run(submission);
    }

    @Override
    public void submitted(Generation generation) {
        if (SUBMITTING.isBound()) {
            KeptRecord record = SUBMITTING.get();
            record.submitted(generation);
            if (record.span().detailed()) {
                detailed.incrementAndGet();
            }
            records.put(generation, record);
        }
    }

    @Override
    public void ended(Generation generation) {
        KeptRecord record = records.get(generation);
        if (record != null) {
            record.ended();
        }
    }

    /// The request of these generations is told of.
    void forget(List<Generation> generations) {
        for (Generation generation : generations) {
            KeptRecord record = records.remove(generation);
            if (record != null && record.span().detailed()) {
                detailed.decrementAndGet();
            }
        }
    }

    @Override
    public void stepBegan() {
        tracing = detailed.get() > 0;
        if (tracing) {
            gathers.clear();
        }
        // the first event of a kind registers it, which takes some 50 ms: none is made before anything is recorded
        if (FlightRecorder.isInitialized()) {
            StepEvent event = new StepEvent();
            if (event.isEnabled()) {
                event.begin();
                recording = Optional.of(event);
            }
        }
    }

    @Override
    public void gathered(int layer, long hits, long uniqueRows, long nanos, long faults) {
        if (tracing) {
            gathers.add(layer, hits, uniqueRows, nanos, faults);
        }
        if (FlightRecorder.isInitialized()) {
            GatherEvent event = new GatherEvent();
            event.table = layer;
            event.hits = hits;
            event.uniqueRows = uniqueRows;
            event.nanos = nanos;
            event.majorFaults = faults;
            event.commit();
        }
    }

    @Override
    public void stepEnded(Step step) {
        recording.ifPresent(event -> commit(event, step));
        recording = Optional.empty();
        if (tracing) {
            trace(step);
        }
    }

    private static void commit(StepEvent event, Step step) {
        event.number = step.number();
        event.tokens = step.tokens();
        event.outputs = step.outputs();
        event.sequences = step.sequences();
        event.commit();
    }

    private void trace(Step step) {
        List<RequestSpan> served = new ArrayList<>();
        for (int i = 0; i < step.sequences(); i++) {
            KeptRecord record = records.get(step.sequence(i));
            if (record != null && record.span().detailed()) {
                served.add(record.span());
            }
        }
        if (served.isEmpty()) {
            return;
        }
        List<Gathers.Gather> ofStep = new ArrayList<>();
        for (int i = 0; i < gathers.count(); i++) {
            ofStep.add(gathers.get(i));
        }
        StepSpans.Sample sample = new StepSpans.Sample(
                step.number(),
                step.began(),
                step.nanos(),
                step.tokens(),
                step.outputs(),
                step.sequences(),
                ofStep,
                served);
        background.run(() -> spans.tell(sample));
    }
}
