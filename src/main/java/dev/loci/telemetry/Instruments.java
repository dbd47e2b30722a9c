package dev.loci.telemetry;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.metrics.Meter;
import io.opentelemetry.api.metrics.ObservableDoubleMeasurement;
import io.opentelemetry.api.metrics.ObservableLongMeasurement;
import io.opentelemetry.api.metrics.ObservableMeasurement;
import java.util.ArrayList;
import java.util.List;

/// Instruments that are read together when somebody asks.
final class Instruments {
    private final Meter meter;
    private final List<ObservableMeasurement> all = new ArrayList<>();

    Instruments(Meter meter) {
        this.meter = meter;
    }

    ObservableLongMeasurement counter(String name, String unit, String description) {
        return add(meter.counterBuilder(name)
                .setUnit(unit)
                .setDescription(description)
                .buildObserver());
    }

    /// A number that goes up and down and may be added up over servers.
    ObservableLongMeasurement amount(String name, String unit, String description) {
        return add(meter.upDownCounterBuilder(name)
                .setUnit(unit)
                .setDescription(description)
                .buildObserver());
    }

    ObservableDoubleMeasurement seconds(String name, String description) {
        return add(meter.counterBuilder(name)
                .ofDoubles()
                .setUnit("s")
                .setDescription(description)
                .buildObserver());
    }

    ObservableDoubleMeasurement gauge(String name, String unit, String description) {
        return add(meter.gaugeBuilder(name)
                .setUnit(unit)
                .setDescription(description)
                .buildObserver());
    }

    /// Always 1; its attributes say something.
    ObservableLongMeasurement info(String name, String description) {
        return add(
                meter.gaugeBuilder(name).ofLongs().setDescription(description).buildObserver());
    }

    private <M extends ObservableMeasurement> M add(M measurement) {
        all.add(measurement);
        return measurement;
    }

    /// From now on the callback fills all instruments that were made here.
    void read(Runnable callback) {
        ObservableMeasurement[] others = all.subList(1, all.size()).toArray(ObservableMeasurement[]::new);
        meter.batchCallback(callback, all.getFirst(), others);
    }

    static void seconds(ObservableDoubleMeasurement instrument, long nanos, Attributes attributes) {
        instrument.record(Clock.seconds(nanos), attributes);
    }
}
