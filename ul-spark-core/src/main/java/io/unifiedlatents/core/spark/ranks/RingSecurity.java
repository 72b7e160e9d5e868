package io.unifiedlatents.core.spark.ranks;

import io.unifiedlatents.core.collective.ring.Encryption;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkEnv;
import org.jspecify.annotations.Nullable;

/** Protects the ranks' own connections as the cluster protects Spark's. */
final class RingSecurity {
    private RingSecurity() {}

    /**
     * Encrypted where Spark encrypts what travels between its processes: {@code spark.network.crypto.enabled},
     * {@code spark.ssl.enabled} or {@code spark.ssl.rpc.enabled}.
     */
    static Encryption encryption(SparkConf conf) {
        boolean encrypted = conf.getBoolean("spark.network.crypto.enabled", false)
                || conf.getBoolean("spark.ssl.enabled", false)
                || conf.getBoolean("spark.ssl.rpc.enabled", false);
        return encrypted ? Encryption.AES_256_GCM : Encryption.NONE;
    }

    /**
     * The secret of this attempt's ranks: with {@code spark.authenticate}, whoever saw the task travel to the executor
     * still lacks Spark's own secret.
     *
     * @param attempt secret made by the driver for this attempt
     */
    static byte[] secret(SparkEnv env, byte[] attempt) {
        return mix(attempt, env.securityManager().getSecretKey());
    }

    /** HMAC-SHA256 of the attempt's secret under Spark's; the attempt's alone where Spark has none. */
    static byte[] mix(byte[] attempt, @Nullable String sparkSecret) {
        if (sparkSecret == null) {
            return attempt;
        }
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(sparkSecret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            return mac.doFinal(attempt);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has HmacSHA256", e);
        }
    }
}
