package io.unifiedlatents.core.lease;

import io.unifiedlatents.core.storage.Storage;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * The check that a writer makes before it publishes or removes anything that counts: that no newer writer has come.
 *
 * @param directory on which the lease is
 * @param writer who checks; the number of its attempt is 0 where the directory has no training in it
 */
public record Fence(Storage directory, WriterId writer) {
    /** The fence of a directory that one job at a time writes. */
    public static Fence of(Storage directory, long lease) {
        return new Fence(directory, new WriterId(lease, 0));
    }

    /**
     * Checks that no lease is newer, and in training no attempt.
     *
     * @throws LeaseException naming the newer one: it stays newer, so this writer has nothing more to do
     */
    public void check() throws IOException {
        LeaseRecords records = new LeaseRecords(directory);
        List<String> names = records.names();
        if (LeaseRecords.newestNumber(names) > writer.lease()) {
            String newest = names.get(names.size() - 1);
            String holder = records.read(newest)
                    .map(LeaseRecords::parse)
                    .map(LeaseRecord::holder)
                    .orElse("a job unknown");
            throw new LeaseException(("this job no longer writes to %s: its lease %d was not renewed in time or was"
                            + " taken over with --take-over, and lease %d is held by %s. What this job had committed"
                            + " stays; let the other one go on, or end it and start this one again")
                    .formatted(directory, writer.lease(), LeaseRecords.number(newest), holder));
        }
        Optional<WriterId> newest = writer.attempt() == 0 ? Optional.empty() : Lineage.newestWriter(directory);
        if (newest.isPresent() && newest.get().compareTo(writer) > 0) {
            throw new LeaseException("writer %s of %s has been followed by writer %s and must not write any more"
                    .formatted(writer, directory, newest.get()));
        }
    }
}
