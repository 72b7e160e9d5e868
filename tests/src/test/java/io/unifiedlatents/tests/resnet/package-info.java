/** ResNet-50 for ImageNet: a known network written with our layers, and the detector of Fréchet distances. */
@NullMarked
package io.unifiedlatents.tests.resnet;

import org.jspecify.annotations.NullMarked;
