#!/bin/sh
# Builds parley-sfu, the LiveKit server that parleyd runs for calls of groups with more than four people:
# sfu.sh [OUTPUT], build/parley-sfu at first. It is a module of its own, because its versions differ from Parley's.
set -eu
cd "$(dirname "$0")/.."
output=$PWD/build/parley-sfu
case "${1:-}" in
'') ;;
/*) output=$1 ;;
*) output=$PWD/$1 ;;
esac
mkdir -p "$(dirname "$output")"
cd tools/sfu
CGO_ENABLED=0 exec go build -trimpath -ldflags "-s -w" -o "$output" .
