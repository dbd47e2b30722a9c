package dev.loci.importer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.loci.tensor.JsonFields;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Pattern;

/// The keys of a model section: a JSON file that is one, or the `model` part of the trainer's YAML file.
final class ModelSection {
    /// A float without a point: a number to the trainer, a string to YAML 1.1.
    private static final Pattern POINTLESS_FLOAT = Pattern.compile("[-+]?[0-9]{1,20}[eE][-+]?[0-9]{1,3}");

    private ModelSection() {}

    static JsonFields read(Path path) {
        String where = path.getFileName().toString();
        String text = SourceText.read(path);
        if (where.endsWith(".yaml") || where.endsWith(".yml")) {
            return yaml(where, text);
        }
        return JsonFields.parse(where, text.getBytes(StandardCharsets.UTF_8), ImportException::of);
    }

    private static JsonFields yaml(String where, String text) {
        JsonNode root;
        try {
            root = YAMLMapper.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build()
                    .readTree(text);
        } catch (JsonProcessingException e) {
            throw ImportException.of(
                    where, "text", "YAML", e.getOriginalMessage().replaceAll("\\s+", " "));
        }
        JsonNode section = root.path("model");
        if (!(section instanceof ObjectNode model)) {
            throw ImportException.of(
                    where, "model", "a section of this name", section.isMissingNode() ? "none" : section.toString());
        }
        for (Map.Entry<String, JsonNode> field : model.properties()) {
            JsonNode value = field.getValue();
            if (value.isTextual() && POINTLESS_FLOAT.matcher(value.textValue()).matches()) {
                field.setValue(DecimalNode.valueOf(new BigDecimal(value.textValue())));
            }
        }
        return JsonFields.of(where, model, ImportException::of);
    }
}
