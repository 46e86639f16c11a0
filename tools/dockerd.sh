#!/bin/sh
# Start or stop a Docker daemon of our own, for tests on a machine that has none running.
#
#   tools/dockerd.sh start FOLDER   prints the DOCKER_HOST to use, once the daemon answers
#   tools/dockerd.sh stop FOLDER    ends it and waits until it is gone
#
# It needs root. It makes no bridge and touches no firewall: containers have no network, or the host's.
set -eu

usage() {
    echo "usage: $0 start|stop FOLDER" >&2
    exit 2
}

[ $# -eq 2 ] || usage
mkdir -p "$2"
folder=$(cd "$2" && pwd)
host="unix://$folder/docker.sock"

answers() {
    docker -H "$host" version >/dev/null 2>&1
}

alive() {
    [ -s "$folder/pid" ] && kill -0 "$(cat "$folder/pid")" 2>/dev/null
}

start() {
    if ! answers; then
        if [ "$(id -u)" -ne 0 ]; then
            echo "starting dockerd needs root; run this as root, or set DOCKER_HOST to a running daemon" >&2
            exit 1
        fi
        if ! command -v dockerd >/dev/null; then
            echo "dockerd is not installed; apt-get install docker.io" >&2
            exit 1
        fi
        alive || rm -f "$folder/pid"
        setsid dockerd --data-root "$folder/data" --exec-root "$folder/exec" -H "$host" \
            --pidfile "$folder/pid" --bridge=none --iptables=false --ip6tables=false \
            </dev/null >"$folder/log" 2>&1 &
        tries=0
        until answers; do
            tries=$((tries + 1))
            if [ "$tries" -ge 120 ]; then
                echo "dockerd did not answer within 60 s; the end of $folder/log:" >&2
                tail -n 20 "$folder/log" >&2
                exit 1
            fi
            sleep 0.5
        done
    fi
    echo "$host"
}

stop() {
    if alive; then
        pid=$(cat "$folder/pid")
        kill "$pid"
        tries=0
        while kill -0 "$pid" 2>/dev/null && [ "$tries" -lt 60 ]; do
            tries=$((tries + 1))
            sleep 0.5
        done
        if kill -0 "$pid" 2>/dev/null; then
            echo "dockerd $pid did not end within 30 s" >&2
            exit 1
        fi
    fi
}

case $1 in
start) start ;;
stop) stop ;;
*) usage ;;
esac
