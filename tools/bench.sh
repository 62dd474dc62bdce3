#!/bin/sh
# Measures speed and memory, in about an hour: bench.sh [PART...], with the parts server, abuse, sdk, window, busy (for
# BUSY, three minutes without it), kill, transfer and calls, and two on request, which install others' programs with apt:
# peers (Dino, Gajim, Telegram Desktop) and peers-server (Prosody, ejabberd, PostgreSQL; Tinode is compiled). The results
# are in bench/RESULTS.md. Leave the machine alone meanwhile.
set -eu
cd "$(dirname "$0")/.."
[ $# -gt 0 ] || set -- server abuse sdk window busy kill transfer calls
case "${LC_ALL:-${LANG:-C}}" in
C | C.* | POSIX) export LANG=en_US.UTF-8 LC_ALL=en_US.UTF-8 ;; # Fyne does not know the locale C
esac
export GOFLAGS="${GOFLAGS:+$GOFLAGS }-tags=migrated_fynedo"

for part; do
	case "$part" in
	server)
		echo "== Server: round trips, latency at 100 messages a second, idle connections"
		go run ./bench/load
		go run ./bench/idle
		;;
	abuse)
		echo "== Abuse: the round trips of a pair while others attack the server"
		go run ./bench/abuse
		;;
	sdk)
		echo "== SDK and widgets: backlog, summary, pages, round trips, the message list"
		go test -run '^$' -bench . -benchmem -timeout 30m ./mesibo/... ./internal/e2e ./widgets/...
		;;
	window)
		echo "== Window: start, memory, opening a conversation"
		sh tools/build.sh build/parley
		go run ./bench/window
		;;
	busy)
		echo "== Window: a hundred messages a second in the open chat, while the wheel is turned"
		go run ./bench/window -busy "${BUSY:-3m}"
		go test -run '^$' -bench 'Receive|Scroll' -benchmem ./app
		go test -run '^$' -bench 'append|scroll' -benchmem ./widgets/messages
		;;
	peers)
		echo "== Window: beside Dino, Gajim and Telegram Desktop"
		root=
		[ "$(id -u)" -eq 0 ] || root=sudo
		$root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
			xvfb xdotool sqlite3 dbus-daemon dbus-bin dino-im gajim telegram-desktop >/dev/null
		sh tools/build.sh build/parley -ldflags='-s -w'
		go run ./bench/peers
		;;
	peers-server)
		echo "== Server: beside Prosody, ejabberd and Tinode"
		root=
		[ "$(id -u)" -eq 0 ] || root=sudo
		# The programs are started by hand; with this run level Debian does not start their services.
		$root env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -y -qq --no-install-recommends \
			prosody ejabberd erlang-p1-pgsql postgresql >/dev/null
		sh tools/tinode.sh build/tools/tinode
		go run ./bench/servers -tinode build/tools/tinode
		;;
	kill)
		echo "== Killed at random moments, fifty times"
		PARLEY_KILLS=50 go test -count 1 -timeout 30m -run TestKill -v ./internal/e2e
		;;
	transfer)
		echo "== Files: speed beside curl, memory, a hundred kills each way, tus-js-client through cuts"
		go run ./bench/transfer
		sh tools/tus-check.sh
		;;
	calls)
		echo "== Calls: first sound, mouth to ear, processor and memory of half an hour"
		go run ./bench/calls -time 30m
		sh tools/mouth-to-ear.sh
		;;
	*)
		echo "bench.sh knows the parts server, abuse, sdk, window, busy, peers, peers-server, kill, transfer and calls, not $part" >&2
		exit 2
		;;
	esac
done
