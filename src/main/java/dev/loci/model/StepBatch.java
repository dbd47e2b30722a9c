package dev.loci.model;

import dev.loci.kernel.StepTokens;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// The new tokens of one step, refilled for each. Used by one thread.
public final class StepBatch {
    private final int maxTokens;
    private final MemorySegment ids;
    private final MemorySegment positions;
    private final MemorySegment sequences;
    private final int[] outputs;
    private final int[] traces;
    private int tokens;
    private int outputCount;
    private int traceCount;

    /// @param arena owns the buffers
    public StepBatch(Arena arena, int maxTokens) {
        this.maxTokens = maxTokens;
        this.ids = arena.allocate(4L * maxTokens, 64);
        this.positions = arena.allocate(4L * maxTokens, 64);
        this.sequences = arena.allocate(4L * maxTokens, 64);
        this.outputs = new int[maxTokens];
        this.traces = new int[maxTokens];
    }

    public void clear() {
        tokens = 0;
        outputCount = 0;
        traceCount = 0;
    }

    /// Appends a token; those of one sequence come in order of position.
    /// @param sequence row of the page table
    /// @param output   whether logits are wanted after this token
    public void add(int sequence, int id, int position, boolean output) {
        if (tokens == maxTokens) {
            throw new IllegalStateException("step, tokens: expected at most " + maxTokens + ", found one more");
        }
        ids.setAtIndex(ValueLayout.JAVA_INT, tokens, id);
        positions.setAtIndex(ValueLayout.JAVA_INT, tokens, position);
        sequences.setAtIndex(ValueLayout.JAVA_INT, tokens, sequence);
        if (output) {
            outputs[outputCount++] = tokens;
        }
        tokens++;
    }

    /// Has what the memory layers hit for the token added last kept in [ForwardPass#trace]. Once for a token.
    /// @return its place there
    public int traceLast() {
        traces[traceCount] = tokens - 1;
        return traceCount++;
    }

    public int tokens() {
        return tokens;
    }

    public int maxTokens() {
        return maxTokens;
    }

    /// Tokens after which logits are wanted.
    public int outputs() {
        return outputCount;
    }

    /// Index, among the step's tokens, of an output.
    int output(int index) {
        return outputs[index];
    }

    /// Tokens whose hits are kept.
    int traced() {
        return traceCount;
    }

    /// Index, among the step's tokens, of one whose hits are kept.
    int traced(int place) {
        return traces[place];
    }

    /// `i32[tokens]`
    MemorySegment ids() {
        return ids;
    }

    StepTokens places() {
        return new StepTokens(positions, sequences, tokens);
    }
}
