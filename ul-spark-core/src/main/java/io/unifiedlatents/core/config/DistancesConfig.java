package io.unifiedlatents.core.config;

/**
 * Figures made of a detector's features.
 *
 * @param kernelSubsets subsets of the kernel distance (100 is usual); 0: not measured
 * @param kernelSubsetSize vectors in each (1,000 is usual)
 * @param neighbours k of precision, recall, density and coverage (3 or 5 are usual); 0: not measured
 * @param inceptionSplits parts of the Inception Score (10 is usual); 0: not measured
 * @param jackknifeGroups groups of pictures left out in turn for the interval of a Fréchet distance; 0: no interval
 * @param infinityPoints subsets for the Fréchet distance at infinity (15 in its paper); 0: not measured
 * @param floor whether the distance between two halves of the reference is measured, too
 */
public record DistancesConfig(
        int kernelSubsets,
        int kernelSubsetSize,
        int neighbours,
        int inceptionSplits,
        int jackknifeGroups,
        int infinityPoints,
        boolean floor) {
    /** Checks the ranges. */
    public DistancesConfig {
        Check.setting(
                kernelSubsets >= 0 && kernelSubsetSize >= 2,
                "kernelSubsets=%d must be 0 or more, kernelSubsetSize=%d at least 2",
                kernelSubsets,
                kernelSubsetSize);
        Check.setting(
                neighbours >= 0 && inceptionSplits >= 0,
                "neighbours=%d and inceptionSplits=%d must be 0 or more",
                neighbours,
                inceptionSplits);
        Check.setting(
                (jackknifeGroups == 0 || jackknifeGroups >= 2) && (infinityPoints == 0 || infinityPoints >= 3),
                "jackknifeGroups=%d must be 0 or at least 2, infinityPoints=%d 0 or at least 3",
                jackknifeGroups,
                infinityPoints);
    }
}
