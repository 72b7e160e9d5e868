package io.unifiedlatents.dataprep.source;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;

/** A part that is files which follow each other in a listing. */
record FilesPart(SourceDirectory directory, List<FoundFile> files) implements Part {
    /** A few seconds of decoding photographs, so that a task that fails costs little; many tasks a core. */
    static final int MOST_FILES = 128;

    /** The bytes that a task reads from a store in about a second: some thirty clips of ten seconds. */
    static final long MOST_BYTES = 64L << 20;

    /** Divides a listing. */
    static List<Part> divide(Listing listing) {
        List<Part> parts = new ArrayList<>();
        List<FoundFile> files = listing.files();
        long bytes = 0;
        int start = 0;
        for (int i = 0; i < files.size(); i++) {
            long length = Math.max(0, files.get(i).length());
            if (i > start && (i - start == MOST_FILES || bytes + length > MOST_BYTES)) {
                parts.add(new FilesPart(listing.directory(), List.copyOf(files.subList(start, i))));
                start = i;
                bytes = 0;
            }
            bytes += length;
        }
        parts.add(new FilesPart(listing.directory(), List.copyOf(files.subList(start, files.size()))));
        return parts;
    }

    @Override
    public String name() {
        return files.get(0).path() + (files.size() == 1 ? "" : " and " + (files.size() - 1) + " files after it");
    }

    @Override
    public long bytes() {
        return files.stream().mapToLong(file -> Math.max(0, file.length())).sum();
    }

    @Override
    public PartReader open(Configuration hadoop) throws IOException {
        FileSystem fileSystem = directory.fileSystem(hadoop);
        return PartReader.of(files, file -> input(fileSystem, file));
    }

    private SourceInput input(FileSystem fileSystem, FoundFile file) {
        String problem = file.problem();
        if (problem != null) {
            return SourceInput.unusable(file.path(), file.length(), problem);
        }
        return SourceInput.file(
                file.path(),
                file.length(),
                Annotation.ofClass(FoundFile.folder(file.path())),
                () -> fileSystem.open(directory.path(file.path())));
    }
}
