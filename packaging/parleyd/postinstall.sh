#!/bin/sh
# Runs after the package is unpacked: makes the service's user, and restarts the service if it ran before an upgrade. It
# is not started the first time, because where it listens is not configured yet.
set -eu
if ! getent passwd parleyd >/dev/null; then
	useradd --system --user-group --no-create-home --home-dir /var/lib/parleyd --shell /usr/sbin/nologin parleyd
fi
for file in /etc/parleyd /etc/parleyd/parleyd.yaml /etc/parleyd/parleyd.conf; do
	[ ! -e "$file" ] || chgrp parleyd "$file"
done
if [ -d /run/systemd/system ]; then
	systemctl daemon-reload
	systemctl try-restart parleyd.service
fi
