package dev.loci.telemetry;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/// A step, in flight recordings.
@Name("dev.loci.Step")
@Label("Step")
@Category("Loci")
@Description("One forward pass over the new tokens of all sequences that take part")
@StackTrace(false)
final class StepEvent extends Event {
    @Label("Number")
    long number;

    @Label("Tokens")
    int tokens;

    @Label("Outputs")
    @Description("Tokens after which logits were wanted")
    int outputs;

    @Label("Sequences")
    int sequences;
}
