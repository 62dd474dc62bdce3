#!/bin/sh
# Builds the zip for Windows on Linux, with MinGW-w64. tools/package.sh calls it. Icon, version and manifest are
# resources of the program, from FyneApp.toml.
set -eu
cd "$(dirname "$0")/.."
out=build/package
tools=$PWD/build/tools
: "${PARLEY_VERSION:?tools/package.sh sets it}" "${SOURCE_DATE_EPOCH:?tools/package.sh sets it}"
build=$(sed -n 's/^Build = \([0-9]*\)$/\1/p' FyneApp.toml)
name=$(sed -n 's/^Name = "\(.*\)"$/\1/p' FyneApp.toml)
about=$(sed -n 's/^Comment = "\(.*\)"$/\1/p' FyneApp.toml)
folder=$out/parts/$name-$PARLEY_VERSION-windows-amd64

[ -x "$tools/go-winres" ] || GOBIN=$tools go install github.com/tc-hib/go-winres@v0.3.3
trap 'rm -f rsrc_windows_amd64.syso' EXIT
trap 'exit 130' INT TERM
# go build links the file because of its name.
"$tools/go-winres" simply --arch amd64 --out rsrc --icon assets/icon.png --manifest gui \
	--product-name "$name" --product-version "$PARLEY_VERSION" --file-version "$PARLEY_VERSION.$build" \
	--file-description "$name: $about" --original-filename "$name.exe"

GOOS=windows GOARCH=amd64 CC=x86_64-w64-mingw32-gcc CXX=x86_64-w64-mingw32-g++ \
	sh tools/build.sh "$folder/$name.exe" -ldflags '-s -w -H windowsgui'
install -m 644 LICENSE "$folder/LICENSE.txt"
install -m 644 NOTICE "$folder/NOTICE.txt"
install -m 644 widgets/internal/emoji/OFL.txt "$folder/"
find "$folder" -exec touch -d "@$SOURCE_DATE_EPOCH" {} +
(cd "$folder/.." && TZ=UTC zip -X -9 -q "$PWD/../$(basename "$folder").zip" "$(basename "$folder")"/*)
