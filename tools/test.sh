#!/bin/sh
# Runs the tests: no display, no OpenGL, no fixed port. With a C compiler they run under the race detector, without one
# as they are. Arguments go to go test, instead of ./... when they name packages:
#	sh tools/test.sh -run TestClient ./mesibo/...
# Tests of the SFU say that there is none and do nothing: tools/sfu-check.sh runs them.
set -eu
cd "$(dirname "$0")/.."
case "${LC_ALL:-${LANG:-C}}" in
C | C.* | POSIX) export LANG=en_US.UTF-8 LC_ALL=en_US.UTF-8 ;; # Fyne does not know the locale C
esac
[ $# -gt 0 ] || set -- ./...
# Many tests wait for a timer or a disk, so half as many programs again as there are processors keep them busy.
processors=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
set -- -p $((processors + (processors + 1) / 2)) "$@"

# The race detector needs a C compiler that works, headers of libc included.
compiles() {
	cc=$(go env CC)
	# shellcheck disable=SC2086 # $cc may hold options
	printf '#include <stdlib.h>\nint main(void) { return 0; }\n' | $cc -x c -o /dev/null - >/dev/null 2>&1
}

if [ "$(go env CGO_ENABLED)" = 1 ] && compiles; then
	# The race detector and the checks of pointers watch our code and what runs beside it, but not what only computes:
	# SQLite, translated from C, shaping and painting text, keys from passphrases. They took half of the time.
	set -- -gcflags='modernc.org/...=-race=false -d=checkptr=0' "$@"
	for computes in image/... unicode/... golang.org/x/image/... github.com/go-text/... github.com/srwiley/... \
		fyne.io/fyne/v2/internal/painter/... golang.org/x/crypto/argon2 golang.org/x/crypto/blake2b \
		golang.org/x/crypto/scrypt; do
		set -- -gcflags="$computes=-race=false" "$@"
	done
	# At its end each program waits a second for races in goroutines that it has left, but tests wait for theirs. That
	# was a fifth of the time.
	export GORACE="${GORACE:-atexit_sleep_ms=0}"
	set -x
	exec go test -race -timeout 20m -tags migrated_fynedo,no_emoji "$@"
fi
export CGO_ENABLED=0
set -x
exec go test -tags migrated_fynedo,no_emoji "$@"
