/** Videos to clips: windows of frames, decoded and scaled by FFmpeg's libraries; tables of video data sets. */
@NullMarked
package io.unifiedlatents.dataprep.clip;

import org.jspecify.annotations.NullMarked;
