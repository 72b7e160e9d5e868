package io.unifiedlatents.core.train;

/** Names of the flat vectors in a checkpoint of a training run. */
public final class Vectors {
    /** The parameters. */
    public static final String PARAMETERS = "parameters";
    /** AdamW's mean of gradients. */
    public static final String MOMENT1 = "moment1";
    /** AdamW's mean of squared gradients. */
    public static final String MOMENT2 = "moment2";
    /** The moving average of the parameters (EMA): what is exported. */
    public static final String AVERAGE = "average";

    private Vectors() {}
}
