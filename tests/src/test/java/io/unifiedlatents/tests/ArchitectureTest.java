package io.unifiedlatents.tests;

import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.targetOwner;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.unifiedlatents.core.telemetry.Console;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Who may import whom, over the classes of all modules. */
class ArchitectureTest {
    private static final String ROOT = "io.unifiedlatents.";
    private static final String JOBS = ROOT + "jobs..";

    /** Packages of the core, each by itself, without its subpackages; each may use those before it. */
    private static final List<String> ORDER = List.of(
            "random",
            "schedule",
            "config",
            "storage",
            "telemetry",
            "lease",
            "numpy",
            "collective",
            "collective.ring",
            "collective.gpu",
            "data",
            "torchscript",
            "nn",
            "model",
            "loss",
            "checkpoint",
            "train",
            "sample",
            "metrics.picture",
            "metrics.detector",
            "metrics.features",
            "metrics.distance",
            "judge",
            "stage",
            "report",
            "spark.cluster",
            "spark.ranks",
            "spark.inference",
            "spark.evaluation",
            "spark.training",
            "spark.doctor");

    /** Packages of the core that must not use some of those before them, because both are branches of one tree. */
    private static final Map<String, List<String>> BRANCHES = Map.of(
            "collective.gpu", List.of("collective.ring"),
            "metrics.detector", List.of("metrics.picture"),
            "metrics.features", List.of("metrics.picture"),
            "metrics.distance", List.of("metrics.picture", "metrics.detector"),
            "spark.inference", List.of("spark.ranks"),
            "spark.evaluation", List.of("spark.ranks"));

    /** Packages that know no tensors, or only symbolic ones. */
    private static final List<String> WITHOUT_TENSORS = List.of(
            "config",
            "random",
            "schedule",
            "storage",
            "lease",
            "numpy",
            "collective",
            "collective.ring",
            "collective.gpu",
            "data",
            "telemetry",
            "metrics.picture",
            "nn",
            "model",
            "loss",
            "report");

    /** A line of the map: indentation, name and description. */
    private static final Pattern MAP_LINE = Pattern.compile("(?m)^( {2,4})(\\w+) +(.*)$");

    /** A subpackage within a description, such as {@code ring: by TCP}. */
    private static final Pattern MAP_PART = Pattern.compile("(?:^|; )(\\w+): ");

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages(ROOT + "..");

    private static String core(String name) {
        return ROOT + "core." + name;
    }

    private static String[] core(List<String> names) {
        return names.stream().map(ArchitectureTest::core).toArray(String[]::new);
    }

    private static Stream<String> packagesOfTheCore() {
        return ORDER.stream();
    }

    @Test
    void everyPackageOfTheCoreHasItsPlaceInTheOrder() {
        assertThat(CLASSES.stream()
                        .map(JavaClass::getPackageName)
                        .filter(name -> name.startsWith(ROOT + "core"))
                        .distinct())
                .containsExactlyInAnyOrder(core(ORDER));
    }

    @Test
    void theMapInTheReadmeHasTheSamePackagesInTheSameOrder() throws IOException {
        String readme = Files.readString(Path.of("../README.md"));
        String map = readme.substring(readme.indexOf("ul-spark-core/  "), readme.indexOf("  docs  "));
        List<String> packages = new ArrayList<>();
        String parent = "";
        for (Matcher line = MAP_LINE.matcher(map); line.find(); ) {
            boolean nested = line.group(1).length() > 2;
            parent = nested ? parent : line.group(2);
            packages.add(nested ? parent + "." + line.group(2) : parent);
            for (Matcher part = MAP_PART.matcher(line.group(3)); part.find(); ) {
                packages.add(parent + "." + part.group(1));
            }
        }
        packages.removeAll(List.of("metrics", "spark")); // these have classes in their subpackages only
        assertThat(packages).isEqualTo(ORDER);
    }

    @ParameterizedTest
    @MethodSource("packagesOfTheCore")
    void corePackagesUseOnlyThoseBelowThem(String name) {
        List<String> forbidden = new ArrayList<>(ORDER.subList(ORDER.indexOf(name) + 1, ORDER.size()));
        forbidden.addAll(BRANCHES.getOrDefault(name, List.of()));
        noClasses()
                .that()
                .resideInAPackage(core(name))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(core(forbidden))
                .orShould()
                .dependOnClassesThat()
                .resideInAnyPackage(ROOT + "dataprep..", JOBS)
                .check(CLASSES);
    }

    @Test
    void dataPreparationDoesNotKnowTheJobs() {
        noClasses()
                .that()
                .resideInAPackage(ROOT + "dataprep..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage(JOBS)
                .check(CLASSES);
    }

    @Test
    void sparkStaysAtTheEdge() {
        noClasses()
                .that()
                .resideOutsideOfPackages(ROOT + "core.spark..", ROOT + "dataprep..", JOBS)
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.apache.spark..")
                .check(CLASSES);
    }

    @Test
    void networksAndFormatsDoNotKnowTensorsOfDjl() {
        noClasses()
                .that()
                .resideInAnyPackage(core(WITHOUT_TENSORS))
                .should()
                .dependOnClassesThat()
                .resideInAPackage("ai.djl..")
                .check(CLASSES);
    }

    @Test
    void onlyTheTorchScriptLayerKnowsTheEngine() {
        noClasses()
                .that()
                .resideOutsideOfPackage(core("torchscript"))
                .should()
                .dependOnClassesThat()
                .resideInAPackage("ai.djl.pytorch..")
                .check(CLASSES);
    }

    @Test
    void onlyJobsStart() {
        methods()
                .that()
                .areStatic()
                .and()
                .haveName("main")
                .should()
                .beDeclaredInClassesThat()
                .resideInAPackage(JOBS)
                .check(CLASSES);
    }

    @Test
    void onlyJobsTouchTheProcess() {
        noClasses()
                .that()
                .resideOutsideOfPackage(JOBS)
                .should()
                .accessTargetWhere(targetOwner(type(System.class)).and(target(nameMatching("exit|getenv"))))
                .check(CLASSES);
    }

    @Test
    void peopleReadTheConsoleAndEverythingElseIsLoggedBySlf4j() {
        noClasses()
                .that()
                .areNotAssignableTo(Console.class)
                .should()
                .accessTargetWhere(targetOwner(type(System.class)).and(target(nameMatching("out|err|getLogger"))))
                .orShould()
                .dependOnClassesThat()
                .resideInAPackage("java.util.logging..")
                .check(CLASSES);
    }

    @Test
    void randomNumbersAreSeeded() {
        noClasses().should().dependOnClassesThat().belongToAnyOf(Random.class).check(CLASSES);
        noClasses()
                .should()
                .accessTargetWhere(targetOwner(type(Math.class)).and(target(nameMatching("random"))))
                .check(CLASSES);
    }
}
