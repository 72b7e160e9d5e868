#!/usr/bin/env bash
# Makes a Spark home (jars, spark-class, spark-submit) out of Maven artifacts, for machines without a distribution.
# usage: deploy/spark-home.sh <directory>
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
home="${1:?usage: deploy/spark-home.sh <directory>}"
[ -f "$home/.complete" ] && exit 0
mkdir -p "$home/bin" "$home/conf" "$home/logs"
mvn -B -q -f "$here/spark-home.pom.xml" dependency:copy-dependencies \
  -DoutputDirectory="$(cd "$home" && pwd)/jars" -DincludeScope=runtime
cat > "$home/bin/spark-class" <<'SCRIPT'
#!/usr/bin/env bash
set -euo pipefail
export SPARK_HOME="${SPARK_HOME:-$(cd "$(dirname "$0")/.." && pwd)}"
export SPARK_SCALA_VERSION=2.12 SPARK_ENV_LOADED=1
java="${JAVA_HOME:+$JAVA_HOME/bin/}java"
mapfile -d '' -t command < <("$java" -Xmx128m -cp "$SPARK_HOME/jars/*" org.apache.spark.launcher.Main "$@")
[ "${#command[@]}" -gt 1 ] || { echo "spark-class: the launcher gave no command" >&2; exit 1; }
command=("${command[@]:1}")            # the launcher prints an empty line first
command[0]="${command[0]#$'\n'}"
exec "${command[@]}"
SCRIPT
cat > "$home/bin/spark-submit" <<'SCRIPT'
#!/usr/bin/env bash
exec "$(dirname "$0")/spark-class" org.apache.spark.deploy.SparkSubmit "$@"
SCRIPT
chmod +x "$home/bin/spark-class" "$home/bin/spark-submit"
touch "$home/.complete"
