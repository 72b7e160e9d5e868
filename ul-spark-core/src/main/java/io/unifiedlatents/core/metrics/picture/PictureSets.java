package io.unifiedlatents.core.metrics.picture;

import io.unifiedlatents.core.data.Dataset;
import io.unifiedlatents.core.data.PictureSet;
import io.unifiedlatents.core.data.ShardPictures;
import io.unifiedlatents.core.storage.Storage;
import java.io.IOException;
import org.apache.hadoop.conf.Configuration;

/** Opens pictures and clips wherever they lie. */
public final class PictureSets {
    private PictureSets() {}

    /**
     * Opens a data set's directory or a .npz file.
     *
     * @param limit pictures or clips taken, from the first on; 0 for all
     * @param batch pictures that networks are given at once
     * @throws io.unifiedlatents.core.config.ConfigException if it is neither, or has fewer
     */
    public static PictureSet open(String location, int limit, int batch, Configuration hadoop) throws IOException {
        return NpzPictures.isNpz(location)
                ? new NpzPictures(location, limit, batch, hadoop)
                : new ShardPictures(Dataset.open(Storage.at(location, hadoop)), limit, batch);
    }
}
