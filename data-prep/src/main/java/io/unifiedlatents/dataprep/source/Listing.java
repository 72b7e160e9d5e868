package io.unifiedlatents.dataprep.source;

import io.unifiedlatents.core.config.Check;
import io.unifiedlatents.core.config.ConfigException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.RemoteIterator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files of a source.
 *
 * <p>Left out, counted in the log: {@code _SUCCESS}, {@code .DS_Store}, {@code Thumbs.db}, {@code desktop.ini},
 * Hadoop's checksums {@code .*.crc}, the {@code ._*} that macOS writes beside files, and all in folders
 * {@code _temporary} and {@code __MACOSX}. Other names that begin with a dot or underscore are inputs like any.
 *
 * @param directory what the files are named relative to
 * @param single whether the location names a file, the only one
 * @param files sorted by the bytes of their paths in UTF-8
 */
record Listing(SourceDirectory directory, boolean single, List<FoundFile> files) {
    private static final Logger LOG = LoggerFactory.getLogger(Listing.class);

    /** Bytes of UTF-8 sort as code points do; chars do not, where there are surrogates. */
    static final Comparator<String> BY_BYTES = Listing::compareCodePoints;

    /** Stores that list a whole tree, a thousand files a request, faster than folder by folder. */
    private static final Set<String> FLAT = Set.of("s3a", "s3", "s3n", "gs");

    private static final Set<String> NO_INPUTS = Set.of("_success", ".ds_store", "thumbs.db", "desktop.ini");
    private static final Set<String> NO_FOLDERS = Set.of("_temporary", "__MACOSX");

    /**
     * Lists all files below a directory, or the one file that the location names.
     *
     * @throws ConfigException where there are none
     */
    static Listing of(String location, Configuration hadoop) throws IOException {
        Path path = new Path(location);
        FileSystem fileSystem = SourceDirectory.fileSystem(path, hadoop);
        FileStatus status;
        try {
            status = fileSystem.getFileStatus(path);
        } catch (FileNotFoundException e) {
            throw new ConfigException("prepare.source=" + location + " does not exist; name a directory or a file");
        }
        SourceDirectory self = SourceDirectory.of(path, hadoop);
        if (status.isFile()) {
            int slash = self.directory().lastIndexOf('/');
            SourceDirectory parent = new SourceDirectory(
                    self.scheme(), self.authority(), self.directory().substring(0, Math.max(slash, 1)));
            FoundFile file = new FoundFile(self.directory().substring(slash + 1), status.getLen(), null);
            return new Listing(parent, true, List.of(file));
        }
        List<FoundFile> all = new ArrayList<>();
        if (fileSystem instanceof RawLocalFileSystem) {
            walkLocal(java.nio.file.Path.of(self.root().toUri()), all);
        } else if (FLAT.contains(self.scheme())) {
            listFlat(fileSystem, self, all);
        } else {
            listFolders(fileSystem, self, all);
        }
        List<FoundFile> files = new ArrayList<>(all);
        files.removeIf(file -> isNoInput(file.path()));
        files.sort(Comparator.comparing(FoundFile::path, BY_BYTES));
        if (files.size() < all.size()) {
            LOG.info(
                    "{}: left out {} files of operating systems and Hadoop, such as _SUCCESS, .DS_Store, Thumbs.db",
                    location,
                    all.size() - files.size());
        }
        Check.setting(!files.isEmpty(), "prepare.source=%s has no files; name a directory of inputs", location);
        return new Listing(self, false, List.copyOf(files));
    }

    /**
     * Returns the files that a reader of tables or archives reads: those of a name that it reads, or the single file
     * whatever its name. Says in the log how many others there are.
     */
    List<FoundFile> chosen(Predicate<String> isRead) {
        List<FoundFile> chosen = files.stream()
                .filter(file -> single || isRead.test(file.name()))
                .toList();
        if (chosen.size() < files.size()) {
            LOG.info("{}: left out {} files of other kinds", directory, files.size() - chosen.size());
        }
        return chosen;
    }

    /** Whether a path is that of a file which operating systems and Hadoop leave beside inputs. */
    static boolean isNoInput(String path) {
        String name = FoundFile.name(path);
        if (NO_INPUTS.contains(name.toLowerCase(Locale.ROOT))
                || name.startsWith("._")
                || (name.startsWith(".") && name.endsWith(".crc"))) {
            return true;
        }
        return Arrays.stream(FoundFile.folder(path).split("/")).anyMatch(NO_FOLDERS::contains);
    }

    /**
     * Not by Hadoop: its listFiles starts a process for each file to learn its permissions, and its listStatus follows
     * links in circles and is silent about links to nowhere.
     */
    private static void walkLocal(java.nio.file.Path root, List<FoundFile> found) throws IOException {
        Files.walkFileTree(
                root, EnumSet.of(FileVisitOption.FOLLOW_LINKS), Integer.MAX_VALUE, new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(java.nio.file.Path file, BasicFileAttributes attributes) {
                        java.nio.file.Path relative = root.relativize(file);
                        String name = relative.toString();
                        String problem = null;
                        if (!isDecoded(relative)) {
                            problem = "unreadable name: not in the encoding of this Java, sun.jnu.encoding="
                                    + System.getProperty("sun.jnu.encoding")
                                    + "; rename it, or start Java with LC_ALL=C.UTF-8";
                            name = root.toUri().relativize(file.toUri()).getRawPath();
                        } else if (attributes.isSymbolicLink()) {
                            problem = "link: leads nowhere";
                        } else if (!attributes.isRegularFile()) {
                            problem = "no file: a device, pipe or socket";
                        }
                        found.add(new FoundFile(name, problem == null ? attributes.size() : -1, problem));
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFileFailed(java.nio.file.Path file, IOException e) throws IOException {
                        if (e instanceof java.nio.file.FileSystemLoopException) {
                            String name = root.relativize(file).toString();
                            found.add(new FoundFile(name, -1, "link: leads back to a folder that holds it"));
                            return FileVisitResult.CONTINUE;
                        }
                        throw e;
                    }
                });
    }

    /** Whether Hadoop, which knows paths as text alone, can open it. */
    private static boolean isDecoded(java.nio.file.Path path) {
        try {
            return path.equals(java.nio.file.Path.of(path.toString()));
        } catch (InvalidPathException e) {
            return false;
        }
    }

    private static void listFlat(FileSystem fileSystem, SourceDirectory root, List<FoundFile> found)
            throws IOException {
        RemoteIterator<? extends FileStatus> files = fileSystem.listFiles(root.root(), true);
        while (files.hasNext()) {
            FileStatus file = files.next();
            found.add(new FoundFile(root.relative(file.getPath()), file.getLen(), null));
        }
    }

    /** Folder by folder, those of one depth at once. */
    private static void listFolders(FileSystem fileSystem, SourceDirectory root, List<FoundFile> found)
            throws IOException {
        List<Path> folders = List.of(root.root());
        while (!folders.isEmpty()) {
            List<Path> next = new ArrayList<>();
            for (FileStatus[] statuses : InParallel.map(folders, fileSystem::listStatus)) {
                for (FileStatus status : statuses) {
                    if (status.isDirectory()) {
                        next.add(status.getPath());
                    } else {
                        found.add(new FoundFile(root.relative(status.getPath()), status.getLen(), null));
                    }
                }
            }
            folders = next;
        }
    }

    private static int compareCodePoints(String a, String b) {
        int shorter = Math.min(a.length(), b.length());
        for (int i = 0; i < shorter; i++) {
            char x = a.charAt(i);
            char y = b.charAt(i);
            if (x != y) {
                boolean oneIsSurrogate = Character.isSurrogate(x) != Character.isSurrogate(y);
                return oneIsSurrogate ? (Character.isSurrogate(x) ? 1 : -1) : Character.compare(x, y);
            }
        }
        return Integer.compare(a.length(), b.length());
    }
}
