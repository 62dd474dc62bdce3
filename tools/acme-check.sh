#!/bin/sh
# Lets parleyd get, serve and renew a certificate of a real certificate authority, Pebble, on this machine.
set -eu
cd "$(dirname "$0")/.."
mkdir -p build
go build -o build/parleyd ./cmd/parleyd
PARLEYD=$PWD/build/parleyd
export PARLEYD
cd tools/acme
exec go test -count=1 ./...
