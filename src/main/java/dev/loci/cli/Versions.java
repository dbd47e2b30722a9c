package dev.loci.cli;

import dev.loci.kernel.Kernels;
import dev.loci.kernel.select.Isa;
import dev.loci.kernel.select.KernelBackend;
import dev.loci.kernel.select.KernelOptions;
import dev.loci.kernel.select.KernelSelector;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/// What `--version` prints.
final class Versions implements IVersionProvider {
    private static final String BUILD = "/META-INF/maven/dev.loci/loci/pom.properties";

    @Override
    public String[] getVersion() {
        KernelOptions options = new KernelOptions(KernelBackend.AUTO, 1, Isa.capFromEnvironment(System.getenv()));
        KernelSelector.Opened opened = KernelSelector.open(options);
        try (Kernels kernels = opened.kernels()) {
            String reason = opened.fallbackReason().map(why -> " (" + why + ")").orElse("");
            return new String[] {
                "loci " + loci().orElse("development build"),
                "kernels " + kernels.name() + ", called through " + kernels.binding() + reason,
                "JDK " + Runtime.version() + ", " + System.getProperty("java.vendor")
            };
        }
    }

    /// The version that Maven built; none where the classes were not packaged.
    private static Optional<String> loci() {
        try (InputStream in = Versions.class.getResourceAsStream(BUILD)) {
            if (in == null) {
                return Optional.empty();
            }
            Properties properties = new Properties();
            properties.load(in);
            return Optional.ofNullable(properties.getProperty("version"));
        } catch (IOException e) {
            throw new UncheckedIOException(BUILD + ": cannot read", e);
        }
    }
}
