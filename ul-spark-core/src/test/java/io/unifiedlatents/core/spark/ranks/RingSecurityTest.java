package io.unifiedlatents.core.spark.ranks;

import static org.assertj.core.api.Assertions.assertThat;

import io.unifiedlatents.core.collective.ring.Encryption;
import java.util.HexFormat;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RingSecurityTest {
    @ParameterizedTest
    @ValueSource(strings = {"spark.network.crypto.enabled", "spark.ssl.enabled", "spark.ssl.rpc.enabled"})
    void followsEachOfSparksSettings(String key) {
        assertThat(RingSecurity.encryption(new SparkConf(false).set(key, "true")))
                .isEqualTo(Encryption.AES_256_GCM);
        assertThat(RingSecurity.encryption(new SparkConf(false).set(key, "false")))
                .isEqualTo(Encryption.NONE);
    }

    @Test
    void staysPlainWhereSparkDoes() {
        assertThat(RingSecurity.encryption(new SparkConf(false).set("spark.authenticate", "true")))
                .isEqualTo(Encryption.NONE);
    }

    @Test
    void theSecretIsTheAttemptsUnderSparks() {
        byte[] attempt = HexFormat.of().parseHex("4869205468657265"); // "Hi There", test case 1 of RFC 4231
        String key = "\u000b".repeat(20);
        assertThat(HexFormat.of().formatHex(RingSecurity.mix(attempt, key)))
                .isEqualTo("b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
        assertThat(RingSecurity.mix(attempt, null)).isEqualTo(attempt);
    }
}
