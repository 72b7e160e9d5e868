package io.unifiedlatents.dataprep.source;

import io.unifiedlatents.core.config.ConfigException;
import java.io.BufferedReader;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** Text in UTF-8 that the user wrote, on any file system. */
public final class TextFile {
    private TextFile() {}

    /**
     * Opens one, behind the mark of UTF-8 that some editors put first; the caller closes it. Reading throws a
     * {@link java.nio.charset.CharacterCodingException} where it is not UTF-8.
     *
     * @throws ConfigException where it is missing
     */
    public static BufferedReader open(String location, Configuration hadoop) throws IOException {
        Path path = new Path(location);
        BufferedReader reader;
        try {
            reader = new BufferedReader(new InputStreamReader(
                    SourceDirectory.fileSystem(path, hadoop).open(path), StandardCharsets.UTF_8.newDecoder()));
        } catch (FileNotFoundException e) {
            throw new ConfigException(location + " does not exist; name a text file");
        }
        reader.mark(1);
        if (reader.read() != '\ufeff') {
            reader.reset();
        }
        return reader;
    }
}
