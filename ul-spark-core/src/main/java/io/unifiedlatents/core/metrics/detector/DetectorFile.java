package io.unifiedlatents.core.metrics.detector;

import ai.djl.Device;
import io.unifiedlatents.core.config.ConfigException;
import io.unifiedlatents.core.data.Hashes;
import io.unifiedlatents.core.storage.Storage;
import io.unifiedlatents.core.torchscript.Program;
import io.unifiedlatents.core.torchscript.Signature;
import java.io.ByteArrayInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;

/** A TorchScript file with a network that judges pictures or clips: its bytes, read once, and how it is called. */
public final class DetectorFile {
    /**
     * Networks whose distances have names of their own, by SHA-256 of the file. The digests are those that
     * k-diffusion's evaluation.py pins for NVIDIA's inception-2015-12-05.pt, and that public evaluation code pins for
     * StyleGAN-V's i3d_torchscript.pt (51,235,320 bytes; the copy flateon/FVD-I3D-torchscript on Hugging Face, too).
     */
    private static final Map<String, String> KNOWN = Map.of(
            "f58cb9b6ec323ed63459aa4fb441fe750cfe39fafad6da5cb504a16f19e958f4", "FID",
            "bec6519f66ea534e953026b4ae2c65553c17bf105611c746d904657e5860a5e2", "FVD");

    private final String file;
    private final byte[] bytes;
    private final String sha256;
    private final Signature signature;
    private final CallingConvention convention;

    /**
     * Takes the bytes of a file.
     *
     * @param path where they come from, for names and messages
     * @param bytes the whole file; not copied
     * @throws ConfigException if it is no TorchScript file, or its {@code forward} fits no {@link CallingConvention}
     */
    public DetectorFile(String path, byte[] bytes) {
        this.file = path.substring(path.lastIndexOf('/') + 1);
        this.bytes = bytes;
        this.sha256 = Hashes.sha256(bytes);
        try {
            this.signature = Signature.ofForward(bytes);
        } catch (IOException e) {
            throw new ConfigException(path + ": " + e.getMessage());
        }
        this.convention = CallingConvention.of(signature, path);
    }

    /**
     * Reads a file.
     *
     * @param setting that names it, for messages
     * @param path URI or plain path
     * @throws ConfigException if there is none, or none that can be called
     */
    public static DetectorFile read(String setting, String path, Configuration hadoop) throws IOException {
        try {
            return new DetectorFile(path, Storage.readFile(path, hadoop));
        } catch (FileNotFoundException e) {
            throw new ConfigException(setting + "=" + path + ": there is no such file; name a TorchScript file");
        }
    }

    /** Name of the file without its directory. */
    public String name() {
        return file;
    }

    /** Digest of the file, 64 hex digits. */
    public String sha256() {
        return sha256;
    }

    /** The calling convention of its network. */
    public CallingConvention convention() {
        return convention;
    }

    /** The name of Fréchet distances of its features: FID, FVD, or {@code frechet(<name without extension>)}. */
    public String figure() {
        String name = file.replaceFirst("(?<=.)\\.[^.]*$", "");
        return KNOWN.getOrDefault(sha256, "frechet(" + name + ")");
    }

    /** Loads the network onto a device; the caller closes it. */
    Program load(Device device) throws IOException {
        try {
            return Program.load(new ByteArrayInputStream(bytes), device);
        } catch (IOException | RuntimeException e) {
            throw new IOException("libtorch cannot load " + file + ": " + e.getMessage(), e);
        }
    }

    /** Its arguments for a call: the input, then a flag for each other argument, set where named. */
    Object[] arguments(Object input, String... set) {
        return convention.arguments(signature, input, java.util.Set.of(set));
    }
}
