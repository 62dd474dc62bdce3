#!/bin/sh
# Runs a server on this machine with its data in build/server. The first time it adds alice and bob and prints their
# access tokens. Arguments go to parleyd serve.
set -eu
cd "$(dirname "$0")/.."
data=build/server
go build -tags migrated_fynedo -o build/parleyd ./cmd/parleyd
if [ $# -eq 0 ]; then
	for name in alice bob; do
		if token=$(build/parleyd user add --data "$data" --server http://127.0.0.1:8080 "$name" 2>/dev/null); then
			printf 'The access token of %s, for "Join a server" in Parley:\n%s\n\n' "$name" "$token"
		fi
	done
fi
[ -x build/parley-sfu ] || echo "Calls of more than four people need build/parley-sfu: sh tools/sfu.sh"
echo "More users:        build/parleyd user add --data $data NAME"
echo "Another token:     build/parleyd token new --data $data alice"
exec build/parleyd serve --data "$data" "$@"
