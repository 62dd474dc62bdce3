#!/bin/sh
# Measures how long sound takes from one user's mouth to the other's ear in a call, on a sound server without hardware,
# whose own part is in the figure. Needs pulseaudio, libopus0 and a C compiler. Arguments go to bench/calls.
set -eu
cd "$(dirname "$0")/.."
dir=$(mktemp -d)
server=
trap 'test -z "$server" || kill "$server" || true; rm -rf "$dir"' EXIT
go build -tags window -o "$dir/calls" ./bench/calls

export PULSE_RUNTIME_PATH="$dir" PULSE_SERVER="unix:$dir/native" PULSE_LATENCY_MSEC=20 HOME="$dir"
setsid pulseaudio -n --daemonize=no --exit-idle-time=-1 --disallow-exit \
	-L "module-native-protocol-unix socket=$dir/native auth-anonymous=1" \
	-L "module-null-sink sink_name=mouth rate=48000 channels=2 sink_properties=device.description=mouth" \
	-L "module-null-sink sink_name=speaker rate=48000 channels=2 sink_properties=device.description=speaker" \
	-L "module-remap-source master=mouth.monitor source_name=microphone source_properties=device.description=microphone" \
	-L "module-remap-source master=speaker.monitor source_name=ear source_properties=device.description=ear" 2>"$dir/log" &
server=$!
for _ in 1 2 3 4 5 6 7 8 9 10; do
	if test -S "$dir/native"; then break; fi
	sleep 0.5
done
"$dir/calls" -sound -answers 0 -time 0 "$@"
