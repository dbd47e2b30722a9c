package dev.loci.app;

import dev.loci.api.openai.ApiKeys;
import java.nio.file.Path;
import java.util.Optional;

/// Where the API's keys come from.
/// @param listed those that the configuration has itself
/// @param file   where they stand otherwise; with neither, the API is open to everybody
record KeyOptions(Optional<ApiKeys> listed, Optional<Path> file) {}
