package io.unifiedlatents.dataprep.source;

import io.unifiedlatents.core.config.Check;
import io.unifiedlatents.core.config.ConfigException;
import java.io.BufferedReader;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.jspecify.annotations.Nullable;

/**
 * A text file in UTF-8 that names a file in each line; empty lines and those that begin with {@code #} are left out. A
 * path is relative to the directory of the list, or begins with {@code /} on its file system, or with a scheme such as
 * {@code s3a://} on any; none is escaped. The class of a relative path is its folder, as in a directory, that of others
 * the name of the folder.
 */
record ListSource(Listing list, Configuration hadoop) implements Source {
    private static final Pattern URI = Pattern.compile("^([A-Za-z][A-Za-z0-9+.-]*):(?://([^/]*))?(/.*)$");

    @Override
    public List<Part> parts() throws IOException {
        List<String> lines = lines();
        List<Part> parts = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        List<Entry> entries = new ArrayList<>();
        for (String line : lines) {
            entries.add(new Entry(line, !seen.add(line)));
            if (entries.size() == FilesPart.MOST_FILES) {
                parts.add(new ListPart(list.directory(), List.copyOf(entries)));
                entries.clear();
            }
        }
        if (!entries.isEmpty()) {
            parts.add(new ListPart(list.directory(), List.copyOf(entries)));
        }
        Check.setting(!parts.isEmpty(), "prepare.source=%s lists no files", where());
        return parts;
    }

    private String where() {
        return list.directory().path(list.files().get(0).path()).toString();
    }

    private List<String> lines() throws IOException {
        List<String> lines = new ArrayList<>();
        Set<String> schemes = new HashSet<>();
        int number = 0;
        try (BufferedReader in = TextFile.open(where(), hadoop)) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                number++;
                String path = line.strip();
                if (!path.isEmpty() && !path.startsWith("#")) {
                    requireKnown(path, schemes, number);
                    lines.add(path);
                }
            }
        } catch (CharacterCodingException e) {
            throw new ConfigException(
                    "prepare.source=" + where() + " is not in UTF-8 after line " + number + "; write it in UTF-8");
        }
        return lines;
    }

    private void requireKnown(String path, Set<String> known, int line) {
        Matcher uri = URI.matcher(path);
        if (uri.matches() && known.add(uri.group(1))) {
            try {
                FileSystem.getFileSystemClass(uri.group(1), hadoop);
            } catch (IOException e) {
                throw new ConfigException("prepare.source=" + where() + ", line " + line + ": " + path
                        + " is on a file system that Hadoop does not know here (" + e.getMessage() + ")");
            }
        }
    }

    /** A line. */
    record Entry(String path, boolean repeated) implements java.io.Serializable {}

    /** Lines that follow each other. */
    record ListPart(SourceDirectory directory, List<Entry> entries) implements Part {
        @Override
        public String name() {
            return entries.get(0).path() + " and " + (entries.size() - 1) + " files listed after it";
        }

        @Override
        public long bytes() {
            return 0; // each file is asked when its turn comes, for that takes a request each
        }

        @Override
        public PartReader open(Configuration hadoop) {
            return new Reader(this, hadoop);
        }
    }

    private static final class Reader implements PartReader {
        private final ListPart part;
        private final Configuration hadoop;
        private final Map<String, FileSystem> fileSystems = new HashMap<>();
        private int next;

        Reader(ListPart part, Configuration hadoop) {
            this.part = part;
            this.hadoop = hadoop;
        }

        @Override
        public @Nullable SourceInput next() throws IOException {
            if (next == part.entries().size()) {
                return null;
            }
            Entry entry = part.entries().get(next++);
            if (entry.repeated()) {
                return HeldInput.unusable(entry.path(), -1, "duplicate: a line before it names the same file");
            }
            return input(entry.path());
        }

        private SourceInput input(String path) throws IOException {
            Matcher uri = URI.matcher(path);
            SourceDirectory directory = part.directory();
            String relative = path;
            String folder = FoundFile.folder(path);
            if (uri.matches()) {
                String authority = uri.group(2) == null ? "" : uri.group(2);
                directory = new SourceDirectory(uri.group(1), authority, "/");
                relative = uri.group(3).substring(1);
                folder = lastName(FoundFile.folder(relative));
            } else if (path.startsWith("/")) {
                directory = new SourceDirectory(directory.scheme(), directory.authority(), "/");
                relative = path.substring(1);
                folder = lastName(FoundFile.folder(relative));
            }
            Path file = directory.path(relative);
            FileSystem fileSystem = fileSystem(directory);
            FileStatus status;
            try {
                status = fileSystem.getFileStatus(file);
            } catch (FileNotFoundException e) {
                return HeldInput.unusable(path, -1, "missing: there is no file " + file);
            }
            if (!status.isFile()) {
                return HeldInput.unusable(path, -1, "no file: " + file + " is a directory");
            }
            if (status.getLen() > SourceInput.MAX_BYTES) {
                return HeldInput.unusable(path, status.getLen(), TooLarge.problem(status.getLen()));
            }
            return new FileInput(path, status.getLen(), Annotation.ofClass(folder), () -> fileSystem.open(file));
        }

        private FileSystem fileSystem(SourceDirectory directory) throws IOException {
            String key = directory.scheme() + "://" + directory.authority();
            FileSystem fileSystem = fileSystems.get(key);
            if (fileSystem == null) {
                fileSystem = directory.fileSystem(hadoop);
                fileSystems.put(key, fileSystem);
            }
            return fileSystem;
        }

        private static String lastName(String folder) {
            return folder.substring(folder.lastIndexOf('/') + 1);
        }

        @Override
        public void close() {}
    }
}
