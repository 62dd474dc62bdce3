#!/bin/sh
# Runs after the package is removed. The data in /var/lib/parleyd and its owner stay: they are not the package's to delete.
set -eu
if [ -d /run/systemd/system ]; then
	systemctl daemon-reload
fi
