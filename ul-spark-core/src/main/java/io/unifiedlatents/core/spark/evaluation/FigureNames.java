package io.unifiedlatents.core.spark.evaluation;

import io.unifiedlatents.core.metrics.detector.DetectorFile;

/**
 * The names of figures: the community's names where the detector is the community's file, told by its digest, and with
 * the name of the file in any other case, since numbers of two detectors are not to be compared.
 *
 * @param detector that made the features
 * @param prefix {@code r} for reconstructions, {@code g} for samples
 */
record FigureNames(DetectorFile detector, String prefix) {
    String frechet() {
        String name = detector.figure();
        return name.equals("FID") ? prefix + name : name;
    }

    String spatialFrechet() {
        return named("sFID", "spatialFrechet");
    }

    String kernelDistance() {
        return named("KID", "kernelDistance");
    }

    String inceptionScore() {
        return named("inceptionScore", "classScore");
    }

    /** A figure that has one name, as {@code precision}. */
    String of(String figure) {
        return named(figure, figure);
    }

    private String named(String communityName, String other) {
        String name = detector.figure();
        return name.equals("FID") ? communityName : other + "(" + name.replaceFirst("^frechet\\((.*)\\)$", "$1") + ")";
    }
}
