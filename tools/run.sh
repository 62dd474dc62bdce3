#!/bin/sh
# Builds Parley and opens its window. What follows goes to the program:
#	sh tools/run.sh --profile bob
set -eu
cd "$(dirname "$0")/.."
if [ "$(uname -s)" = Linux ] && [ -z "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
	# shellcheck disable=SC2016 # the quotes name a command for the reader
	echo 'There is no display here (DISPLAY is not set), so no window can open: run `make demo` to see the same program without one.' >&2
	exit 1
fi
case "${LC_ALL:-${LANG:-C}}" in
C | C.* | POSIX) export LANG=en_US.UTF-8 LC_ALL=en_US.UTF-8 ;; # Fyne does not know the locale C
esac
sh tools/build.sh build/parley
exec build/parley "$@"
