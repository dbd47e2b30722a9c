package dev.loci;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// Holds the package table of docs/ARCHITECTURE.md: change both together.
final class PackageDependenciesTest {
    private static final String ROOT = "dev.loci";
    private static final String ARCHITECTURE = "docs/ARCHITECTURE.md";

    /// Which packages of Loci a package may use besides the JDK and plain libraries.
    private static final Map<String, Set<String>> MAY_USE = Map.ofEntries(
            Map.entry("tensor", Set.of()),
            Map.entry("store", Set.of("tensor", "kernel")),
            Map.entry("kernel", Set.of()),
            Map.entry("tokenizer", Set.of("tensor")),
            Map.entry("model", Set.of("tensor", "store", "kernel")),
            Map.entry("grammar", Set.of("tokenizer")),
            // store: an engine is opened on a model directory.
            Map.entry("engine", Set.of("model", "grammar", "tokenizer", "kernel", "tensor", "store")),
            // kernel: the names of the types that weights and rows are converted to.
            Map.entry("importer", Set.of("tensor", "store", "kernel")),
            Map.entry("api", Set.of("engine", "grammar", "tokenizer", "telemetry")),
            Map.entry("telemetry", Set.of("engine")),
            Map.entry("config", Set.of()),
            Map.entry("app", allBut("app", "cli")),
            Map.entry("cli", allBut("cli")));

    private static final Set<String> WITH_QUARKUS = Set.of("api", "telemetry", "config", "cli", "app");
    private static final Pattern QUARKUS = Pattern.compile("(io\\.quarkus|jakarta|io\\.smallrye)\\..*");
    private static final Set<String> FORBIDDEN_NAMES = Set.of("util", "common", "impl", "helper");
    /// A type as the documents name it: package, point, type, in backticks.
    private static final Pattern TYPE = Pattern.compile("`((?:[a-z]+\\.)+[A-Z][A-Za-z0-9]*)`");

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages(ROOT);

    private static Set<String> allBut(String... left) {
        Set<String> all = new TreeSet<>(Set.of(
                "tensor",
                "store",
                "kernel",
                "tokenizer",
                "model",
                "grammar",
                "engine",
                "importer",
                "api",
                "telemetry",
                "config",
                "app",
                "cli"));
        Arrays.asList(left).forEach(all::remove);
        return all;
    }

    @Test
    void packagesUseOnlyWhatTheTableAllows() {
        Map<String, Set<String>> broken = new TreeMap<>();
        for (JavaClass type : CLASSES) {
            String user = packageOf(type);
            for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
                JavaClass target = dependency.getTargetClass().getBaseComponentType();
                String used = packageOf(target);
                if (isOurs(target)
                        && !used.equals(user)
                        && !MAY_USE.getOrDefault(user, Set.of()).contains(used)) {
                    broken.computeIfAbsent(user + " -> " + used, _ -> new TreeSet<>())
                            .add(dependency.getDescription());
                }
            }
        }
        assertThat(broken).isEmpty();
    }

    @Test
    void everyPackageStandsInTheTable() {
        Set<String> packages = CLASSES.stream()
                .filter(PackageDependenciesTest::isOurs)
                .map(PackageDependenciesTest::packageOf)
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(packages).isNotEmpty().isSubsetOf(MAY_USE.keySet());
    }

    @Test
    void packagesHaveNoCycles() {
        slices().matching(ROOT + ".(*)..").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void onlyTheOuterPackagesUseQuarkus() {
        Set<String> broken = new TreeSet<>();
        for (JavaClass type : CLASSES) {
            if (!WITH_QUARKUS.contains(packageOf(type))) {
                type.getDirectDependenciesFromSelf().stream()
                        .filter(dependency -> QUARKUS.matcher(
                                        dependency.getTargetClass().getFullName())
                                .matches())
                        .forEach(dependency -> broken.add(dependency.getDescription()));
            }
        }
        assertThat(broken).isEmpty();
    }

    @Test
    void onlyKernelFfiLinksForeignFunctions() {
        noClasses()
                .that()
                .resideOutsideOfPackage(ROOT + ".kernel.ffi..")
                .should()
                .dependOnClassesThat()
                .belongToAnyOf(Linker.class, SymbolLookup.class)
                .check(CLASSES);
    }

    @Test
    void onlyKernelSelectNamesBackends() {
        for (String backend : List.of("scalar", "ffi")) {
            String here = ROOT + ".kernel." + backend + "..";
            noClasses()
                    .that()
                    .resideOutsideOfPackages(here, ROOT + ".kernel.select..")
                    .should()
                    .dependOnClassesThat(resideInAnyPackage(here))
                    .allowEmptyShould(true)
                    .check(CLASSES);
        }
    }

    @Test
    void onlyEngineChronicleUsesChronicleMap() {
        String here = ROOT + ".engine.chronicle..";
        noClasses()
                .that()
                .resideOutsideOfPackage(here)
                .should()
                .dependOnClassesThat(resideInAnyPackage("net.openhft.."))
                .check(CLASSES);
        noClasses()
                .that()
                .resideOutsideOfPackages(here, ROOT + ".app..")
                .should()
                .dependOnClassesThat(resideInAnyPackage(here))
                .check(CLASSES);
    }

    @Test
    void noPackageIsNamedAfterNothing() {
        Set<String> names = CLASSES.stream()
                .flatMap(type -> Arrays.stream(type.getPackageName().split("\\.")))
                .collect(Collectors.toSet());
        assertThat(names).doesNotContainAnyElementsOf(FORBIDDEN_NAMES);
    }

    @Test
    void everyTypeThatTheArchitectureNamesExists() throws IOException {
        Set<String> named = new TreeSet<>();
        Matcher matcher = TYPE.matcher(Files.readString(Path.of(ARCHITECTURE)));
        while (matcher.find()) {
            named.add(ROOT + "." + matcher.group(1));
        }
        assertThat(named).hasSizeGreaterThan(10);
        assertThat(named)
                .allSatisfy(name -> assertThat(CLASSES.contain(name)).as(name).isTrue());
    }

    private static boolean isOurs(JavaClass type) {
        return type.getPackageName().startsWith(ROOT + ".");
    }

    private static String packageOf(JavaClass type) {
        return isOurs(type) ? type.getPackageName().substring(ROOT.length() + 1).split("\\.", 2)[0] : "";
    }
}
