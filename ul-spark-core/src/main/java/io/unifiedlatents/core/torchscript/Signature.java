package io.unifiedlatents.core.torchscript;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipFile;
import org.apache.commons.compress.utils.SeekableInMemoryByteChannel;

/**
 * The arguments of a network's {@code forward}, as its TorchScript archive declares them: {@code data.pkl} names the
 * class of the network first, {@code code/<module>.py} holds its methods.
 *
 * @param arguments without the network itself, in order
 */
public record Signature(List<Argument> arguments) {
    /**
     * One argument.
     *
     * @param name as in the script
     * @param type as in the script: {@code Tensor}, {@code bool}, …
     * @param optional whether it has a default
     */
    public record Argument(String name, String type, boolean optional) {}

    // of data.pkl: the class of the network, behind two bytes that say pickle protocol 2
    private static final Pattern CLASS = Pattern.compile("..c(__torch__[^\n]*)\n([^\n]+)\n.*", Pattern.DOTALL);

    /**
     * Reads the signature.
     *
     * @param archive the whole file
     * @throws IOException if it is no TorchScript archive, or its network has no {@code forward}
     */
    public static Signature ofForward(byte[] archive) throws IOException {
        ZipFile zip;
        try {
            zip = new ZipFile(new SeekableInMemoryByteChannel(archive));
        } catch (IOException e) {
            throw new IOException("not a TorchScript archive: " + e.getMessage(), e);
        }
        try (zip) {
            return read(zip);
        }
    }

    private static Signature read(ZipFile zip) throws IOException {
        String pickle = Collections.list(zip.getEntries()).stream()
                .map(ZipArchiveEntry::getName)
                .filter(name -> name.matches("[^/]+/data\\.pkl"))
                .findFirst()
                .orElseThrow(() -> new IOException("not a TorchScript archive: no data.pkl in it"));
        Matcher found = CLASS.matcher(text(zip, pickle, StandardCharsets.ISO_8859_1));
        if (!found.matches()) {
            throw new IOException("not a TorchScript network: its data.pkl holds no class of __torch__");
        }
        String folder = pickle.substring(0, pickle.indexOf('/'));
        String module = folder + "/code/" + found.group(1).replace('.', '/') + ".py";
        if (zip.getEntry(module) == null) {
            throw new IOException("damaged TorchScript archive: " + module + " is missing");
        }
        return parse(text(zip, module, StandardCharsets.UTF_8), found.group(2));
    }

    private static String text(ZipFile zip, String entry, Charset charset) throws IOException {
        try (InputStream in = zip.getInputStream(zip.getEntry(entry))) {
            return new String(in.readAllBytes(), charset);
        }
    }

    /** The forward of a class in the printed form of TorchScript: two spaces before a method, none before a class. */
    private static Signature parse(String code, String name) throws IOException {
        Matcher type = Pattern.compile("^class " + Pattern.quote(name) + "\\(.*\\):$", Pattern.MULTILINE)
                .matcher(code);
        if (!type.find()) {
            throw new IOException("damaged TorchScript archive: its code has no class " + name);
        }
        Matcher next = Pattern.compile("^\\S", Pattern.MULTILINE).matcher(code);
        String body = code.substring(type.end(), next.find(type.end()) ? next.start() : code.length());
        Matcher forward = Pattern.compile("^  def forward\\(\\w+[^,)]*(.*?)\\) -> ", Pattern.MULTILINE | Pattern.DOTALL)
                .matcher(body);
        if (!forward.find()) {
            throw new IOException("the network " + name + " has no method forward");
        }
        List<Argument> arguments = new ArrayList<>();
        for (String argument : split(forward.group(1))) {
            String[] parts = argument.split(":", 2);
            String[] typeAndDefault = parts[1].split("=", 2);
            arguments.add(new Argument(parts[0].strip(), typeAndDefault[0].strip(), typeAndDefault.length == 2));
        }
        return new Signature(List.copyOf(arguments));
    }

    /** Splits at the commas outside of brackets, as in {@code x: Tensor, size: Tuple[int, int]=(2, 2)}. */
    private static List<String> split(String arguments) {
        List<String> parts = new ArrayList<>();
        int begin = 0;
        int depth = 0;
        for (int i = 0; i <= arguments.length(); i++) {
            char c = i < arguments.length() ? arguments.charAt(i) : ',';
            depth += c == '[' || c == '(' ? 1 : c == ']' || c == ')' ? -1 : 0;
            if (c == ',' && depth <= 0) {
                parts.add(arguments.substring(begin, i));
                begin = i + 1;
            }
        }
        parts.removeIf(String::isBlank);
        return parts;
    }

    /** For messages: {@code (img: Tensor, return_features: bool=…)}. */
    @Override
    public String toString() {
        return arguments.stream()
                .map(argument -> argument.name() + ": " + argument.type() + (argument.optional() ? "=…" : ""))
                .collect(Collectors.joining(", ", "(", ")"));
    }
}
