#!/usr/bin/env bash
# Runs one of the longer tests, benchmarks or studies, which carry a JUnit tag and are left out of `mvn -B verify`.
# Without a name, or with one it does not know, it prints the list and ends with exit code 2.
# usage: deploy/test.sh NAME [maven arguments]
# example: deploy/test.sh RealFeaturesStudy -Dul.statistics=/data/statistics -Dul.detector=/data/resnet50.pt
set -euo pipefail
cd "$(dirname "$0")/.."

# name (a test class), where and how far Maven runs it (`verify` packages the jobs first, for spark-submit), description
readonly suites='
FaultsTest             -pl tests verify                faults to training on a local cluster: killed, frozen and cut-off ranks, full disk, lost store; needs root
PreparationFaultsTest  -pl tests verify                faults to the preparation of pictures; needs root
EvaluationFaultsTest   -pl tests verify                executors killed during evaluation and sampling
RefusalsTest           -pl tests verify                a run resumed with other settings, on a local cluster
LeaseFaultsTest        -pl tests verify                two drivers on one run, and stopped drivers, on disk, HDFS and S3
StopTest               -pl tests verify                budgets, missing slots and an encrypted run on a local cluster
SoakTest               -pl tests verify                10,000 training steps of two ranks: memory must not grow
DamagedVideoTest       -pl data-prep test              23,100 damaged video files: memory must not grow
ResNet50Test           -pl tests test                  ResNet-50 built of our layers, with published weights; fetches 225 MB by npm
CameraVideosTest       -pl tests test                  clips of camera videos beside the ffmpeg program; needs npm and ffmpeg
NcclGpuTest            -Pcu124 -pl ul-spark-core test  NCCL on the GPUs of this machine; needs a GPU and libcudart.so
TrainStepBenchmark     -pl tests test                  the stage-1 training step beside eager PyTorch; needs python3-torch
CollectiveBenchmark    -pl tests test                  all-reduce beside gloo, and two ranks beside one; needs python3-torch
EvaluationBenchmark    -pl tests test                  features, statistics and distances of 50,000 vectors: time and memory
PictureBenchmark       -pl tests test                  decoding, resizing and PNG encoding beside Pillow; needs Pillow
ClipBenchmark          -pl tests test                  decoding of videos beside the ffmpeg program; needs npm and ffmpeg
RealFeaturesStudy      -pl tests test                  Fréchet distances of real features beside SciPy; needs -Dul.statistics and -Dul.detector
'

name="${1:-}"
while read -r suite options; do
  if [ -n "$suite" ] && [ "$suite" = "$name" ]; then
    shift
    # the options end where the description begins, at two spaces or more
    read -r -a maven <<< "${options%%  *}"
    exec mvn -B "${maven[@]}" -am -Dtest.excluded= -Dsurefire.failIfNoSpecifiedTests=false -Dtest="$suite" "$@"
  fi
done <<< "$suites"

[ -z "$name" ] || echo "test.sh: there is no suite $name; the list names all" >&2
echo "usage: deploy/test.sh NAME [maven arguments]"
while read -r suite options; do
  [ -z "$suite" ] || printf '  %-22s %s\n' "$suite" "${options##*  }"
done <<< "$suites"
exit 2
