#!/bin/sh
# Two people call each other with the real program in real windows, on a virtual display and a sound server without
# hardware: what is said at each end must be heard at the other. Keeps pictures in build/calls. It ends every process
# that it started, by its id; all it writes but the pictures is in a temporary folder. Needs Linux with apt-get, or
# xvfb, xdotool, imagemagick, openbox, sqlite3, pulseaudio, pulseaudio-utils, libopus0, libvpx7 and libspeexdsp1.
set -eu
cd "$(dirname "$0")/.."
pictures=build/calls

for tool in Xvfb xdotool import openbox sqlite3 pulseaudio parec; do
	command -v "$tool" >/dev/null 2>&1 && continue
	need="xvfb xdotool imagemagick openbox sqlite3 pulseaudio pulseaudio-utils libopus0 libvpx7 libspeexdsp1"
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
go build -tags window -o build/sound ./bench/sound
work=$(mktemp -d)
mkdir -p "$pictures" "$work/home" "$work/server"
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
	echo "calls FAILED: $*" >&2
	exit 1
}

# now prints the time in milliseconds.
now() { echo $(($(date +%s%N) / 1000000)); }

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

picture() {
	sleep 0.5
	import -window root "$pictures/$1.png"
	echo "kept: $1.png"
}

unset WAYLAND_DISPLAY DBUS_SESSION_BUS_ADDRESS || true
export LANG=en_US.UTF-8 LC_ALL=en_US.UTF-8 LIBGL_ALWAYS_SOFTWARE=1
export HOME="$work/home" XDG_CONFIG_HOME="$work/config" XDG_DATA_HOME="$work/share" XDG_CACHE_HOME="$work/cache"
export PULSE_RUNTIME_PATH="$work" PULSE_SERVER="unix:$work/native" PULSE_LATENCY_MSEC=20

echo "== A sound server: each person has a speaker and a microphone"
set --
for name in alice bob; do
	set -- "$@" -L "module-null-sink sink_name=speaker-$name rate=48000 channels=2" \
		-L "module-null-sink sink_name=voice-$name rate=48000 channels=1" \
		-L "module-remap-source master=voice-$name.monitor source_name=microphone-$name"
done
setsid pulseaudio -n --daemonize=no --exit-idle-time=-1 --disallow-exit \
	-L "module-native-protocol-unix socket=$work/native auth-anonymous=1" "$@" 2>"$work/pulse.log" &
pids="$! $pids"
within 10 "the sound server" test -S "$work/native"
for voice in alice:1000 bob:600; do
	build/sound talk "$work/${voice%:*}.wav" "${voice#*:}"
done

echo "== A display, a server, and two people who know each other"
Xvfb -displayfd 3 -screen 0 1900x1000x24 -noreset -nolisten tcp 3>"$work/display" 2>/dev/null &
pids="$! $pids"
within 20 "a display" test -s "$work/display"
DISPLAY=:$(cat "$work/display")
export DISPLAY
openbox >/dev/null 2>&1 &
pids="$! $pids"
build/parleyd serve --data "$work/server" --addr 127.0.0.1:0 >"$work/server.log" 2>&1 &
pids="$! $pids"
within 10 "the server" grep -q "listening on" "$work/server.log"

# named PID PATTERN prints a window of a program whose title matches.
named() { xdotool search --all --onlyvisible --pid "$1" --name "$2" | head -n 1 | grep .; }

# open_app PROFILE NAME LOOK X starts the program for a person and moves its window to X. Sets pid and window.
open_app() {
	id=$(printf %s "$work/data/profile-$1" | sha256sum | cut -c 1-12) # as main.go names them
	mkdir -p "$XDG_CONFIG_HOME/fyne/org.parleychat.Parley.$id"
	printf '{"theme":"%s"}' "$3" >"$XDG_CONFIG_HOME/fyne/org.parleychat.Parley.$id/preferences.json"
	PULSE_SINK=speaker-$1 PULSE_SOURCE=microphone-$1 \
		build/parley --data "$work/data" --profile "$1" --log-level info >>"$work/$1.log" 2>&1 &
	pid=$!
	pids="$pid $pids"
	within 20 "the window of $1" named "$pid" 'Parley$'
	window=$(named "$pid" 'Parley$')
	xdotool windowsize --sync "$window" 940 760 windowmove --sync "$window" "$4" 20
	focus "$window"
	sleep 1
	token=$(build/parleyd user add --data "$work/server" --name "$2" "$1")
	xdotool mousemove --window "$window" 470 530 click 1
	sleep 0.5
	write "$token"
	within 10 "$1 joined" test -s "$work/data/profile-$1/account.json"
	sleep 1
}

focus() { xdotool windowactivate --sync "$1" || fail "a window cannot have the keyboard"; }

write() { xdotool type --delay 15 "$1" && xdotool key Return; }

# records PROFILE prints how the calls of a person ended: the reference's numbers of the messages' statuses.
records() {
	sqlite3 -readonly "$work/data/profile-$1/messages.db" \
		"SELECT group_concat(status, ' ') FROM (SELECT status FROM messages WHERE kind = 4 ORDER BY position, id)"
}
missed=21 incoming=22 outgoing=23

have() { [ "$(records "$1")" = "$2" ]; }

# hears PROFILE HZ: a person hears a tone; 0 is silence.
hears() {
	timeout 2 parec -d "speaker-$1.monitor" --file-format=wav "$work/heard.wav" || [ $? -eq 124 ]
	heard=$(build/sound measure "$work/heard.wav")
	echo "$1 hears: $heard" >>"$work/heard.log"
	hz=${heard##*, }
	hz=${hz% Hz}
	loud=${heard#*loudness }
	loud=${loud%%,*}
	case $2 in
	0) [ "$loud" = 0.000 ] ;;
	*) [ "$loud" != 0.000 ] && [ "$hz" -ge $(($2 - 3)) ] && [ "$hz" -le $(($2 + 3)) ] ;;
	esac
}

open_app alice 'Alice Martin' light 0
alice=$window alice_pid=$pid
open_app bob 'Bob Fischer' dark 950
bob=$window bob_pid=$pid
focus "$alice"
xdotool key ctrl+n
sleep 1
write bob
sleep 1
write 'May I call you?'
sleep 1
focus "$bob"
xdotool mousemove --window "$bob" 160 124 click 1
sleep 1
write 'Yes!'
sleep 1

# talking PID: the call window of a program counts the time.
talking() { named "$1" '[0-9][0-9]:[0-9][0-9]$'; }
# quiet PID: no window of a call is open.
quiet() { ! named "$1" 'Calling|Ringing|Incoming|Connecting|ended|Declined|Missed|:[0-9][0-9]$'; }

# ring KEYS KIND lets alice call, and puts bob's window in front.
ring() {
	focus "$alice"
	xdotool key "$1"
	within 5 "it rings at bob" named "$bob_pid" "Incoming $2 call"
	ringing=$(named "$bob_pid" "Incoming $2 call")
	focus "$ringing"
}

echo "== A call: both hear each other, until one is muted"
paplay -d voice-alice "$work/alice.wav" &
pids="$! $pids"
paplay -d voice-bob "$work/bob.wav" &
pids="$! $pids"
ring ctrl+shift+c voice
picture ring
xdotool key Return
within 5 "bob talks" talking "$bob_pid"
within 5 "alice talks" talking "$alice_pid"
within 20 "alice's voice at bob's" hears bob 1000
within 20 "bob's voice at alice's" hears alice 600
picture talk
focus "$(talking "$bob_pid")"
xdotool key m
within 20 "bob, muted" hears alice 0
within 20 "bob still hears alice" hears bob 1000
picture muted
xdotool key m
within 20 "bob's voice again" hears alice 600
xdotool key Escape
within 5 "the record at alice's" have alice "$outgoing"
within 5 "the record at bob's" have bob "$incoming"
picture ended
within 10 "bob's window is closed" quiet "$bob_pid"
within 10 "alice's window is closed" quiet "$alice_pid"
within 5 "silence at bob's" hears bob 0

echo "== Declined"
ring ctrl+shift+c voice
xdotool key Escape
within 5 "the record at alice's" have alice "$outgoing $outgoing"
within 5 "the record at bob's" have bob "$incoming $incoming"
picture declined
within 10 "the windows are closed" quiet "$alice_pid"

echo "== Given up: bob has missed it"
ring ctrl+shift+c voice
focus "$(named "$alice_pid" '^Bob Fischer .* Ringing')"
xdotool key Escape
within 5 "the record at bob's" have bob "$incoming $incoming $missed"
picture missed
within 10 "the windows are closed" quiet "$alice_pid"

echo "== The program ends in the middle of a call, and the other side learns it"
ring ctrl+shift+c voice
xdotool key Return
within 5 "alice talks" talking "$alice_pid"
kill "$bob_pid"
wait "$bob_pid" || fail "the program ended with status $?"
within 5 "the record at alice's" have alice "$outgoing $outgoing $outgoing $outgoing"

echo "The pictures are in $pictures."
