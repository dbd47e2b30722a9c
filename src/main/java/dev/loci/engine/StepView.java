package dev.loci.engine;

import dev.loci.model.StepBatch;
import java.util.List;

/// What an observer may see of a step. One object serves all steps. Owned by the step loop thread.
final class StepView implements EngineObserver.Step {
    private final StepBatch batch;
    private final StepCounters counters;
    private List<Sequence> plan = List.of();

    StepView(StepBatch batch, StepCounters counters) {
        this.batch = batch;
        this.counters = counters;
    }

    /// A step begins that has nobody in it yet.
    void clear() {
        batch.clear();
        plan = List.of();
    }

    void show(List<Sequence> sequences) {
        plan = sequences;
    }

    @Override
    public long number() {
        return counters.steps() - 1;
    }

    @Override
    public long began() {
        return counters.began();
    }

    @Override
    public long nanos() {
        return counters.lastStepNanos();
    }

    @Override
    public int tokens() {
        return batch.tokens();
    }

    @Override
    public int outputs() {
        return batch.outputs();
    }

    @Override
    public int sequences() {
        return plan.size();
    }

    @Override
    public Generation sequence(int index) {
        return plan.get(index);
    }

    @Override
    public int tokensOf(int index) {
        return plan.get(index).planned();
    }
}
