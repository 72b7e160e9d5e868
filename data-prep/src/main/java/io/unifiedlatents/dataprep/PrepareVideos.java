package io.unifiedlatents.dataprep;

import io.unifiedlatents.core.config.PrepareConfig;
import io.unifiedlatents.core.lease.LeaseTerms;
import io.unifiedlatents.dataprep.clip.KineticsTable;
import io.unifiedlatents.dataprep.source.Annotations;
import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;

/** Videos to data sets of clips. */
public final class PrepareVideos {
    private PrepareVideos() {}

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
        Configuration hadoop = spark.sparkContext().hadoopConfiguration();
        String csv = config.annotations();
        if (csv.isEmpty() || !KineticsTable.is(csv, hadoop)) {
            Annotations annotations = PrepareImages.annotations(config, hadoop);
            return new Preparation(spark, config, ClipMaker.of(config, null), annotations);
        }
        KineticsTable table = KineticsTable.read(csv, hadoop);
        ClipMaker maker = ClipMaker.of(
                config, JavaSparkContext.fromSparkContext(spark.sparkContext()).broadcast(table));
        return new Preparation(spark, config, maker, new KineticsAnnotations(table));
    }
}
