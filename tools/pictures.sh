#!/bin/sh
# Takes the pictures of the documentation, of the real window: several people talk on a server, and Alice looks at them.
# They are kept in build/pictures; with the argument docs, those that README.md shows are copied to docs/img. It ends
# every process that it started, by its id.
set -eu
cd "$(dirname "$0")/.."
pictures=build/pictures

# shellcheck source=tools/e2erig.sh
. tools/e2erig.sh

start_server 127.0.0.1:0
open_display 1180x760
look alice light
open_app alice 0
join alice 'Alice Martin'
for user in 'bob Bob Fischer' 'chiara Chiara Rossi' 'dmitri Dmitri Orlov' 'eva Eva Lindqvist' 'farid Farid Haddad' \
	'greta Greta Holm' 'ivo Ivo Novak' 'layla Layla Mansour'; do
	address=${user%% *}
	echo "$address $(build/parleyd user add --data "$work/server" --name "${user#* }" "$address")"
done >"$work/tokens"
echo "alice $(build/parleyd token new --data "$work/server" alice)" >>"$work/tokens"
go build -tags migrated_fynedo -o build/ ./cmd/parley-people
build/parley-people <"$work/tokens" >"$work/people.log" 2>&1 &
pids="$! $pids"
within 30 "the talk" grep -q 'everything is sent' "$work/people.log"
within 10 "the last message" is 1 alice '%helmet%' $received
settle
click 160 188
sleep 1
picture main-light
xdotool key ctrl+i
picture profile
xdotool key ctrl+i
click 160 124
picture group-light
xdotool key ctrl+e
picture emoji
xdotool key Escape
xdotool key ctrl+comma
picture settings
stop "$pid"
look alice dark
open_app alice 0
click 160 188
picture main-dark
for language in de es fr ar zh-Hans; do
	stop "$pid"
	look alice light ",\"language\":\"$language\""
	open_app alice 0
	click 160 188
	picture "main-$language"
done
if [ "${1:-}" = docs ]; then
	for name in main-light main-dark group-light main-zh-Hans; do
		cp "$pictures/$name.png" docs/img/
	done
fi
echo "The pictures are in $pictures."
