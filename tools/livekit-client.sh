#!/bin/sh
# Fetches LiveKit's client for browsers (Apache-2.0) with npm, and prints the folder it is in. Tests let Chromium take part
# in calls of groups with it; no program of Parley has it.
set -eu
cd "$(dirname "$0")/.."
version=2.23.0
sum=8fd2a0f3a9c98c18cd1540feba4a768f030219ad24f980f9814fff47300cf996
sum=${sum}37a5b1badf5402b5eedf423c2a58c9ad07384324bf67298b8e2ccbfff486c0c6
folder=$PWD/build/livekit-client-$version
if [ ! -d "$folder" ]; then
	work=$(mktemp -d)
	trap 'rm -rf "$work"' EXIT
	npm pack --silent --ignore-scripts --pack-destination "$work" "livekit-client@$version" >&2
	echo "$sum  $work/livekit-client-$version.tgz" | sha512sum --check --quiet - >&2
	tar -xzf "$work/livekit-client-$version.tgz" -C "$work"
	mkdir "$work/client"
	mv "$work/package/dist/livekit-client.umd.js" "$work/package/dist/livekit-client.e2ee.worker.js" \
		"$work/package/LICENSE" "$work/client"
	mkdir -p build
	mv "$work/client" "$folder"
fi
echo "$folder"
