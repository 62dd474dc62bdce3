#!/bin/sh
# Runs before the package is removed, and before upgrades. The argument is "remove" of dpkg and 0 of rpm when it goes.
set -eu
case "${1:-}" in
remove | 0) ;;
*) exit 0 ;;
esac
if [ -d /run/systemd/system ]; then
	systemctl disable --now parleyd.service
fi
