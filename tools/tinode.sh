#!/bin/sh
# Builds Tinode's server for PostgreSQL, for comparison: tinode.sh FOLDER. The folder then has server and tinode-db.
set -eu
folder=${1:?usage: tinode.sh FOLDER}
version=v0.25.2

[ ! -x "$folder/server" ] || [ ! -x "$folder/tinode-db" ] || exit 0
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
module=$(mktemp -d)
trap 'rm -rf "$module"' EXIT
cd "$module"
# In a module of its own: "go install" also asks for the list of versions, which not every proxy has.
export GOFLAGS=-mod=mod
go mod init tinode >/dev/null 2>&1
go mod edit -require "github.com/tinode/chat@$version"
for program in server tinode-db; do
	go build -tags postgres -o "$folder/$program" "github.com/tinode/chat/$program"
done
