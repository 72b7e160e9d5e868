package io.unifiedlatents.dataprep.source;

import io.unifiedlatents.core.config.Check;
import io.unifiedlatents.core.config.SourceFormat;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Readers of the forms in which inputs are given. */
final class Formats {
    private static final Logger LOG = LoggerFactory.getLogger(Formats.class);
    private static final Set<String> LISTS = Set.of("txt", "lst", "list");

    /** Extensions of files that lie beside data: descriptions, licences, checksums. */
    private static final Set<String> DESCRIPTIONS = Set.of(
            "",
            "cfg",
            "csv",
            "gitattributes",
            "gitignore",
            "html",
            "json",
            "jsonl",
            "md",
            "md5",
            "pdf",
            "py",
            "rst",
            "sha256",
            "tsv",
            "txt",
            "yaml",
            "yml");

    private Formats() {}

    /** The reader of a format. */
    static Source source(SourceFormat format, String location, Listing listing, Configuration hadoop) {
        return switch (format) {
            case AUTO -> {
                SourceFormat found = detect(location, listing);
                LOG.info("{}: reading it with prepare.format={}", location, found);
                yield source(found, location, listing, hadoop);
            }
            case DIRECTORY -> {
                Check.setting(
                        !listing.single(),
                        "prepare.source=%s is a file; prepare.format=directory reads a directory",
                        location);
                yield () -> FilesPart.divide(listing);
            }
            case ARCHIVES -> new ArchiveSource(listing, hadoop);
            case PARQUET -> new ParquetSource(listing, hadoop);
            case LIST -> {
                Check.setting(
                        listing.single(),
                        "prepare.source=%s is a directory; prepare.format=list reads a text file of paths",
                        location);
                yield new ListSource(listing, hadoop);
            }
        };
    }

    private static SourceFormat detect(String location, Listing listing) {
        Set<String> archives = new HashSet<>();
        Set<String> tables = new HashSet<>();
        Set<String> lists = new HashSet<>();
        String other = null;
        for (FoundFile file : listing.files()) {
            String extension = extension(file.name());
            if (Archives.isArchive(file.name())) {
                archives.add(Archives.stem(file.path()));
            } else if (extension.equals("parquet")) {
                tables.add(file.path().substring(0, file.path().length() - ".parquet".length()));
            } else if (listing.single() && LISTS.contains(extension)) {
                lists.add(file.path());
            } else if (listing.single() || !DESCRIPTIONS.contains(extension)) {
                other = file.path();
            }
        }
        tables.removeAll(archives); // img2dataset describes each archive in a table of the same name
        int kinds = (archives.isEmpty() ? 0 : 1) + (tables.isEmpty() ? 0 : 1) + (other == null ? 0 : 1);
        Check.setting(
                kinds <= 1,
                "prepare.source=%s has %d archives, %d Parquet files and %s; say which to read by"
                        + " prepare.format=archives, parquet or directory",
                location,
                archives.size(),
                tables.size(),
                other == null ? "no others" : "others such as " + other);
        Check.setting(
                !listing.single() || other == null,
                "prepare.source=%s is a file of unknown kind; name a directory, .tar, .tar.gz, .tgz, .parquet or .txt,"
                        + " or set prepare.format",
                location);
        if (!lists.isEmpty()) {
            return SourceFormat.LIST;
        }
        return !archives.isEmpty()
                ? SourceFormat.ARCHIVES
                : !tables.isEmpty() ? SourceFormat.PARQUET : SourceFormat.DIRECTORY;
    }

    private static String extension(String name) {
        int dot = name.lastIndexOf('.');
        return dot < 0 ? "" : name.substring(dot + 1).toLowerCase(Locale.ROOT);
    }
}
