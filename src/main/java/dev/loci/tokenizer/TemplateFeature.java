package dev.loci.tokenizer;

import com.hubspot.jinjava.Jinjava;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.math.BigDecimal;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarFile;
import org.graalvm.nativeimage.hosted.Feature;
import org.graalvm.nativeimage.hosted.RuntimeReflection;

/// What a builder of native images must know about chat templates: the engine makes its tags, filters and tests by
/// reflection,
/// and templates call methods of its values, and of strings and numbers, by name.
public final class TemplateFeature implements Feature {
    private static final List<Class<?>> VALUES = List.of(
            Boolean.class,
            BigDecimal.class,
            Double.class,
            Integer.class,
            Long.class,
            String.class,
            JinjaRenderer.class);

    @Override
    public void beforeAnalysis(BeforeAnalysisAccess access) {
        VALUES.forEach(TemplateFeature::register);
        new Jinjava()
                .getGlobalContext()
                .getAllFunctions()
                .forEach(function -> RuntimeReflection.register(function.getMethod()));
        try (JarFile jar = new JarFile(engine().toFile())) {
            jar.stream()
                    .map(entry -> entry.getName())
                    .filter(name -> name.endsWith(".class") && !name.startsWith("META-INF/"))
                    .map(name ->
                            name.substring(0, name.length() - ".class".length()).replace('/', '.'))
                    .forEach(name -> registerWhereItLinks(access, name));
        } catch (IOException e) {
            throw new UncheckedIOException("template engine: cannot read", e);
        }
    }

    private static Path engine() {
        try {
            return Path.of(Jinjava.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException("template engine: expected a jar, found " + e.getMessage(), e);
        }
    }

    /// Some classes need libraries that templates have no use for.
    private static void registerWhereItLinks(BeforeAnalysisAccess access, String name) {
        try {
            Class<?> type = access.findClassByName(name);
            if (type != null) {
                register(type);
            }
        } catch (LinkageError e) {
            System.out.println("[template engine] left out: " + name + ", " + e);
        }
    }

    private static void register(Class<?> type) {
        Constructor<?>[] constructors = type.getConstructors();
        Method[] methods = type.getMethods();
        RuntimeReflection.register(type);
        RuntimeReflection.register(constructors);
        RuntimeReflection.register(methods);
        RuntimeReflection.registerAllMethods(type);
        RuntimeReflection.registerAllConstructors(type);
    }
}
