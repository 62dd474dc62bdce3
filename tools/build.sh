#!/bin/sh
# Builds Parley with its window: build.sh OUTPUT [flags of go build]. The first build compiles the binding to OpenGL,
# which takes minutes on a small machine; a line shows the progress.
set -eu
cd "$(dirname "$0")/.."
output=${1:?usage: build.sh OUTPUT [flags of go build]}
shift

sh tools/build-deps.sh
mkdir -p "$(dirname "$output")"
log=$(mktemp)
# no_animations: Fyne's blinking caret of a text field repaints the whole window, which costs a tenth of a core and more
# while the field has the keyboard. no_emoji: Fyne's own font of emoji, 4 MB that each style of text reads; Parley has its
# own, and draws emoji as pictures. -trimpath: packages need it, and with it everywhere OpenGL is compiled once.
CGO_ENABLED=1 go build -v -trimpath -tags migrated_fynedo,no_animations,no_emoji "$@" -o "$output" . >"$log" 2>&1 &
pid=$!
trap 'kill "$pid" 2>/dev/null || true; rm -f "$log"' EXIT
trap 'exit 130' INT TERM

begin=$(date +%s)
shown=0
while kill -0 "$pid" 2>/dev/null; do
	sleep 0.2 2>/dev/null || sleep 1
	spent=$(($(date +%s) - begin))
	[ "$spent" -ge 3 ] || continue
	state="Building Parley: ${spent} s, $(wc -l <"$log" | tr -d ' ') packages (the first time takes a few minutes, most of them for OpenGL)"
	if [ -t 1 ]; then
		printf '\r\033[K%.*s' "$(($(tput cols 2>/dev/null || echo 80) - 1))" "$state"
		shown=$spent
	elif [ $((spent - shown)) -ge 20 ]; then
		printf '%s\n' "$state"
		shown=$spent
	fi
done
[ "$shown" -eq 0 ] || [ ! -t 1 ] || printf '\r\033[K'
if ! wait "$pid"; then
	# Lines other than package names are the errors.
	grep -v '^[A-Za-z0-9._~/-]*$' "$log" >&2 || cat "$log" >&2
	echo "Parley did not build." >&2
	exit 1
fi
echo "Built $output in $(($(date +%s) - begin)) s."
