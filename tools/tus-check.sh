#!/bin/sh
# Uploads with tus-js-client from npm through a proxy that cuts its connections at random: tus-check.sh [MEGABYTES].
# Needs node and npm. The npm packages go to a temporary folder.
set -eu
cd "$(dirname "$0")/.."
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cp bench/tus/upload.mjs "$dir"
npm install --silent --no-audit --no-fund --prefix "$dir" tus-js-client@4.3.1
go run ./bench/tus -client "$dir/upload.mjs" -size "${1:-200}"
