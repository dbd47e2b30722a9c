package dev.loci.cli;

import dev.loci.kernel.RowType;
import dev.loci.kernel.WeightType;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.Optional;
import picocli.CommandLine.Option;

/// Types that a written model has.
@RegisterForReflection
final class TypeOptions {
    @Option(
            names = "--dtype",
            paramLabel = "T",
            description = "Type of the dense weights: f32, bf16 or int8 (default: the source's).")
    private Optional<String> dense;

    @Option(
            names = "--table-dtype",
            paramLabel = "T",
            description = "Type of the table rows: f32, bf16, f16, int8 or int4 (default: as --dtype).")
    private Optional<String> table;

    Optional<WeightType> dense() {
        return dense.map(name -> Names.parse(WeightType.class, "--dtype", name));
    }

    Optional<RowType> table() {
        return table.map(name -> Names.parse(RowType.class, "--table-dtype", name));
    }
}
