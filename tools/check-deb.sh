#!/bin/sh
# Checks that the .deb starts on a bare Debian 12: installs it into a fresh system in a folder and waits until the
# window is painted on a virtual display. Needs root and Debian: check-deb.sh [FILE.deb]
set -eu
cd "$(dirname "$0")/.."
deb=${1:-$(ls build/package/parley_*.deb)}
[ "$(id -u)" -eq 0 ] || {
	echo "check-deb.sh makes a chroot, so it needs root." >&2
	exit 1
}
for tool in debootstrap Xvfb xdotool import identify; do
	command -v "$tool" >/dev/null 2>&1 && continue
	apt-get update -qq
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends debootstrap xvfb xdotool imagemagick >/dev/null
	break
done

work=$(mktemp -d)
system=$work/system
pids=
finish() {
	for pid in $pids; do
		kill "$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
	done
	umount "$system/proc" 2>/dev/null || true
	rm -rf --one-file-system "$work"
}
trap finish EXIT
trap 'exit 130' INT TERM

echo "Making a bare Debian 12."
debootstrap --variant=minbase bookworm "$system" >"$work/log" 2>&1 || {
	tail "$work/log" >&2
	exit 1
}
mount -t proc proc "$system/proc"
cp "$deb" "$system/parley.deb"
chroot "$system" /usr/bin/env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends /parley.deb >"$work/log" 2>&1 || {
	tail "$work/log" >&2
	exit 1
}

Xvfb -displayfd 3 -screen 0 1280x900x24 -nolisten tcp 3>"$work/display" 2>/dev/null &
pids=$!
tries=0
until [ -s "$work/display" ]; do
	tries=$((tries + 1))
	[ "$tries" -lt 50 ] || exit 1
	sleep 0.2
done
DISPLAY=:$(cat "$work/display")
export DISPLAY
chroot "$system" /usr/bin/env -i DISPLAY="$DISPLAY" HOME=/srv PATH=/usr/bin:/bin parley --data /srv/parley >"$work/log" 2>&1 &
pids="$! $pids"

# A painted window has more colours than an empty one.
mkdir -p build/e2e
tries=0
until xdotool search --onlyvisible --name 'Parley$' >/dev/null 2>&1 &&
	import -window root build/e2e/bare-debian.png 2>/dev/null &&
	[ "$(identify -format %k build/e2e/bare-debian.png)" -ge 50 ]; do
	tries=$((tries + 1))
	if [ "$tries" -ge 40 ]; then
		echo "No painted window after 20 s; the program said:" >&2
		cat "$work/log" >&2
		exit 1
	fi
	sleep 0.5
done
echo "$(basename "$deb") opens its window on a bare Debian 12: build/e2e/bare-debian.png"
