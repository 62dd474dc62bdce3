#!/bin/sh
# Builds the packages, in build/package. On Linux: a .deb and an .rpm of the desktop program and of the server, the
# archive Parley.tar.xz and, where MinGW-w64 is installed, the zip for Windows, whose first build takes some minutes; the
# argument linux leaves it out. On macOS: Parley.app in a zip. The same commit, compiled by the same versions, gives the
# same bytes on Linux: tools/package-check.sh compares them.
set -eu
cd "$(dirname "$0")/.."
umask 022
out=build/package
parts=$out/parts
tools=$PWD/build/tools
id=org.parleychat.Parley
PARLEY_VERSION=$(sed -n 's/^Version = "\(.*\)"$/\1/p' FyneApp.toml)
PARLEY_ARCH=$(go env GOARCH)
# What dates the files. Zip knows no time before 1980.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git -c 'safe.directory=*' log -1 --format=%ct 2>/dev/null || echo 315532800)}
export PARLEY_VERSION PARLEY_ARCH SOURCE_DATE_EPOCH
# Folders and the state of the clone do not belong into a package.
export GOFLAGS="${GOFLAGS:+$GOFLAGS }-buildvcs=false -trimpath"
strip='-s -w'

# tool NAME PACKAGE@VERSION
tool() { [ -x "$tools/$1" ] || GOBIN=$tools go install "$2"; }

# fyne_package OS runs the fyne tool, which increments the build number in the file that it reads, so it gets a copy.
fyne_package() {
	mkdir -p "$parts/source/assets"
	cp FyneApp.toml "$parts/source/"
	cp assets/icon.png "$parts/source/assets/"
	(cd "$parts/source" && "$tools/fyne" package --os "$1" --release --executable "$PWD/../parley")
}

# archive turns what the fyne tool packs into the same bytes every time, with our desktop entry in place of its own,
# which has no links.
archive() {
	fyne_package linux
	tar -xf "$parts/source/Parley.tar.xz" -C "$parts/source"
	sed -e 's/^Icon=.*/Icon=Parley/' -e '/^TryExec=/d' "packaging/$id.desktop" \
		>"$parts/source/parley/usr/local/share/applications/Parley.desktop"
	tar --sort=name --format=gnu --mtime="@$SOURCE_DATE_EPOCH" --owner=root:0 --group=root:0 --mode=u=rwX,go=rX \
		-C "$parts/source" -cf - parley | xz -T1 >"$out/Parley.tar.xz"
}

case "$(uname -s)" in
Linux | Darwin) ;;
*)
	echo "make package makes packages on Linux, for Linux and Windows, and on macOS." >&2
	exit 1
	;;
esac
rm -rf "$out"
mkdir -p "$parts" "$tools"
tool fyne fyne.io/fyne/v2/cmd/fyne@v2.7.1
sh tools/build.sh "$parts/parley" -ldflags "$strip"
[ "$("$parts/parley" --version)" = "parley $PARLEY_VERSION" ] || {
	echo "FyneApp.toml says version $PARLEY_VERSION, the program says $("$parts/parley" --version)." >&2
	exit 1
}

if [ "$(uname -s)" = Darwin ]; then
	fyne_package darwin
	ditto -c -k --keepParent "$parts/source/Parley.app" "$out/Parley-$PARLEY_VERSION-macos-$PARLEY_ARCH.zip"
	ls -lh "$out"
	exit
fi

tool nfpm github.com/goreleaser/nfpm/v2/cmd/nfpm@v2.45.1
archive
go run -tags migrated_fynedo ./packaging/icons assets/icon.png "$id" "$parts/hicolor"
install -D -m 644 assets/icon.svg "$parts/hicolor/scalable/apps/$id.svg"
CGO_ENABLED=0 go build -tags migrated_fynedo -ldflags "$strip" -o "$parts/parleyd" ./cmd/parleyd
sh tools/sfu.sh "$parts/parley-sfu"
for config in packaging/nfpm.yaml packaging/parleyd/nfpm.yaml; do
	for kind in deb rpm; do
		"$tools/nfpm" package --config "$config" --packager "$kind" --target "$out/"
	done
done
if [ "${1:-}" = linux ]; then
	echo "No zip for Windows, as asked."
elif command -v x86_64-w64-mingw32-gcc >/dev/null 2>&1; then
	sh tools/package-windows.sh
else
	echo "No zip for Windows: it needs MinGW-w64 (gcc-mingw-w64-x86-64 on Debian)."
fi
(cd "$out" && LC_ALL=C sh -c 'sha256sum Parley* parley* >SHA256SUMS')
ls -lh "$out"
