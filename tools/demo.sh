#!/bin/sh
# Two users chat in the real screens, drawn without a display; the pictures are in build/demo.
set -eu
cd "$(dirname "$0")/.."
case "${LC_ALL:-${LANG:-C}}" in
C | C.* | POSIX) export LANG=en_US.UTF-8 LC_ALL=en_US.UTF-8 ;; # Fyne does not know the locale C
esac
exec go run -tags migrated_fynedo ./cmd/parley-demo "$@"
