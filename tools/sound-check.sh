#!/bin/sh
# Plays and records on a sound server without hardware: a tone is played, recorded as a voice message from the speaker's
# output, and the message is played and recorded again. Both must still be the tone. Needs pulseaudio, libopus0 and a C
# compiler.
set -eu
cd "$(dirname "$0")/.."
dir=$(mktemp -d)
server=
trap 'test -z "$server" || kill "$server" || true; rm -rf "$dir"' EXIT
go build -tags window -o "$dir/sound" ./bench/sound

export PULSE_RUNTIME_PATH="$dir" PULSE_SERVER="unix:$dir/native" PULSE_LATENCY_MSEC=20 HOME="$dir"
setsid pulseaudio -n --daemonize=no --exit-idle-time=-1 --disallow-exit \
	-L "module-native-protocol-unix socket=$dir/native auth-anonymous=1" \
	-L "module-null-sink sink_name=speakers rate=48000 channels=2" \
	-L "module-remap-source master=speakers.monitor source_name=microphone" 2>"$dir/log" &
server=$!
for _ in 1 2 3 4 5 6 7 8 9 10; do
	if test -S "$dir/native"; then break; fi
	sleep 0.5
done

# loop FILE PLAYED FLAGS...: plays, records meanwhile, and measures the recording
loop() {
	recorded=$1 played=$2
	shift 2
	"$dir/sound" record 6 "$dir/$recorded" & recorder=$!
	sleep 1
	"$dir/sound" "$@" play "$dir/$played"
	wait "$recorder"
	heard=$("$dir/sound" measure "$dir/$recorded")
	echo "$played: $heard"
	case $heard in
	*" 999 Hz" | *" 1000 Hz" | *" 1001 Hz") ;;
	*) echo "the tone was not heard"; exit 1 ;;
	esac
}
"$dir/sound" tone "$dir/tone.wav"
loop note.ogg tone.wav
loop again.ogg note.ogg
loop fast.ogg tone.wav -speed 2
