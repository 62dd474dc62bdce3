#!/bin/sh
# Checks the style: golangci-lint with .golangci.yml (versions in tools/go.mod),
# and the shell scripts where shellcheck is installed.
set -eu
cd "$(dirname "$0")/.."
[ $# -gt 0 ] || set -- ./...
go tool -modfile=tools/go.mod golangci-lint run "$@"
if command -v shellcheck >/dev/null 2>&1; then
	shellcheck tools/*.sh packaging/parleyd/*.sh .ci/run
else
	echo "shellcheck is not installed: the scripts were not checked."
fi
