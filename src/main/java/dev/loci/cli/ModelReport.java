package dev.loci.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loci.store.DenseTensor;
import dev.loci.store.Manifest;
import dev.loci.store.ModelConfig;
import dev.loci.store.ModelDirectory;
import dev.loci.store.ValueTable;
import dev.loci.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// What an open model directory holds, as text and as JSON.
final class ModelReport {
    private final ModelDirectory directory;
    private final ModelConfig config;
    private final List<Tensor> tensors;

    ModelReport(ModelDirectory directory) {
        this.directory = directory;
        this.config = directory.config();
        this.tensors = DenseTensor.of(config).stream()
                .map(tensor -> directory.dense(tensor.name()))
                .toList();
    }

    List<String> lines(boolean everyTensor) {
        List<String> lines = new ArrayList<>();
        lines.add(row("model", directory.path().toAbsolutePath().normalize()));
        lines.add(row("source", config.source()));
        lines.add(row(
                "backbone",
                config.layers() + " blocks, width " + config.width() + ", " + config.heads() + " query and "
                        + config.kvHeads() + " key/value heads of " + config.headDim() + ", inner width "
                        + config.ffnInner()));
        lines.add(row("context", config.contextTokens() + " tokens"));
        lines.add(row("vocabulary", config.vocabSize() + " ids of " + config.embeddingRows() + " embedding rows"));
        lines.add(row("stop tokens", config.stopTokens()));
        lines.add(row("chat template", directory.chatTemplate().isPresent() ? "yes" : "none"));
        config.memory().ifPresentOrElse(memory -> addMemory(lines, memory), () -> lines.add(row("memory", "none")));
        addDense(lines, everyTensor);
        addFiles(lines);
        return lines;
    }

    private void addMemory(List<String> lines, ModelConfig.Memory memory) {
        lines.add(row(
                "memory",
                memory.spans().size() + " layers, " + memory.heads() + " heads, " + memory.hits()
                        + " rows a token and layer, of " + memory.rows() + " x " + memory.valueDim()
                        + " in each table, "
                        + Names.of(memory.tableType())));
        for (int layer = 0; layer < directory.tables(); layer++) {
            ModelConfig.Span span = memory.spans().get(layer);
            ValueTable table = directory.table(layer);
            lines.add(row(
                    "  table " + layer,
                    "read at block " + span.read() + ", added at block " + span.add() + "; "
                            + table.rows().rows() + " rows of " + table.layout().stride() + " bytes, "
                            + Sizes.bytes(table.mappedBytes()) + " in " + table.files()
                            + (table.files() == 1 ? " file" : " files")));
        }
    }

    private void addDense(List<String> lines, boolean every) {
        Map<String, Long> bytes = new TreeMap<>();
        for (Tensor tensor : tensors) {
            bytes.merge(dtype(tensor), tensor.data().byteSize(), Long::sum);
        }
        lines.add(row("dense", tensors.size() + " tensors, matrices in " + Names.of(config.denseType())));
        bytes.forEach((dtype, sum) -> lines.add(row("  " + dtype, Sizes.bytes(sum))));
        if (every) {
            tensors.forEach(tensor -> lines.add("    " + tensor.name() + " " + dtype(tensor) + " " + tensor.shape()
                    + " " + Sizes.bytes(tensor.data().byteSize())));
        }
    }

    private void addFiles(List<String> lines) {
        List<Manifest.Entry> files = directory.manifest().files();
        long total = files.stream().mapToLong(Manifest.Entry::bytes).sum();
        lines.add(row("files", files.size() + ", " + Sizes.bytes(total) + "; size and digest of each as written"));
        files.forEach(file -> lines.add(row("  " + Sizes.bytes(file.bytes()), file.name())));
    }

    ObjectNode json() {
        ObjectNode out = JsonNodeFactory.instance.objectNode();
        out.put("source", config.source());
        out.put("digest", directory.digest());
        out.put("layers", config.layers());
        out.put("width", config.width());
        out.put("context_tokens", config.contextTokens());
        out.put("vocab_size", config.vocabSize());
        out.put("dense_type", Names.of(config.denseType()));
        ArrayNode tables = out.putArray("tables");
        config.memory().ifPresent(memory -> {
            for (int layer = 0; layer < directory.tables(); layer++) {
                ValueTable table = directory.table(layer);
                tables.addObject()
                        .put("read", memory.spans().get(layer).read())
                        .put("add", memory.spans().get(layer).add())
                        .put("rows", table.rows().rows())
                        .put("dim", table.layout().dim())
                        .put("dtype", Names.of(table.layout().type()))
                        .put("stride", table.layout().stride())
                        .put("bytes", table.mappedBytes())
                        .put("hits", memory.hits());
            }
        });
        ArrayNode dense = out.putArray("tensors");
        for (Tensor tensor : tensors) {
            ObjectNode node = dense.addObject()
                    .put("name", tensor.name())
                    .put("dtype", dtype(tensor))
                    .put("bytes", tensor.data().byteSize());
            ArrayNode shape = node.putArray("shape");
            tensor.shape().forEach(shape::add);
        }
        ArrayNode files = out.putArray("files");
        for (Manifest.Entry file : directory.manifest().files()) {
            files.addObject()
                    .put("name", file.name())
                    .put("bytes", file.bytes())
                    .put("sha256", file.sha256());
        }
        return out;
    }

    private static String dtype(Tensor tensor) {
        return Names.of(tensor.dtype());
    }

    private static String row(String name, Object value) {
        return name + " ".repeat(Math.max(1, 15 - name.length())) + value;
    }
}
