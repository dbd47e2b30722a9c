package dev.loci.telemetry;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/// A memory layer's gather of a step, in flight recordings. An instant: the time that it took is a field.
@Name("dev.loci.Gather")
@Label("Gather")
@Category("Loci")
@Description("Rows of a value table that a memory layer gathered and pooled for a step")
@StackTrace(false)
final class GatherEvent extends Event {
    @Label("Table")
    int table;

    @Label("Hits")
    long hits;

    @Label("Unique Rows")
    long uniqueRows;

    @Label("Time")
    @Timespan(Timespan.NANOSECONDS)
    long nanos;

    @Label("Major Faults")
    long majorFaults;
}
