package io.unifiedlatents.jobs;

import com.fasterxml.jackson.databind.JsonNode;
import io.unifiedlatents.core.config.ConfigException;
import io.unifiedlatents.core.config.ConfigLoader;
import io.unifiedlatents.core.config.RunConfig;
import io.unifiedlatents.core.spark.ranks.ProgressPlugin;
import io.unifiedlatents.core.spark.ranks.RunFailedException;
import io.unifiedlatents.core.storage.CorruptDataException;
import io.unifiedlatents.core.storage.Storage;
import io.unifiedlatents.core.telemetry.Console;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.apache.spark.SparkConf;
import org.apache.spark.deploy.SparkHadoopUtil;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import scala.Tuple2;

/** The base of all jobs: options, resolved config, Spark session and exit codes. */
abstract class Job implements Callable<Integer> {
    /** Exit code of a job whose config, data or arguments must be changed first. */
    static final int USER_ERROR = 2;

    /** Exit code of a job that the cluster failed: the same command later may succeed. */
    static final int FAILED = 1;

    private static final String CONF_PREFIX = "spark.ul.";

    @Option(names = "--preset", defaultValue = "", description = "quickstart, cifar10, imagenet512 or kinetics600")
    private String preset = "";

    @Option(names = "--config", defaultValue = "", description = "YAML file, on any Hadoop file system")
    private String config = "";

    @Option(names = "--set", description = "one setting, as trainLatents.run.steps=1000; may be repeated")
    private List<String> overrides = new ArrayList<>();

    @Option(names = "--dry-run", description = "print the resolved config and what the job would do, and stop")
    private boolean dryRun;

    @Option(names = "--help", usageHelp = true, description = "print this")
    @SuppressWarnings("UnusedVariable") // read by picocli
    private boolean help;

    /** Describes the work of the job, for {@code --dry-run}. */
    abstract String plan(RunConfig config);

    /** Runs the job and returns the exit code of the process. */
    abstract int run(SparkSession spark, RunConfig config) throws Exception;

    @Override
    public Integer call() throws Exception {
        List<String> all = submitted(new SparkConf());
        all.addAll(overrides);
        RunConfig resolved = ConfigLoader.load(preset, configText(), all).withPaths(Job::absolute);
        if (dryRun) {
            Console.println(ConfigLoader.yaml(resolved).stripTrailing());
            Console.println(plan(resolved));
            return 0;
        }
        SparkSession.Builder builder = SparkSession.builder()
                .appName(getClass().getSimpleName())
                .config("spark.plugins", ProgressPlugin.class.getName());
        mirrors(resolved).forEach(builder::config);
        try (SparkSession spark = builder.getOrCreate()) {
            spark.sparkContext().setJobDescription(getClass().getSimpleName() + " for " + resolved.runDirectory());
            return run(spark, resolved);
        }
    }

    /**
     * Settings given as {@code --conf spark.ul.<key>=<value>}, in the form of {@code --set}, which goes before them.
     */
    static List<String> submitted(SparkConf conf) {
        List<String> settings = new ArrayList<>();
        for (Tuple2<String, String> setting : conf.getAllWithPrefix(CONF_PREFIX)) {
            settings.add(setting._1() + "=" + setting._2());
        }
        return settings;
    }

    /** Returns every setting as a Spark property, for the UI's environment page and event logs. */
    static Map<String, String> mirrors(RunConfig config) {
        Map<String, String> settings = new TreeMap<>();
        mirror(CONF_PREFIX, ConfigLoader.tree(config), settings);
        return settings;
    }

    private static void mirror(String prefix, JsonNode node, Map<String, String> settings) {
        node.fields().forEachRemaining(field -> {
            String key = prefix + field.getKey();
            if (field.getValue().isObject()) {
                mirror(key + ".", field.getValue(), settings);
            } else {
                String plain = field.getValue().asText(); // empty for lists, and for an empty text, which YAML quotes
                settings.put(key, plain.isEmpty() ? field.getValue().toString() : plain);
            }
        });
    }

    /** Returns the fully qualified path, which means the same on every node. */
    static String absolute(String path) {
        try {
            return Storage.at(path, SparkHadoopUtil.get().conf()).toString();
        } catch (IOException e) {
            throw new ConfigException("no file system for " + path + ": " + e.getMessage());
        }
    }

    private String configText() throws IOException {
        if (config.isEmpty()) {
            return "";
        }
        return new String(Storage.readFile(config, SparkHadoopUtil.get().conf()), StandardCharsets.UTF_8);
    }

    /** Runs a job and ends the process with its exit code. */
    static void main(Job job, String... arguments) {
        System.exit(execute(job, arguments));
    }

    /** Runs a job and returns the exit code of the process. */
    static int execute(Job job, String... arguments) {
        CommandLine command = new CommandLine(job);
        command.setExecutionExceptionHandler((exception, line, parsed) -> {
            Throwable told = told(exception);
            line.getErr().println(told.getMessage());
            return told instanceof RunFailedException run && run.reason().healable() ? FAILED : USER_ERROR;
        });
        return command.execute(arguments);
    }

    /** The cause whose message says what to do; anything else is thrown as it is, to be seen with its stack. */
    static Throwable told(Exception exception) throws Exception {
        for (Throwable cause = exception; cause != null; cause = cause.getCause()) { // Spark wraps what tasks throw
            if (cause instanceof RunFailedException
                    || cause instanceof ConfigException
                    || cause instanceof CorruptDataException) {
                return cause;
            }
        }
        throw exception;
    }
}
