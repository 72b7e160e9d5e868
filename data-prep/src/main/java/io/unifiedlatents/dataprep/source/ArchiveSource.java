package io.unifiedlatents.dataprep.source;

import io.unifiedlatents.core.config.Check;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;

/**
 * Tar archives, plain or gzipped: one part each. A large plain one whose first file is an archive itself, as ImageNet
 * is published, gives a part for each archive within it.
 *
 * @param splitBytes shorter archives are not looked into
 */
record ArchiveSource(Listing listing, Configuration hadoop, long splitBytes) implements Source {
    ArchiveSource(Listing listing, Configuration hadoop) {
        this(listing, hadoop, FilesPart.MOST_BYTES);
    }

    @Override
    public List<Part> parts() throws IOException {
        List<FoundFile> archives = listing.chosen(Archives::isArchive);
        Check.setting(
                !archives.isEmpty(),
                "prepare.source=%s has no .tar, .tar.gz or .tgz; set prepare.format=directory for plain files",
                listing.directory());
        List<Part> parts = new ArrayList<>();
        InParallel.map(archives, this::parts).forEach(parts::addAll);
        return parts;
    }

    private List<Part> parts(FoundFile archive) throws IOException {
        if (archive.problem() != null) {
            return List.of(new FilesPart(listing.directory(), List.of(archive)));
        }
        if (archive.length() <= splitBytes) {
            return List.of(part(archive, 0, archive.length()));
        }
        List<Part> parts = new ArrayList<>();
        long start = 0;
        try (StoredFile file = open(archive)) {
            TarStream tar = new TarStream(file, false);
            boolean afterArchive = false;
            boolean first = true;
            for (TarStream.Entry entry = tar.next(); entry != null; entry = tar.next()) {
                if (entry.kind() == TarStream.Kind.FOLDER) {
                    continue;
                }
                boolean isArchive = entry.kind() == TarStream.Kind.FILE && Archives.isArchive(entry.name());
                if (tar.hasGlobalHeader() || (first && !isArchive)) {
                    return List.of(part(archive, 0, archive.length()));
                }
                if (!first && (isArchive || afterArchive)) {
                    parts.add(part(archive, start, entry.offset()));
                    start = entry.offset();
                }
                first = false;
                afterArchive = isArchive;
            }
        } catch (IOException | RuntimeException e) {
            StoredFile.rethrow(e); // what reads the part from here on reports the damage
        }
        parts.add(part(archive, start, archive.length()));
        return parts;
    }

    private ArchivePart part(FoundFile archive, long from, long end) {
        return new ArchivePart(listing.directory(), archive, from, end);
    }

    private StoredFile open(FoundFile archive) throws IOException {
        try {
            FSDataInputStream in = listing.directory()
                    .fileSystem(hadoop)
                    .openFile(listing.directory().path(archive.path()))
                    .opt("fs.s3a.experimental.input.fadvise", "random") // headers lie far apart
                    .build()
                    .get();
            return new StoredFile(archive.path(), in, 0, archive.length());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoredFile.Failure(new IOException("interrupted while opening " + archive.path(), e));
        } catch (ExecutionException e) {
            throw new StoredFile.Failure(new IOException("cannot open " + archive.path(), e.getCause()));
        }
    }
}
