# shellcheck shell=sh disable=SC2034,SC2154 # what it sets is used by the checks, and they set what it uses
# The parts that checks of the real window share; they are read with ".", from the top of the repository, with pictures
# set. The program runs on a virtual display, with keyboard and mouse like a user. Every process that is started is ended,
# by its id; all that is written but the pictures is in a temporary folder.

for tool in Xvfb xdotool import identify sqlite3 xclip openbox dbus-daemon dunst; do
	command -v "$tool" >/dev/null 2>&1 && continue
	need="xvfb xdotool imagemagick sqlite3 xclip openbox dbus-daemon dbus-bin dunst"
	echo "Installing with apt-get: $need"
	root=
	[ "$(id -u)" -eq 0 ] || root=sudo
	$root apt-get update -qq
	# shellcheck disable=SC2086 # several packages
	$root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $need >/dev/null
	break
done

sh tools/build.sh build/parley
go build -tags migrated_fynedo -o build/parleyd ./cmd/parleyd
work=$(mktemp -d)
mkdir -p "$pictures"
rm -f "$pictures"/*.png
pids=

finish() {
	status=$?
	for pid in $pids; do
		kill "$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
	done
	if [ "$status" -ne 0 ]; then
		for log in "$work"/*.log; do
			[ -s "$log" ] || continue
			echo "--- the end of $(basename "$log")"
			tail -n 30 "$log"
		done
	fi
	rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT TERM

fail() {
	[ -z "${DISPLAY:-}" ] || import -window root "$pictures/failed.png" 2>/dev/null || true
	echo "$(basename "$0") FAILED: $*" >&2
	exit 1
}

# within SECONDS WHAT COMMAND... repeats the command until it succeeds.
within() {
	seconds=$1
	what=$2
	shift 2
	begin=$(now)
	until "$@" >/dev/null 2>&1; do
		[ $(($(now) - begin)) -lt $((seconds * 1000)) ] || fail "not seen in $seconds s: $what"
		sleep 0.05
	done
	echo "seen after $(($(now) - begin)) ms: $what"
}

# now prints the time in milliseconds.
now() { echo $(($(date +%s%N) / 1000000)); }

# painted WINDOW: a blank window has one colour, a painted one a hundred and more because of the smooth edges of
# letters.
painted() {
	import -window "$1" "$work/probe.png" && [ "$(identify -format %k "$work/probe.png")" -ge 100 ]
}

# picture NAME keeps a picture of the display once it no longer changes.
picture() {
	settle
	import -window root "$pictures/$1.png"
	colours=$(identify -format %k "$pictures/$1.png")
	[ "$colours" -ge 100 ] || fail "$1.png has $colours colours, it is blank"
	echo "kept: $1.png"
}

# still: nothing on the display changes but a caret, and the digits of two countdowns.
still() {
	import -window root "$work/one.png" && sleep 0.3 && import -window root "$work/two.png" &&
		differ=$(compare -metric AE "$work/one.png" "$work/two.png" null: 2>&1 || true) && [ "${differ%%.*}" -lt 1000 ]
}

# settle waits until the program has finished its reaction.
settle() { within 10 "stillness" still >/dev/null; }

open_display() {
	rm -f "$work/display"
	Xvfb -displayfd 3 -screen 0 "$1x24" -noreset -nolisten tcp 3>"$work/display" 2>/dev/null &
	pids="$! $pids"
	within 20 "a display" test -s "$work/display"
	DISPLAY=:$(cat "$work/display")
	export DISPLAY
}

has_window() { xdotool search --all --onlyvisible --pid "$1" --name 'Parley$'; }

# open_app PROFILE X starts the program and moves its window to X. Sets pid and window.
open_app() {
	build/parley --data "$work/data" --profile "$1" --log-level info >>"$work/$1.log" 2>&1 &
	pid=$!
	pids="$pid $pids"
	within 20 "the window of $1" has_window "$pid"
	window=$(has_window "$pid" | head -n 1)
	xdotool windowmove "$window" "$2" 0
	xdotool windowfocus --sync "$window"
	within 10 "the window of $1, painted" painted "$window"
}

# stop PID ends a program as a session manager does, and expects success.
stop() {
	kill "$1"
	wait "$1" || fail "the program ended with status $?"
}

# was_cut PROFILE TIMES: the profile has lost its connection at least so many times.
was_cut() { [ "$(grep -c 'was_online=true' "$work/$1.log")" -ge "$2" ]; }

# look PROFILE NAME [MORE] sets light or dark before the first start, as the menu does, and more preferences.
look() {
	id=$(printf %s "$work/data/profile-$1" | sha256sum | cut -c 1-12) # as main.go names them
	mkdir -p "$XDG_CONFIG_HOME/fyne/org.parleychat.Parley.$id"
	printf '{"theme":"%s"%s}' "$2" "${3:-}" >"$XDG_CONFIG_HOME/fyne/org.parleychat.Parley.$id/preferences.json"
}

click() { xdotool mousemove --window "$window" "$1" "$2" click 1; }

write() { xdotool type --delay 15 "$1" && xdotool key Return; }

# is COUNT PROFILE TEXT STATUS: the profile's database has this many messages of this text and status, by the
# reference's numbers.
is() {
	[ "$1" = "$(sqlite3 -readonly "$work/data/profile-$2/messages.db" \
		"SELECT count(*) FROM messages WHERE CAST(data AS TEXT) LIKE '$3' AND status = $4")" ]
}
outbox=0 delivered=2 read=3 received=18 seen=19

start_server() {
	build/parleyd serve --data "$work/server" --addr "$1" --no-message-requests >>"$work/server.log" 2>&1 &
	server=$!
	pids="$server $pids"
	within 10 "the server" grep -q "listening on" "$work/server.log"
	address=$(sed -n 's/^listening on \([^,]*\),.*/\1/p' "$work/server.log" | tail -n 1)
}

join() {
	token=$(build/parleyd user add --data "$work/server" --name "$2" "$1")
	click 521 530
	write "$token"
	within 10 "$1 joined" test -s "$work/data/profile-$1/account.json"
}

GOCACHE=$(go env GOCACHE) GOPATH=$(go env GOPATH) GOMODCACHE=$(go env GOMODCACHE) # for tools that follow
export GOCACHE GOPATH GOMODCACHE
unset WAYLAND_DISPLAY DBUS_SESSION_BUS_ADDRESS || true
export LANG=en_US.UTF-8 LC_ALL=en_US.UTF-8 LIBGL_ALWAYS_SOFTWARE=1
export HOME="$work/home" XDG_CONFIG_HOME="$work/config" XDG_DATA_HOME="$work/share" XDG_CACHE_HOME="$work/cache"
mkdir -p "$HOME"
