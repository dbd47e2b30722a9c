package dev.loci.cli.bench;

import dev.loci.kernel.LimitKernel.Product;
import java.util.EnumMap;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;

/// What the machine does at most with the threads of the kernels.
final class MachineLimits {
    private double readBytes;
    private final Map<Integer, Double> rowBytes = new TreeMap<>();
    private final Map<Product, Double> operations = new EnumMap<>(Product.class);

    void read(double bytesPerSecond) {
        readBytes = Math.max(readBytes, bytesPerSecond);
    }

    void rows(int bytes, double bytesPerSecond) {
        rowBytes.merge(bytes, bytesPerSecond, Math::max);
    }

    void product(Product product, double operationsPerSecond) {
        operations.put(product, operationsPerSecond);
    }

    double readBytes() {
        return readBytes;
    }

    /// Bytes a second of random rows, of the nearest size measured.
    OptionalDouble rows(int bytes) {
        return rowBytes.entrySet().stream()
                .min((a, b) -> Integer.compare(Math.abs(a.getKey() - bytes), Math.abs(b.getKey() - bytes)))
                .map(entry -> OptionalDouble.of(entry.getValue()))
                .orElse(OptionalDouble.empty());
    }

    /// Operations a second of the fastest of these products; 0 where there is none.
    double operations(Product... products) {
        double most = 0;
        for (Product product : products) {
            most = Math.max(most, operations.getOrDefault(product, 0.0));
        }
        return most;
    }
}
