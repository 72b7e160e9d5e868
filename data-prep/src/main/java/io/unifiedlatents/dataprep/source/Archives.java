package io.unifiedlatents.dataprep.source;

import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Rules for the names of archives and of their members. */
final class Archives {
    private static final Pattern ENDING = Pattern.compile("\\.(tar|tar\\.gz|tgz)$", Pattern.CASE_INSENSITIVE);
    private static final Pattern SYNSET = Pattern.compile("n\\d{8}");
    private static final Pattern DRIVE = Pattern.compile("^[A-Za-z]:.*", Pattern.DOTALL);

    private Archives() {}

    /** Whether a file is read as an archive. */
    static boolean isArchive(String name) {
        return ENDING.matcher(name).find();
    }

    /** The name without the ending that makes it an archive. */
    static String stem(String name) {
        return ENDING.matcher(name).replaceFirst("");
    }

    /**
     * The folder that an archive stands for: none, for shards are numbered as they come, except where it is named as a
     * class of WordNet: those of ImageNet are published with one archive each.
     */
    static String folderOf(String archive) {
        String stem = stem(archive);
        return SYNSET.matcher(stem).matches() ? stem : ".";
    }

    /** A folder below another. */
    static String join(String folder, String below) {
        if (folder.equals(".")) {
            return below;
        }
        return below.equals(".") ? folder : folder + "/" + below;
    }

    /** Why a name of a member is not taken, else null. */
    static @Nullable String problem(String name) {
        String slashed = name.replace('\\', '/');
        boolean leaves = slashed.startsWith("/") || DRIVE.matcher(slashed).matches();
        for (String part : slashed.split("/", -1)) {
            leaves |= part.equals("..");
        }
        if (leaves) {
            return "name leaves the archive: " + name.replace('\0', '\ufffd');
        }
        if (name.indexOf('\0') >= 0) {
            return "bad name: it holds a zero byte";
        }
        return clean(name).isEmpty() ? "bad name: it is empty" : null;
    }

    /** The name without empty and {@code .} parts. */
    static String clean(String name) {
        StringBuilder clean = new StringBuilder(name.length());
        for (String part : name.split("/", -1)) {
            if (!part.isEmpty() && !part.equals(".")) {
                clean.append(clean.length() == 0 ? "" : "/").append(part);
            }
        }
        return clean.toString();
    }

    /** Which sample of a WebDataset a member belongs to: its path up to the first dot of the file name. */
    static String key(String path) {
        int name = path.lastIndexOf('/') + 1;
        int dot = path.indexOf('.', name);
        return dot <= name ? path : path.substring(0, dot);
    }

    /** The extension behind the key of a member, in lower case; empty where it has no dot. */
    static String extension(String path) {
        String key = key(path);
        return key.length() == path.length()
                ? ""
                : path.substring(key.length() + 1).toLowerCase(Locale.ROOT);
    }
}
