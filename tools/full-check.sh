#!/bin/sh
# Checks what happens to files when the disk of a device, or of the server, is full. For that it creates a small file
# system in memory, visible to this script only.
set -eu
cd "$(dirname "$0")/.."
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
go build -o "$dir/full" ./bench/full
mkdir "$dir/small"
# shellcheck disable=SC2016 # the inner shell expands it
unshare --map-root-user --mount sh -c 'mount -t tmpfs -o size=200m tmpfs "$1/small" && exec "$1/full" -dir "$1/small"' sh "$dir"
