package io.unifiedlatents.tests.benchmarks;

import ai.djl.Device;
import io.unifiedlatents.core.checkpoint.CheckpointHeader;
import io.unifiedlatents.core.checkpoint.Checkpoints;
import io.unifiedlatents.core.checkpoint.RunIdentity;
import io.unifiedlatents.core.collective.Collective;
import io.unifiedlatents.core.collective.FloatVector;
import io.unifiedlatents.core.collective.Partition;
import io.unifiedlatents.core.collective.ring.Encryption;
import io.unifiedlatents.core.collective.ring.TcpRing;
import io.unifiedlatents.core.config.ConfigLoader;
import io.unifiedlatents.core.config.RunConfig;
import io.unifiedlatents.core.config.StageName;
import io.unifiedlatents.core.data.Dataset;
import io.unifiedlatents.core.data.Ledger;
import io.unifiedlatents.core.stage.StageDefinition;
import io.unifiedlatents.core.storage.Storage;
import io.unifiedlatents.core.torchscript.Torch;
import io.unifiedlatents.core.train.Checkup;
import io.unifiedlatents.core.train.Objective;
import io.unifiedlatents.core.train.Pulse;
import io.unifiedlatents.core.train.TrainReport;
import io.unifiedlatents.core.train.TrainingLoop;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;

/** One rank of a ring in a process of its own, told over standard input what to measure. */
final class RankProcess {
    private static final byte[] SECRET = new byte[32]; // the benchmark's ranks are alone on the loopback device

    private final Collective collective;

    private RankProcess(Collective collective) {
        this.collective = collective;
    }

    /**
     * Starts ranks and joins them to a ring.
     *
     * @param prefix of each rank's command, with {@code %d} for the rank, such as {@code taskset -c %d}; may be empty
     */
    static List<Peer> ring(Path directory, int worldSize, Encryption encryption, String prefix) throws IOException {
        List<Peer> ranks = new ArrayList<>();
        for (int rank = 0; rank < worldSize; rank++) {
            List<String> command = new ArrayList<>();
            if (!prefix.isEmpty()) {
                command.addAll(List.of(String.format(prefix, rank).split(" ")));
            }
            command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
            command.addAll(List.of("-Xmx1g", "-XX:MaxDirectMemorySize=4g", "-cp"));
            command.add(System.getProperty("java.class.path"));
            command.addAll(List.of(RankProcess.class.getName(), Integer.toString(rank), encryption.name()));
            ranks.add(new Peer(directory.resolve("errors" + ranks.size() + "-" + System.nanoTime()), command));
        }
        String addresses = String.join(",", ranks.stream().map(Peer::answer).toList());
        ranks.forEach(rank -> rank.tell(addresses));
        return ranks;
    }

    public static void main(String[] args) throws Exception {
        int rank = Integer.parseInt(args[0]);
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        TcpRing.Listener listener = TcpRing.Listener.open("127.0.0.1", 0, 0);
        System.out.println(listener.address());
        List<String> addresses = List.of(commands.readLine().split(","));
        try (Collective collective = listener.connect(
                rank, addresses, "benchmark", SECRET, Encryption.valueOf(args[1]), Duration.ofMinutes(2))) {
            RankProcess process = new RankProcess(collective);
            for (String line = commands.readLine(); line != null; line = commands.readLine()) {
                System.out.println(process.measure(line.split(" ")));
            }
        }
    }

    private Object measure(String[] command) throws IOException, InterruptedException {
        return switch (command[0]) {
            case "reduce" -> reduce(Long.parseLong(command[1]), Integer.parseInt(command[2]));
            case "copy" -> copy(Long.parseLong(command[1]), Integer.parseInt(command[2]));
            case "train" -> train(command[1], command[2], Arrays.copyOfRange(command, 3, command.length));
            default -> throw new IllegalArgumentException(command[0]);
        };
    }

    /** Seconds of so many all-reduces of a vector. */
    private double reduce(long floats, int repetitions) throws IOException {
        FloatVector vector = FloatVector.allocate(floats);
        Partition partition = new Partition(floats, collective.worldSize());
        collective.barrier();
        long start = System.nanoTime();
        for (int i = 0; i < repetitions; i++) {
            collective.reduceScatter(vector, partition);
            collective.allGather(vector, partition);
        }
        return (System.nanoTime() - start) / 1e9;
    }

    /** Seconds of so many copies of a vector, by all ranks at once. */
    private double copy(long floats, int repetitions) throws IOException {
        FloatVector from = FloatVector.allocate(floats);
        FloatVector to = FloatVector.allocate(floats);
        to.set(from, 0);
        collective.barrier();
        long start = System.nanoTime();
        for (int i = 0; i < repetitions; i++) {
            to.set(from, 0);
        }
        return (System.nanoTime() - start) / 1e9;
    }

    /**
     * Trains stage 1 of the preset {@code cifar10} on pictures in {@code directory/images}; answers with the images a
     * second of each report, then of the last the share of communication behind compute and the seconds by phase.
     */
    private String train(String directory, String name, String[] settings) throws IOException, InterruptedException {
        RunConfig config = ConfigLoader.load("cifar10", "", List.of(settings));
        Torch.start(1);
        Configuration hadoop = new Configuration();
        Objective objective = StageDefinition.of(StageName.LATENTS).objective(config);
        Storage run = Storage.at(directory + "/" + name, hadoop);
        TrainingLoop loop = new TrainingLoop(
                objective,
                config.trainLatents(),
                config.data(),
                Dataset.open(Storage.at(directory + "/images", hadoop)),
                null,
                Checkpoints.at(run),
                CheckpointHeader.of(
                        objective.layout(),
                        objective.scriptHash(),
                        new RunIdentity(StageName.LATENTS, config, Map.of()),
                        ConfigLoader.tree(config)),
                null,
                new Ledger(run),
                Checkup.never(),
                config.cluster().gradientWire(),
                Device.cpu(),
                config.seed());
        List<TrainReport> reports = new ArrayList<>();
        loop.run(collective, new Pulse(), reports::add);
        TrainReport last = reports.get(reports.size() - 1);
        List<String> rates = reports.stream()
                .map(report -> String.format("%.2f", report.imagesPerSecond()))
                .toList();
        return String.join(",", rates) + " overlap " + String.format("%.2f", last.overlap()) + " "
                + last.phaseSeconds();
    }
}
