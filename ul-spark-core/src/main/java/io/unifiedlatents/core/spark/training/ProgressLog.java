package io.unifiedlatents.core.spark.training;

import io.unifiedlatents.core.data.ImageCodec;
import io.unifiedlatents.core.data.Rgb;
import io.unifiedlatents.core.judge.HeldOutReport;
import io.unifiedlatents.core.spark.ranks.RankMemory;
import io.unifiedlatents.core.storage.Storage;
import io.unifiedlatents.core.telemetry.Console;
import io.unifiedlatents.core.telemetry.MemoryUse;
import io.unifiedlatents.core.telemetry.Progress;
import io.unifiedlatents.core.telemetry.RunLog;
import io.unifiedlatents.core.telemetry.TensorBoardWriter;
import io.unifiedlatents.core.train.TrainReport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToLongFunction;

/** Writes reports where people look: the driver's console, the run log and TensorBoard events. */
final class ProgressLog implements AutoCloseable {
    private final Storage directory;
    private final RunLog log;
    private final TensorBoardWriter board;
    private final Map<Integer, RankMemory> memory = new TreeMap<>();

    /**
     * Opens the log and the events of a job.
     *
     * @param lease number of its lease of the directory, so that no two jobs choose the same files
     */
    ProgressLog(Storage directory, long lease) throws IOException {
        this.directory = directory;
        this.log = RunLog.open(directory, lease, Clock.systemUTC());
        this.board = TensorBoardWriter.open(directory, "train-" + lease, Clock.systemUTC());
    }

    synchronized void accept(TrainReport report) {
        try {
            write(report);
        } catch (IOException e) {
            throw new UncheckedIOException("progress of step " + report.step() + " cannot be written", e);
        }
    }

    synchronized void accept(HeldOutReport report) {
        try {
            write(report);
        } catch (IOException e) {
            throw new UncheckedIOException("evaluation after step " + report.step() + " cannot be written", e);
        }
    }

    /** Keeps the last memory message of each rank, for the next report. */
    synchronized void accept(RankMemory rank) {
        if (rank.step() < 0) {
            Console.println(rank.line());
        }
        memory.values().removeIf(other -> other.worldSize() != rank.worldSize());
        memory.put(rank.rank(), rank);
    }

    /** Adds an event to the run log. */
    synchronized void event(String name, Map<String, ?> fields) throws IOException {
        log.write(name, fields);
    }

    private void write(TrainReport report) throws IOException {
        Instant now = Instant.now();
        Instant from = now.minusNanos((long) (report.seconds() * 1e9));
        Console.println(new Progress(report.steps(), report.globalBatch())
                .line(
                        report.step() - report.stepsInReport(),
                        from,
                        report.step(),
                        now,
                        report.terms().getOrDefault("bitsPerPixel", Double.NaN),
                        report.terms().getOrDefault("loss", Double.NaN)));
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("step", report.step());
        fields.put("imagesPerSecond", report.imagesPerSecond());
        fields.put("teraflopPerSecond", report.flops() / report.seconds() / 1e12);
        fields.put("learningRate", report.learningRate());
        fields.put("gradientNorm", report.gradientNorm());
        fields.putAll(report.terms());
        fields.put("phaseSeconds", report.phaseSeconds());
        fields.put("communicationOverlap", report.overlap());
        fields.put("residentBytes", byRank(MemoryUse::residentBytes));
        fields.put("heapBytes", byRank(MemoryUse::heapBytes));
        fields.put("directBytes", byRank(MemoryUse::directBytes));
        log.write("progress", fields);
        for (Map.Entry<String, Object> field : fields.entrySet()) {
            if (field.getValue() instanceof Number number && !field.getKey().equals("step")) {
                board.scalar("train/" + field.getKey(), report.step(), number.doubleValue());
            }
        }
    }

    private void write(HeldOutReport report) throws IOException {
        String grid = TrainingEvaluation.grid(report.step());
        Map<String, Double> figures = new LinkedHashMap<>();
        Double psnr = report.psnrDecibels();
        if (psnr != null) {
            figures.put("psnrDecibels", psnr);
        }
        figures.put("bitsPerPixel", report.bitsPerPixel());
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("step", report.step());
        fields.put("images", report.images());
        fields.put("samplerSteps", report.samplerSteps());
        if (report.baseSteps() > 0) {
            fields.put("baseSteps", report.baseSteps());
        }
        HeldOutReport.Distance distance = report.distance();
        if (distance != null) {
            figures.put("frechet", distance.value());
            fields.put("frechetImages", distance.count());
            fields.put("frechetDimensions", distance.dimensions());
            fields.put("frechetNote", "of so few pictures, only the order of distances within this run means anything");
        }
        figures.put("seconds", report.seconds());
        fields.putAll(figures);
        fields.put("grid", grid);
        log.write("evaluation", fields);
        Console.printf(
                "evaluation after step %,d: %s%.4f bits/pixel of %d held-out pictures, %.1f s → %s",
                report.step(),
                psnr == null ? "" : String.format("PSNR %.2f dB, ", psnr),
                report.bitsPerPixel(),
                report.images(),
                report.seconds(),
                grid);
        for (Map.Entry<String, Double> figure : figures.entrySet()) {
            board.scalar("evaluation/" + figure.getKey(), report.step(), figure.getValue());
        }
        byte[] png = directory.read(grid);
        Rgb drawn = ImageCodec.decode(png);
        board.image("evaluation/" + report.shown(), report.step(), png, drawn.width(), drawn.height());
        board.flush();
    }

    private List<Long> byRank(ToLongFunction<MemoryUse> bytes) {
        return memory.values().stream()
                .map(rank -> bytes.applyAsLong(rank.use()))
                .toList();
    }

    @Override
    public void close() throws IOException {
        try (log;
                board) {
            // both are closed, whichever fails
        }
    }
}
