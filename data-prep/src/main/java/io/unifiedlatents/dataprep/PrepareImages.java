package io.unifiedlatents.dataprep;

import io.unifiedlatents.core.config.PrepareConfig;
import io.unifiedlatents.core.lease.LeaseTerms;
import io.unifiedlatents.dataprep.source.AnnotationTable;
import io.unifiedlatents.dataprep.source.Annotations;
import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;

/** Pictures to data sets of square pictures, or of pictures as they are. */
public final class PrepareImages {
    private PrepareImages() {}

    /**
     * Prepares the data sets, or finds that they have been prepared with the same settings and does nothing. After a
     * failure, the same call does what is missing.
     *
     * @param terms of the lease of the output
     * @throws io.unifiedlatents.core.config.ConfigException where the source is empty, too many inputs are bad, a split
     *     stays empty, or the output holds data sets of other settings or another source, or is being prepared by
     *     another job
     * @throws IOException where storage fails
     */
    public static PrepareReport run(SparkSession spark, PrepareConfig config, LeaseTerms terms)
            throws IOException, InterruptedException {
        return preparation(spark, config).run(terms);
    }

    static Preparation preparation(SparkSession spark, PrepareConfig config) throws IOException {
        Annotations annotations = annotations(config, spark.sparkContext().hadoopConfiguration());
        return new Preparation(spark, config, PictureMaker.of(config), annotations);
    }

    /** The table that the config names; null where it names none. */
    static @Nullable Annotations annotations(PrepareConfig config, Configuration hadoop) throws IOException {
        return config.annotations().isEmpty() ? null : AnnotationTable.read(config.annotations(), hadoop);
    }
}
