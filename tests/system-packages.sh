#!/bin/sh
# The programs that the tests use beside Python: one line when something is missing, nothing when all is there.
set -eu

missing=""
need() { command -v "$1" >/dev/null 2>&1 || [ -x "/usr/sbin/$1" ] || missing="$missing $2"; }

need xmlsec1 xmlsec1
need redis-server redis-server
need haproxy haproxy
need chromium chromium

[ -n "$missing" ] || exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    echo "The tests need these Debian packages:$missing  (sudo apt-get install --no-install-recommends$missing)"
    exit 1
fi
echo "Installing for the tests:$missing ..."
log=$(mktemp)
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086  # a list of words
if ! { apt-get update -q && apt-get install -y -q --no-install-recommends $missing; } >"$log" 2>&1 </dev/null; then
    tail -n 20 "$log"
    echo "Could not install:$missing"
    rm -f "$log"
    exit 1
fi
rm -f "$log"
