#!/bin/sh
# Makes sure that this machine can build the window: Go, a C compiler, pkg-config, and the headers of X11 and OpenGL.
# Installs what is missing with the system's package manager, and does nothing when all of it is there.
set -eu

fail() {
	printf '%s\n' "$*" >&2
	exit 1
}

need_go() {
	command -v go >/dev/null 2>&1 ||
		fail "Parley is built with Go, which is not installed: get 1.26 or newer from https://go.dev/dl/"
	case "$(go env GOVERSION)" in
	go1.[0-9] | go1.[0-9].* | go1.1[0-9] | go1.1[0-9].* | go1.20 | go1.20.*)
		fail "This is $(go env GOVERSION), and Parley needs Go 1.26 (1.21 or newer fetches it by itself): https://go.dev/dl/"
		;;
	esac
}

# can_build compiles and links what the window's driver needs. Asking the compiler works on every distribution; a list
# of package names does not.
can_build() {
	cc=$(go env CC)
	command -v "${cc%% *}" >/dev/null 2>&1 || return 1
	pkg-config --exists gl >/dev/null 2>&1 || return 1
	probe=$(mktemp) || return 1
	# $cc may hold options, so it is left to be split.
	# shellcheck disable=SC2086
	if $cc -x c -o "$probe" - -lGL -lX11 -lXcursor -lXrandr -lXinerama -lXi -lXxf86vm -lm >/dev/null 2>&1 <<'C'; then
#include <stdlib.h>
#include <GL/gl.h>
#include <X11/Xlib.h>
#include <X11/Xcursor/Xcursor.h>
#include <X11/XKBlib.h>
#include <X11/extensions/Xinerama.h>
#include <X11/extensions/XInput2.h>
#include <X11/extensions/Xrandr.h>
#include <X11/extensions/shape.h>
#include <X11/extensions/xf86vmode.h>
int main(void) { return EXIT_SUCCESS; }
C
		rm -f "$probe"
		return 0
	fi
	rm -f "$probe"
	return 1
}

as_root() {
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	elif command -v sudo >/dev/null 2>&1; then
		sudo "$@"
	else
		fail "Run this as root, then try again: $*"
	fi
}

install_packages() {
	if command -v apt-get >/dev/null 2>&1; then
		set -- gcc libc6-dev pkg-config libgl-dev libx11-dev libxcursor-dev libxrandr-dev libxinerama-dev libxi-dev libxxf86vm-dev
		echo "Installing with apt-get: $*"
		as_root apt-get update -qq
		as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"
	elif command -v dnf >/dev/null 2>&1; then
		set -- gcc pkgconf-pkg-config mesa-libGL-devel libX11-devel libXcursor-devel libXrandr-devel libXinerama-devel libXi-devel libXxf86vm-devel
		echo "Installing with dnf: $*"
		as_root dnf install -y "$@"
	elif command -v pacman >/dev/null 2>&1; then
		set -- gcc pkgconf libglvnd mesa libx11 libxcursor libxrandr libxinerama libxi libxxf86vm
		echo "Installing with pacman: $*"
		as_root pacman -S --needed --noconfirm "$@"
	elif command -v zypper >/dev/null 2>&1; then
		set -- gcc pkg-config Mesa-libGL-devel libX11-devel libXcursor-devel libXrandr-devel libXinerama-devel libXi-devel libXxf86vm-devel
		echo "Installing with zypper: $*"
		as_root zypper --non-interactive install "$@"
	else
		fail "Parley's window needs a C compiler, pkg-config and the headers of OpenGL, X11, Xcursor, Xrandr, Xinerama, Xi and Xxf86vm; please install them, this system's package manager is not one we know."
	fi
}

need_go
if [ "$(go env GOOS)" = windows ]; then
	cc=$(go env CC)
	command -v "${cc%% *}" >/dev/null 2>&1 ||
		fail "Parley's window for Windows needs MinGW-w64, and there is no ${cc%% *} here: gcc-mingw-w64-x86-64 on Debian."
	exit
fi
case "$(uname -s)" in
Darwin)
	xcode-select -p >/dev/null 2>&1 ||
		fail "Parley's window needs Apple's command line tools: run 'xcode-select --install', wait for it to finish, then try again."
	;;
Linux)
	if ! can_build; then
		echo "Parley's window needs a C compiler and the headers of X11 and OpenGL, and not all of them are here."
		install_packages
		can_build || fail "The packages are installed, and still a test program with X11 and OpenGL does not build: try 'pkg-config --cflags --libs gl x11'."
	fi
	;;
esac
