#!/bin/sh
# Builds the packages: build/package/Parley.tar.xz and the .deb.
set -eu
cd "$(dirname "$0")/.."
out=build/package
tools=$PWD/build/tools
id=org.parleychat.Parley
PARLEY_VERSION=$(sed -n 's/^Version = "\(.*\)"$/\1/p' FyneApp.toml)
PARLEY_ARCH=$(go env GOARCH)
export PARLEY_VERSION PARLEY_ARCH

[ "$(uname -s)" = Linux ] || {
	echo "make package makes Linux packages, on Linux." >&2
	exit 1
}
rm -rf "$out"
mkdir -p "$out/source/assets" "$tools"

[ -x "$tools/fyne" ] || GOBIN=$tools go install fyne.io/fyne/v2/cmd/fyne@v2.7.1
[ -x "$tools/nfpm" ] || GOBIN=$tools go install github.com/goreleaser/nfpm/v2/cmd/nfpm@v2.45.1

sh tools/build.sh "$out/parley" -trimpath -ldflags "-s -w"
[ "$("$out/parley" --version)" = "parley $PARLEY_VERSION" ] || {
	echo "FyneApp.toml says version $PARLEY_VERSION, the program says $("$out/parley" --version)." >&2
	exit 1
}

# The fyne tool increments the build number in the file it reads, so it gets a copy.
cp FyneApp.toml "$out/source/"
cp assets/icon.png "$out/source/assets/"
(cd "$out/source" && "$tools/fyne" package --os linux --release --executable "$PWD/../parley")
mv "$out/source/Parley.tar.xz" "$out/"
rm -r "$out/source"

go run -tags migrated_fynedo ./packaging/icons assets/icon.png "$id" "$out/hicolor"
if [ -f assets/icon.svg ]; then
	mkdir -p "$out/hicolor/scalable/apps"
	cp assets/icon.svg "$out/hicolor/scalable/apps/$id.svg"
fi
"$tools/nfpm" package --config packaging/nfpm.yaml --packager deb --target "$out/"
ls -lh "$out"
