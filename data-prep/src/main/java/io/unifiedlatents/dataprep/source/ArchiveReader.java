package io.unifiedlatents.dataprep.source;

import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;
import org.apache.hadoop.io.compress.DecompressorStream;
import org.apache.hadoop.io.compress.zlib.BuiltInGzipDecompressor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Inputs of a tar archive and of those within it, front to back. A sample is held until the next one begins, for what
 * is said of an input may follow it.
 */
final class ArchiveReader implements PartReader {
    private static final Logger LOG = LoggerFactory.getLogger(ArchiveReader.class);

    /** Archives in archives in archives: more is no data set, and an archive that holds itself never ends. */
    private static final int MOST_DEPTH = 4;

    private static final int GZIP_BUFFER_BYTES = 1 << 16;

    /** Members this long are read into an array of the length they claim; longer ones into one that grows. */
    private static final int TRUSTED_BYTES = 16 << 20;

    /** An archive that is being read. */
    private static final class Frame {
        final String path;
        final String folder;
        final TarStream tar;
        Set<String> usuallyAnnotated = Set.of();

        Frame(String path, String folder, TarStream tar) {
            this.path = path;
            this.folder = folder;
            this.tar = tar;
        }
    }

    private final StoredFile file;
    private final Deque<Frame> frames = new ArrayDeque<>();
    private final Deque<SourceInput> ready = new ArrayDeque<>();
    private final Set<String> seen = new HashSet<>();
    private @Nullable Sample sample;
    private int leftOut;
    private int companions;

    /**
     * Reads from a file, which it closes.
     *
     * @param path of the archive in its source
     * @param fragment whether the file ends with a member instead of an end mark
     */
    ArchiveReader(String path, StoredFile file, boolean fragment) throws StoredFile.Failure {
        this.file = file;
        push(path, Archives.folderOf(FoundFile.name(path)), file, fragment);
    }

    @Override
    public @Nullable SourceInput next() throws IOException {
        while (ready.isEmpty() && !frames.isEmpty()) {
            advance(frames.getFirst());
        }
        return ready.poll();
    }

    @Override
    public void close() throws IOException {
        if (leftOut + companions > 0) {
            LOG.info(
                    "{} files of operating systems left out; {} members beside inputs are no inputs of their own",
                    leftOut,
                    companions);
        }
        file.close();
    }

    private void advance(Frame frame) throws StoredFile.Failure {
        try {
            TarStream.Entry entry = frame.tar.next();
            if (entry == null) {
                finish(frame, null);
                frames.pop();
            } else {
                accept(frame, entry);
            }
        } catch (IOException | RuntimeException e) {
            String damage = StoredFile.damage(e);
            finish(frame, "incomplete: the archive is damaged before the end of this sample");
            frames.remove(frame);
            ready.add(SourceInput.unusable(frame.path, -1, "damaged archive: " + damage));
        }
    }

    private void push(String path, String folder, InputStream content, boolean fragment) throws StoredFile.Failure {
        try {
            frames.push(new Frame(path, folder, new TarStream(decompressed(content), fragment)));
        } catch (IOException | RuntimeException e) {
            ready.add(SourceInput.unusable(path, -1, "damaged archive: " + StoredFile.damage(e)));
        }
    }

    /** Decides by the content, for names of compressed archives are not to be relied on. */
    private static InputStream decompressed(InputStream content) throws IOException {
        PushbackInputStream in = new PushbackInputStream(content, 2);
        byte[] magic = in.readNBytes(2);
        in.unread(magic);
        boolean gzip = magic.length == 2 && (magic[0] & 0xff) == 0x1f && (magic[1] & 0xff) == 0x8b;
        // not the JDK's: it takes a pause in the stream for its end, and ignores garbage behind it
        return gzip ? new DecompressorStream(in, new BuiltInGzipDecompressor(), GZIP_BUFFER_BYTES) : in;
    }

    private void accept(Frame frame, TarStream.Entry entry) throws IOException {
        String problem = Archives.problem(entry.name());
        String name =
                problem == null ? Archives.clean(entry.name()) : entry.name().replace('\0', '\ufffd');
        String path = frame.path + "/" + name;
        String folder = problem == null ? Archives.join(frame.folder, FoundFile.folder(name)) : frame.folder;
        if (entry.kind() == TarStream.Kind.FOLDER) {
            return;
        }
        if (problem == null && Listing.isNoInput(name)) {
            leftOut++;
            return;
        }
        if (problem == null) {
            problem = problem(entry);
        }
        if (problem == null && Archives.isArchive(name)) {
            if (frames.size() < MOST_DEPTH) {
                finish(frame, null);
                push(path, Archives.stem(Archives.join(frame.folder, name)), frame.tar.content(), false);
                return;
            }
            problem = "nested too deeply: an archive within " + MOST_DEPTH + " others";
        }
        if (problem == null && entry.size() > SourceInput.MAX_BYTES) {
            problem = SourceInput.tooLarge(entry.size());
        }
        if (problem == null && !seen.add(path)) {
            problem = "duplicate: the archive holds another of this name before it";
        }
        byte[] content = problem == null ? content(frame, entry) : new byte[0];
        Sample current = sampleFor(frame, path, folder, content.length);
        if (problem == null) {
            current.add(path, content);
        } else {
            current.addUnusable(path, entry.size(), problem);
        }
    }

    private static @Nullable String problem(TarStream.Entry entry) {
        return switch (entry.kind()) {
            case LINK -> "link: to " + entry.target().replace('\0', '\ufffd');
            case DEVICE -> "no file: a device or pipe";
            case SPARSE -> "sparse file: pack it anew without --sparse";
            case CONTINUED -> "incomplete: the file began in another archive";
            case FILE, FOLDER -> null;
        };
    }

    private static byte[] content(Frame frame, TarStream.Entry entry) throws IOException {
        InputStream in = frame.tar.content();
        int size = Math.toIntExact(entry.size());
        if (size > TRUSTED_BYTES) {
            return in.readNBytes(size); // ends early only by an exception
        }
        byte[] content = new byte[size];
        in.readNBytes(content, 0, size);
        return content;
    }

    private Sample sampleFor(Frame frame, String path, String folder, int bytes) {
        String key = Archives.key(path);
        if (sample != null && (!sample.key().equals(key) || sample.bytes() + bytes > SourceInput.MAX_BYTES)) {
            finish(frame, null);
        }
        if (sample == null) {
            sample = new Sample(key, folder);
        }
        return sample;
    }

    /**
     * Hands out the sample that was being gathered.
     *
     * @param damage the problem of a sample that lacks annotations which the one before it had; null where the archive
     *     goes on undamaged
     */
    private void finish(Frame frame, @Nullable String damage) {
        if (sample != null) {
            boolean lacking = damage != null && !sample.annotated().containsAll(frame.usuallyAnnotated);
            ready.addAll(sample.inputs(lacking ? damage : null));
            companions += sample.companions();
            frame.usuallyAnnotated = sample.annotated();
            sample = null;
        }
    }
}
