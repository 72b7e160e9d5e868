#!/usr/bin/env bash
# A standalone Spark cluster on this machine: a master and N workers of one core each.
# UL_HOST, UL_MASTER_PORT, UL_MASTER_UI_PORT: where the master listens.
# usage: deploy/local-cluster.sh start <directory> [workers] [memory] | stop <directory>
set -euo pipefail
action="${1:?start or stop}"
directory="${2:?a directory for logs and pids}"
workers="${3:-2}"
memory="${4:-3g}"
host="${UL_HOST:-127.0.0.1}"
export SPARK_LOCAL_IP="$host" SPARK_DAEMON_MEMORY=512m SPARK_NO_DAEMONIZE=1
port="${UL_MASTER_PORT:-17077}"
ui="${UL_MASTER_UI_PORT:-18080}"

alive() { # number of workers the master has
  (exec 3<>"/dev/tcp/$host/$ui" && printf 'GET /json/ HTTP/1.0\r\n\r\n' >&3 && cat <&3) 2>/dev/null |
    sed -n 's/.*"aliveworkers" *: *\([0-9]*\).*/\1/p'
}

case "$action" in
  start)
    mkdir -p "$directory"
    [ -z "$(alive)" ] || { echo "local-cluster.sh: port $ui is in use; set UL_MASTER_UI_PORT and UL_MASTER_PORT" >&2; exit 1; }
    : > "$directory/pids"
    "$SPARK_HOME/bin/spark-class" org.apache.spark.deploy.master.Master \
      --host "$host" --port "$port" --webui-port "$ui" > "$directory/master.log" 2>&1 &
    echo $! >> "$directory/pids"
    for ((worker = 1; worker <= workers; worker++)); do
      "$SPARK_HOME/bin/spark-class" org.apache.spark.deploy.worker.Worker \
        --host "$host" --webui-port 0 --cores 1 --memory "$memory" --work-dir "$directory/work-$worker" \
        "spark://$host:$port" > "$directory/worker-$worker.log" 2>&1 &
      echo $! >> "$directory/pids"
    done
    for ((second = 0; second < 120; second++)); do
      [ "$(alive)" = "$workers" ] && { echo "spark://$host:$port"; exit 0; }
      sleep 1
    done
    echo "local-cluster.sh: $workers workers did not register within 120 s; see $directory/*.log" >&2
    exit 1
    ;;
  stop)
    [ ! -f "$directory/pids" ] || while read -r pid; do kill "$pid" 2>/dev/null || true; done < "$directory/pids"
    rm -f "$directory/pids"
    ;;
  *)
    echo "local-cluster.sh: $action is neither start nor stop" >&2
    exit 2
    ;;
esac
