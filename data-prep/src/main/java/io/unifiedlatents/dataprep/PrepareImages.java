package io.unifiedlatents.dataprep;

import io.unifiedlatents.core.config.PrepareConfig;
import java.io.IOException;
import org.apache.spark.sql.SparkSession;

/** Pictures to data sets of square pictures, or of pictures as they are. */
public final class PrepareImages {
    private PrepareImages() {}

    /**
     * Prepares the data sets, or finds that they have been prepared with the same settings and does nothing. After a
     * failure, the same call does what is missing.
     *
     * @throws io.unifiedlatents.core.config.ConfigException where the source is empty, too many inputs are bad, a split
     *     stays empty, or the output holds data sets of other settings or another source
     * @throws IOException where storage fails
     */
    public static PrepareReport run(SparkSession spark, PrepareConfig config) throws IOException {
        return new Preparation(spark, config, PictureMaker.of(config)).run();
    }
}
