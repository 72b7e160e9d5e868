package io.unifiedlatents.dataprep.source;

import io.unifiedlatents.core.config.ConfigException;
import io.unifiedlatents.core.config.SourceFormat;
import java.io.IOException;
import java.util.List;
import org.apache.hadoop.conf.Configuration;

/**
 * A place that inputs come from: on any file system of Hadoop.
 *
 * <table>
 * <caption>Formats</caption>
 * <tr><td>{@code directory}</td><td>all files below, their class being their folder; see {@link Listing} for what is
 * left out</td></tr>
 * <tr><td>{@code archives}</td><td>a {@code .tar}, {@code .tar.gz} or {@code .tgz}, or a directory of them: WebDataset's
 * shards, ImageNet's archives of archives</td></tr>
 * <tr><td>{@code parquet}</td><td>a {@code .parquet} or a directory of them: tables of pictures as Hugging Face writes
 * them, or Spark's {@code binaryFile}</td></tr>
 * <tr><td>{@code list}</td><td>a text file that names a file in each line</td></tr>
 * <tr><td>{@code auto}</td><td>whichever of these is there, named in the log</td></tr>
 * </table>
 */
public interface Source {
    /**
     * Divides the source into parts, in an order that depends on the source alone; runs on the driver.
     *
     * @throws ConfigException where it has nothing of its format
     * @throws IOException where the storage fails
     */
    List<Part> parts() throws IOException;

    /**
     * Looks at what is there.
     *
     * @param location a directory or file: a URI, not escaped, or a path in the default file system
     * @param format one of those above
     * @param hadoop settings of the file systems, among them the credentials of object stores
     * @throws ConfigException where there is nothing, or nothing of this format
     * @throws IOException where the storage fails
     */
    static Source open(String location, SourceFormat format, Configuration hadoop) throws IOException {
        Listing listing = Listing.of(location, hadoop);
        return Formats.source(format, location, listing, hadoop);
    }
}
