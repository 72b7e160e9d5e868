package io.unifiedlatents.core.lease;

import io.unifiedlatents.core.config.ConfigException;

/** Another job writes to the directory, or has taken it over; retrying does not help while it does. */
public final class LeaseException extends ConfigException {
    LeaseException(String message) {
        super(message);
    }
}
