package io.unifiedlatents.dataprep.source;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.io.compress.CompressionCodec;
import org.apache.hadoop.util.ReflectionUtils;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.compression.CompressionCodecFactory;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.xerial.snappy.Snappy;

/**
 * Decompresses pages of Parquet that may be damaged. Parquet's own waits for ever for the rest of a page that is
 * shorter than its header says, and takes gigabytes for one whose length is wrong.
 */
final class PageCodecs implements CompressionCodecFactory {
    private final Configuration hadoop;

    PageCodecs(Configuration hadoop) {
        this.hadoop = hadoop;
    }

    /** Bytes to exactly so many bytes. */
    private interface Decompression {
        byte[] apply(BytesInput compressed, int size) throws IOException;
    }

    @Override
    public BytesInputDecompressor getDecompressor(CompressionCodecName name) {
        Decompression decompression = switch (name) {
            case UNCOMPRESSED -> (bytes, size) -> bytes.toByteArray();
            case SNAPPY -> PageCodecs::snappy;
            default -> {
                CompressionCodec codec = codec(name);
                yield (bytes, size) -> inflate(codec, bytes, size);
            }
        };
        return new BytesInputDecompressor() {
            @Override
            public BytesInput decompress(BytesInput compressed, int size) throws IOException {
                byte[] bytes = decompression.apply(compressed, size);
                if (bytes.length != size) {
                    throw new IOException("a page has " + bytes.length + " bytes, its header says " + size);
                }
                return BytesInput.from(bytes);
            }

            @Override
            public void decompress(ByteBuffer compressed, int compressedSize, ByteBuffer into, int size)
                    throws IOException {
                into.put(decompress(BytesInput.from(compressed), size).toByteBuffer());
            }

            @Override
            public void release() {}
        };
    }

    private CompressionCodec codec(CompressionCodecName name) {
        String codec = name.getHadoopCompressionCodecClassName();
        try {
            return ReflectionUtils.newInstance(hadoop.getClassByName(codec).asSubclass(CompressionCodec.class), hadoop);
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException("compression " + name + " is not on the class path", e);
        }
    }

    private static byte[] snappy(BytesInput compressed, int size) throws IOException {
        byte[] bytes = compressed.toByteArray();
        int length = Snappy.uncompressedLength(bytes);
        if (length != size) { // before so much is allocated
            throw new IOException("a page has " + length + " bytes, its header says " + size);
        }
        return Snappy.uncompress(bytes);
    }

    private static byte[] inflate(CompressionCodec codec, BytesInput compressed, int size) throws IOException {
        try (InputStream in = codec.createInputStream(compressed.toInputStream())) {
            InputStream ending = new InputStream() {
                @Override
                public int read() throws IOException {
                    return in.read();
                }

                @Override
                public int read(byte[] target, int start, int length) throws IOException {
                    int count = in.read(target, start, length);
                    return count == 0 && length > 0 ? -1 : count; // these streams say so at their end
                }
            };
            return ending.readNBytes(size);
        }
    }

    @Override
    public BytesInputCompressor getCompressor(CompressionCodecName name) {
        throw new UnsupportedOperationException("nothing is written");
    }

    @Override
    public void release() {}
}
