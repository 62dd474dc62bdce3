#!/bin/sh
# Tests calls of groups through the real parley-sfu, one after the other, because each of them takes both processors.
# Three people speak under the race detector; of eight, that would take more than two processors have.
set -eu
cd "$(dirname "$0")/.."
case "${LC_ALL:-${LANG:-C}}" in
C | C.* | POSIX) export LANG=en_US.UTF-8 LC_ALL=en_US.UTF-8 ;; # Fyne does not know the locale C
esac
sh tools/sfu.sh
export PARLEY_SFU="$PWD/build/parley-sfu"
sh tools/test.sh -count=1 -run 'Launch|TestSFU$' ./internal/server/sfu ./internal/e2e
set -x
exec go test -tags migrated_fynedo -count=1 -p 1 -parallel 1 -run 'TestSFU|TestBadNetwork' \
	./internal/e2e ./mesibo/call/livekit/interop
