# shellcheck shell=sh disable=SC2034,SC2154 # what it sets is used by the checks, and they set what it uses
# The parts that checks of calls in real windows share; they are read with ".", from the top of the repository, with
# pictures set. Real programs run on a virtual display, with a sound server without hardware on which each person has
# a speaker and a microphone. Every process that is started is ended, by its id; all that is written but the pictures is
# in a temporary folder. Needs Linux with apt-get, or xvfb, xdotool, imagemagick, openbox, sqlite3, pulseaudio,
# pulseaudio-utils, libopus0, libvpx7 and libspeexdsp1.

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

work=$(mktemp -d)
bin=$work/bin # of this run alone, so that two may run at a time
sh tools/build.sh "$bin/parley"
go build -tags migrated_fynedo -o "$bin/parleyd" ./cmd/parleyd
go build -tags window -o "$bin/sound" ./bench/sound
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

# sound_server NAME:HZ... gives each person a speaker, a microphone, and a voice: a tone.
sound_server() {
	echo "== A sound server: each person has a speaker and a microphone"
	voices=$*
	set --
	for voice in $voices; do
		name=${voice%:*}
		"$bin"/sound talk "$work/$name.wav" "${voice#*:}"
		set -- "$@" -L "module-null-sink sink_name=speaker-$name rate=48000 channels=2" \
			-L "module-null-sink sink_name=voice-$name rate=48000 channels=1" \
			-L "module-remap-source master=voice-$name.monitor source_name=microphone-$name"
	done
	setsid pulseaudio -n --daemonize=no --exit-idle-time=-1 --disallow-exit \
		-L "module-native-protocol-unix socket=$work/native auth-anonymous=1" "$@" 2>"$work/pulse.log" &
	pids="$! $pids"
	within 10 "the sound server" test -S "$work/native"
}

# speak PROFILE lets a person speak; speaker is the process.
speak() {
	paplay -d "voice-$1" "$work/$1.wav" &
	speaker=$!
	pids="$speaker $pids"
}

# display WIDTHxHEIGHT starts a display with a window manager, and the server.
display() {
	echo "== A display, and a server"
	Xvfb -displayfd 3 -screen 0 "$1x24" -noreset -nolisten tcp 3>"$work/display" 2>/dev/null &
	pids="$! $pids"
	within 20 "a display" test -s "$work/display"
	DISPLAY=:$(cat "$work/display")
	export DISPLAY
	openbox >/dev/null 2>&1 &
	pids="$! $pids"
	"$bin"/parleyd serve --data "$work/server" --addr 127.0.0.1:0 --sfu none --no-message-requests >"$work/server.log" 2>&1 &
	pids="$! $pids"
	within 10 "the server" grep -q "listening on" "$work/server.log"
}

# named PID PATTERN prints a window of a program whose title matches.
named() { xdotool search --all --onlyvisible --pid "$1" --name "$2" | head -n 1 | grep .; }

# sized: the window has its size, and the program has not given it another one.
sized() {
	xdotool windowsize "$window" 940 760
	sleep 0.5
	xdotool getwindowgeometry "$window" | grep -q 'Geometry: 940x760$'
}

# open_app PROFILE NAME LOOK X Y starts the program for a person and moves its window there. A person without a name is
# one who has an account already, on another device. Sets pid and window.
open_app() {
	id=$(printf %s "$work/data/profile-$1" | sha256sum | cut -c 1-12) # as main.go names them
	mkdir -p "$XDG_CONFIG_HOME/fyne/org.parleychat.Parley.$id"
	printf '{"theme":"%s"}' "$3" >"$XDG_CONFIG_HOME/fyne/org.parleychat.Parley.$id/preferences.json"
	person=${1%-*}
	PULSE_SINK=speaker-$person PULSE_SOURCE=microphone-$person \
		"$bin"/parley --data "$work/data" --profile "$1" --log-level info >>"$work/$1.log" 2>&1 &
	pid=$!
	pids="$pid $pids"
	within 20 "the window of $1" named "$pid" 'Parley$'
	window=$(named "$pid" 'Parley$')
	within 10 "its size" sized
	xdotool windowmove --sync "$window" "$4" "$5"
	focus "$window"
	sleep 1
	if [ -n "$2" ]; then
		token=$("$bin"/parleyd user add --data "$work/server" --name "$2" "$1")
	else
		token=$("$bin"/parleyd token new --data "$work/server" "$person")
	fi
	xdotool mousemove --window "$window" 401 530 click 1
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
	heard=$("$bin"/sound measure "$work/heard.wav")
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

