/** Clips out of videos that a camera has taken, beside the ffmpeg program. */
@NullMarked
package io.unifiedlatents.tests.video;

import org.jspecify.annotations.NullMarked;
