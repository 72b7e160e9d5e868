package io.unifiedlatents.core.config;

import com.fasterxml.jackson.annotation.JsonAlias;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Locale;

/** A stage of training, under the one name that configs, folders, logs and documentation give it. */
public enum StageName {
    /** Encoder, prior and decoder, trained jointly. Runs of versions before 0.2 call it {@code stage1}. */
    @JsonAlias("stage1")
    @JsonProperty("latents")
    LATENTS("stage1"),
    /** A decoder on frozen latents. Runs of versions before 0.2 call it {@code stage2}. */
    @JsonAlias("stage2")
    @JsonProperty("decoder")
    DECODER("stage2"),
    /** The base model on frozen latents, from which samples are drawn. */
    @JsonProperty("base")
    BASE("base");

    private final String formerFolder;

    StageName(String formerFolder) {
        this.formerFolder = formerFolder;
    }

    /**
     * The stage of a name, also of a former one.
     *
     * @throws ConfigException if there is none
     */
    public static StageName named(String name) {
        for (StageName stage : values()) {
            if (stage.toString().equals(name) || stage.formerFolder.equals(name)) {
                return stage;
            }
        }
        throw new ConfigException("there is no stage " + name + ", only latents, decoder and base");
    }

    /** The folder that versions before 0.2 kept this stage in, below the run directory. */
    public String formerFolder() {
        return formerFolder;
    }

    /** The stage's name in configs, and its folder below the run directory. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
