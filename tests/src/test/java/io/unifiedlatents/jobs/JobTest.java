package io.unifiedlatents.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.unifiedlatents.core.config.ConfigLoader;
import io.unifiedlatents.core.config.RunConfig;
import io.unifiedlatents.core.storage.CorruptDataException;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkException;
import org.junit.jupiter.api.Test;

class JobTest {
    @Test
    void everySettingIsMirroredInSparksOwn() {
        RunConfig config = ConfigLoader.load("cifar10", "", List.of("runDirectory=file:/runs/a b"));
        Map<String, String> mirrors = Job.mirrors(config);
        assertThat(mirrors)
                .containsEntry("spark.ul.runDirectory", "file:/runs/a b")
                .containsEntry("spark.ul.encoder.channels", "[32,64]")
                .containsEntry("spark.ul.trainLatents.optimizer.learningRate", "0.001");

        SparkConf conf = new SparkConf(false);
        mirrors.forEach(conf::set);
        assertThat(ConfigLoader.load("", "", Job.submitted(conf))).isEqualTo(config);
    }

    @Test
    void whatTasksSayOfDataReachesTheUserWithoutItsStack() throws Exception {
        CorruptDataException damaged = new CorruptDataException("shard x: not Parquet; prepare it again");
        SparkException wrapped = new SparkException("Job aborted due to stage failure", damaged);
        assertThat(Job.told(wrapped)).isSameAs(damaged);
        IllegalStateException fault = new IllegalStateException("a fault of ours", new IOException("why"));
        assertThatThrownBy(() -> Job.told(fault)).isSameAs(fault);
    }
}
