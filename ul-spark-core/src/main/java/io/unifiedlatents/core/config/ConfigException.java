package io.unifiedlatents.core.config;

/** A setting that the user has to change; retrying cannot help. */
public class ConfigException extends IllegalArgumentException {
    /** Creates one with a message that names the setting, its value, the limit and the way out. */
    public ConfigException(String message) {
        super(message);
    }
}
