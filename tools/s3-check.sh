#!/bin/sh
# Uploads, downloads and deletes files with a server that keeps them in S3: in versitygw, an S3 server that is built
# once, which takes some minutes. s3-check.sh [MEGABYTES]. Everything runs on this machine, in a temporary folder.
set -eu
cd "$(dirname "$0")/.."
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
go -C tools/s3 build -o "$dir/versitygw" github.com/versity/versitygw/cmd/versitygw
go build -o "$dir/parleyd" ./cmd/parleyd
go run ./bench/s3 -gateway "$dir/versitygw" -parleyd "$dir/parleyd" -size "${1:-64}"
