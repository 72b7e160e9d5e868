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
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

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
        Set<String> seen = new HashSet<>();
        List<Entry> entries =
                lines().stream().map(line -> new Entry(line, !seen.add(line))).toList();
        List<Part> parts = new ArrayList<>();
        for (int i = 0; i < entries.size(); i += FilesPart.MOST_FILES) {
            int end = Math.min(i + FilesPart.MOST_FILES, entries.size());
            parts.add(new ListPart(list.directory(), List.copyOf(entries.subList(i, end))));
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
                    requireListed(path, schemes, number);
                    lines.add(path);
                }
            }
        } catch (CharacterCodingException e) {
            throw new ConfigException(
                    "prepare.source=" + where() + " is not in UTF-8 after line " + number + "; write it in UTF-8");
        }
        return lines;
    }

    private void requireListed(String path, Set<String> known, int line) {
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

    /** A line of the list, and whether an earlier line is the same. */
    record Entry(String path, boolean repeated) implements java.io.Serializable {}

    /** A part that is lines which follow each other. */
    record ListPart(SourceDirectory directory, List<Entry> entries) implements Part {
        @Override
        public String name() {
            return entries.get(0).path() + " and " + (entries.size() - 1) + " files listed after it";
        }

        @Override
        public long bytes() {
            return 0; // lengths are asked for one by one on reading, since each takes a request
        }

        @Override
        public PartReader open(Configuration hadoop) {
            Map<String, FileSystem> fileSystems = new HashMap<>();
            return PartReader.of(entries, entry -> input(entry, hadoop, fileSystems));
        }

        private SourceInput input(Entry entry, Configuration hadoop, Map<String, FileSystem> fileSystems)
                throws IOException {
            String path = entry.path();
            if (entry.repeated()) {
                return SourceInput.unusable(path, -1, "duplicate: a line before it names the same file");
            }
            Matcher uri = URI.matcher(path);
            SourceDirectory root = directory;
            String relative = path;
            String folder = FoundFile.folder(path);
            if (uri.matches() || path.startsWith("/")) {
                root = uri.matches()
                        ? new SourceDirectory(uri.group(1), Objects.requireNonNullElse(uri.group(2), ""), "/")
                        : new SourceDirectory(directory.scheme(), directory.authority(), "/");
                relative = (uri.matches() ? uri.group(3) : path).substring(1);
                folder = FoundFile.name(FoundFile.folder(relative));
            }
            Path file = root.path(relative);
            String store = root.scheme() + "://" + root.authority();
            if (!fileSystems.containsKey(store)) {
                fileSystems.put(store, root.fileSystem(hadoop));
            }
            FileSystem fileSystem = fileSystems.get(store);
            FileStatus status;
            try {
                status = fileSystem.getFileStatus(file);
            } catch (FileNotFoundException e) {
                return SourceInput.unusable(path, -1, "missing: there is no file " + file);
            }
            return status.isFile()
                    ? SourceInput.file(path, status.getLen(), Annotation.ofClass(folder), () -> fileSystem.open(file))
                    : SourceInput.unusable(path, -1, "no file: " + file + " is a directory");
        }
    }
}
