#!/usr/bin/env bash
# The jobs from pictures to samples, on a standalone cluster of two workers on this machine.
# Needs JDK 17 and Maven. usage: deploy/quickstart.sh [--short]
set -euo pipefail
cd "$(dirname "$0")/.."
short=()
if [ "${1:-}" = "--short" ]; then # the same jobs on few steps: does everything run?
  short=(--set trainLatents.run.steps=60 --set trainLatents.run.checkpointEvery=20 --set trainLatents.run.keepEvery=20
    --set trainDecoder.run.steps=20 --set trainDecoder.run.checkpointEvery=20 --set evaluate.samplerSteps=4
    --set trainBase.run.steps=20 --set trainBase.run.checkpointEvery=20 --set sample.baseSteps=4 --set sample.decoderSteps=4)
fi
work=.quickstart
began=$SECONDS
say() { printf '\n== %s  (%d s)\n' "$*" $((SECONDS - began)); }

say "build"
mvn -B -q -DskipTests -pl jobs -am package
if [ -z "${SPARK_HOME:-}" ]; then
  say "Spark home from Maven artifacts"
  export SPARK_HOME="$PWD/$work/spark-home"
  deploy/spark-home.sh "$SPARK_HOME"
fi

say "cluster: a master and two workers"
rm -rf "$work/data" "$work/run"
trap 'deploy/local-cluster.sh stop "$work/cluster"' EXIT
MASTER="$(deploy/local-cluster.sh start "$work/cluster" 2)"
export MASTER

submit() {
  local job="$1"
  shift
  say "$job $*"
  deploy/submit.sh "$job" --driver-memory 1g --executor-memory 2g --conf spark.cores.max=2 \
    --conf spark.driver.host=127.0.0.1 --conf spark.driver.bindAddress=127.0.0.1 -- \
    --preset quickstart "${short[@]}" "$@"
}

submit PrepareImages
submit TrainLatents
first="$(ls "$work/run/latents/checkpoints" | sed -n 's/^step-0*\([0-9]*\).*/\1/p' | sort -n | head -n 1)"
submit Evaluate --set evaluate.name=first-checkpoint --set "evaluate.step=$first"
submit Evaluate --set evaluate.name=joint-decoder
submit ExtractLatents
submit TrainDecoder
submit TrainBase
submit Evaluate --set evaluate.name=decoder-on-latents --set evaluate.decoder=decoder --set evaluate.base=true
submit Sample

submit Compare --html "$work/run/evaluation/compare.html" --reports "$work/run/evaluation/first-checkpoint" \
  "$work/run/evaluation/joint-decoder" "$work/run/evaluation/decoder-on-latents"

deploy/local-cluster.sh stop "$work/cluster"
say "done"
cat <<EOF

Look at
  $work/run/evaluation/joint-decoder/report.html figures, held-out pictures beside their reconstructions, how they came about
  $work/run/evaluation/compare.html       the three evaluations side by side
  $work/run/samples/newest/_grid.png      pictures out of noise, by the base model and the decoder trained with the encoder
  $work/run/latents/log-0.jsonl            progress; the same for TensorBoard: tensorboard --logdir $work/run
  $work/run/latents/exports/               encoder.pt, prior.pt, decoder.pt: TorchScript for Python, C++ and DJL; base.pt is in base/exports/
  $work/data/                             Parquet shards and the status of every input
EOF
