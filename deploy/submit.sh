#!/usr/bin/env bash
# Runs a job by spark-submit with UL-Spark's jars on the class path of driver and executors.
# usage: deploy/submit.sh <Job> [spark-submit options --] <job options>
#   MASTER      cluster, as spark://host:7077 (default: local[2])
#   SPARK_HOME  Spark distribution
#   UL_LIB      directory with the jars, at the same path on every node (default: jobs/target/lib)
# example: MASTER=spark://10.0.0.1:7077 deploy/submit.sh TrainLatents --conf spark.cores.max=8 -- --preset imagenet512
set -euo pipefail
root="$(cd "$(dirname "$0")/.." && pwd)"
job="${1:?usage: deploy/submit.sh <Job> [spark-submit options --] <job options>}"
shift
lib="${UL_LIB:-$root/jobs/target/lib}"
[ -d "$lib" ] || { echo "submit.sh: no jars in $lib; build first: mvn -B -DskipTests package" >&2; exit 1; }
spark=()
for argument in "$@"; do
  if [ "$argument" = "--" ]; then
    while [ "$1" != "--" ]; do spark+=("$1"); shift; done
    shift
    break
  fi
done
# without it Java cannot name files whose names are not ASCII
export LC_ALL="${LC_ALL:-C.UTF-8}"
# a barrier stage needs all its slots at once: wait for the executors, and look again every second, not every 15
exec "${SPARK_HOME:?SPARK_HOME is not set}/bin/spark-submit" \
  --master "${MASTER:-local[2]}" \
  --class "io.unifiedlatents.jobs.$job" \
  --driver-class-path "$lib/*" \
  --driver-java-options "-Dlog4j2.configurationFile=file:$root/deploy/log4j2.properties" \
  --conf "spark.executor.extraClassPath=$lib/*" \
  --conf "spark.executorEnv.LC_ALL=$LC_ALL" \
  --conf "spark.executorEnv.DJL_OFFLINE=true" --conf "spark.executorEnv.OPT_OUT_TRACKING=true" \
  --conf "spark.scheduler.minRegisteredResourcesRatio=1.0" \
  --conf "spark.scheduler.barrier.maxConcurrentTasksCheck.interval=1s" \
  --conf "spark.task.reaper.enabled=true" --conf "spark.task.reaper.killTimeout=60s" \
  --conf "spark.ui.showConsoleProgress=false" \
  "${spark[@]}" "$lib"/jobs-*.jar "$@"
