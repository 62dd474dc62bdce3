#!/bin/sh
# Looks for known faults in what the programs call of other modules: vuln.sh [PACKAGE...]. The Go project's database comes as a
# module, so this needs nothing but the module proxy. Its version is written here, so that the same commit always has the same
# answer; `sh tools/vuln.sh latest` takes the newest.
set -eu
cd "$(dirname "$0")/.."
database=v0.0.0-20261105234957-e22db6528018
if [ "${1:-}" = latest ]; then
	database=latest
	shift
fi
[ $# -gt 0 ] || set -- ./...
version=$(go list -m -f '{{.Version}}' "golang.org/x/vulndb@$database")
index=$PWD/build/vulndb-$version
if [ ! -f "$index/index/db.json" ]; then
	folder=$(go mod download -json "golang.org/x/vulndb@$version" | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p')
	rm -rf "$index.new"
	go run "golang.org/x/vulndb/cmd/indexdb@$version" -vulns "$folder/data/osv" -out "$index.new"
	rm -rf "$index"
	mv "$index.new" "$index"
fi
go run golang.org/x/vuln/cmd/govulncheck@v1.9.0 -db "file://$index" -tags migrated_fynedo "$@"
