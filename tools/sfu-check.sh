#!/bin/sh
# Tests calls of groups through the real parley-sfu, one after the other, because each of them takes both processors.
# Arguments go to go test:
#	sh tools/sfu-check.sh -run TestSFU_killed
set -eu
cd "$(dirname "$0")/.."
sh tools/sfu.sh
export PARLEY_SFU="$PWD/build/parley-sfu"
exec sh tools/test.sh -count=1 -p 1 -parallel 1 -run 'SFU|Launch' "$@" \
	./internal/server/sfu ./mesibo/call/livekit ./internal/e2e
