package io.unifiedlatents.dataprep;

import io.unifiedlatents.core.data.Hashes;
import io.unifiedlatents.core.storage.PendingFile;
import io.unifiedlatents.core.storage.Storage;
import io.unifiedlatents.dataprep.source.Part;
import io.unifiedlatents.dataprep.source.PartReader;
import io.unifiedlatents.dataprep.source.SourceInput;
import io.unifiedlatents.dataprep.source.UnusableInput;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.util.SerializableConfiguration;

/**
 * The first pass: makes the samples of one part and writes them to a file of the work directory, with an index that is
 * published last. A part whose index exists is not processed again. Failures of the storage fail the task.
 */
record MakeSamples(SampleMaker maker, String work, int secondsPerInput, SerializableConfiguration hadoop)
        implements Function<Part, WorkPart> {
    @Override
    public WorkPart call(Part part) throws IOException {
        Storage storage = Storage.at(work, hadoop.value());
        String key = "part-" + Hashes.sha256(serialized(part)).substring(0, 32);
        String index = key + ".json";
        if (storage.exists(index)) {
            return WorkPart.read(storage, index);
        }
        String data = key + "." + UUID.randomUUID() + ".data"; // a second attempt must not touch what an index names
        List<Status> statuses = new ArrayList<>();
        try (PartReader reader = part.open(hadoop.value());
                TimeLimit limit = new TimeLimit(secondsPerInput);
                PendingFile file = storage.begin(data)) {
            long position = 0;
            for (SourceInput input = reader.next(); input != null; input = reader.next()) {
                Appender appender = new Appender(file, position);
                statuses.add(status(input, limit, appender));
                position = appender.close();
            }
            file.commit();
        }
        WorkPart done = new WorkPart(data, statuses);
        done.publish(storage, index);
        return done;
    }

    /** Returns the bytes that identify a part, with names and lengths of its files: another source is other work. */
    private static byte[] serialized(Part part) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(part);
        }
        return bytes.toByteArray();
    }

    private Status status(SourceInput input, TimeLimit limit, Appender appender) throws IOException {
        long start = System.nanoTime();
        String path = input.path();
        String problem = input.problem();
        if (problem != null) {
            return Status.unusable(path, input.annotation(), Math.max(0, input.length()), "", problem, 0);
        }
        byte[] bytes = input.read();
        String sha256 = Hashes.sha256(bytes);
        try {
            SampleMaker.Size size = limit.call(path, () -> maker.make(path, bytes, appender));
            return new Status(
                    path,
                    input.annotation(),
                    bytes.length,
                    sha256,
                    null,
                    size.width(),
                    size.height(),
                    millisSince(start),
                    appender.samples);
        } catch (UnusableInput e) {
            return Status.unusable(path, input.annotation(), bytes.length, sha256, e.reason(), millisSince(start));
        }
    }

    private static long millisSince(long start) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
    }

    /** Writes the samples of one input, until it is closed: the thread of an input beyond its time limit still runs. */
    private static final class Appender implements SampleMaker.Sink {
        private final PendingFile file;
        private final List<StoredSample> samples = new ArrayList<>();
        private long position;
        private boolean closed;

        Appender(PendingFile file, long position) {
            this.file = file;
            this.position = position;
        }

        @Override
        public synchronized void add(SampleMaker.Sample sample) throws IOException {
            if (closed) {
                throw new IOException("too late");
            }
            byte[] stored = sample.stored();
            file.write(stored);
            samples.add(new StoredSample(
                    sample.window(),
                    position,
                    stored.length,
                    Hashes.sha256(stored),
                    sample.width(),
                    sample.height(),
                    sample.timing()));
            position += stored.length;
        }

        /** Refuses further samples and returns the length of the file. */
        synchronized long close() {
            closed = true;
            return position;
        }
    }
}
