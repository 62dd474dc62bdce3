#!/bin/sh
# Checks the packages for Linux, and the zip for Windows where it was made. Packs twice, the second time from a copy of
# the files in another folder, with another umask and time zone, and compares the bytes. Unpacks .deb, .rpm and archive,
# starts the program of each on a virtual display, and the server. Pictures are in build/package-check. Arguments go to
# tools/package.sh.
set -eu
cd "$(dirname "$0")/.."
pictures=build/package-check
out=build/package

need=
for tool in appstreamcli:appstream desktop-file-validate:desktop-file-utils rpm:rpm rpm2cpio:rpm2cpio cpio:cpio curl:curl; do
	command -v "${tool%%:*}" >/dev/null 2>&1 || need="$need ${tool##*:}"
done
if [ -n "$need" ]; then
	echo "Installing with apt-get:$need"
	root=
	[ "$(id -u)" -eq 0 ] || root=sudo
	$root apt-get update -qq
	# shellcheck disable=SC2086 # several packages
	$root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $need >/dev/null
fi
# shellcheck source=tools/e2erig.sh
. tools/e2erig.sh

echo "== Packed twice, the same bytes"
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git -c 'safe.directory=*' log -1 --format=%ct)}
export SOURCE_DATE_EPOCH
sh tools/package.sh "$@"
mkdir -p "$work/a copy/build"
git -c 'safe.directory=*' ls-files -co --exclude-standard -z | tar --null -T - -cf - | tar -C "$work/a copy" -xf -
ln -s "$PWD/build/tools" "$work/a copy/build/tools"
(
	umask 077
	find "$work/a copy" -type f -exec chmod go-rwx {} +
	TZ=Asia/Tokyo sh "$work/a copy/tools/package.sh" "$@" >"$work/again.log" 2>&1
) || fail "the second time: $(tail -n 5 "$work/again.log")"
cat "$out/SHA256SUMS"
diff "$out/SHA256SUMS" "$work/a copy/$out/SHA256SUMS" || fail "the same files make other packages"

echo "== What describes the program to desktops"
appstreamcli validate --no-net packaging/org.parleychat.Parley.metainfo.xml
desktop-file-validate packaging/org.parleychat.Parley.desktop packaging/autostart.desktop

# has FOLDER FILE...
has() {
	folder=$1
	shift
	for file in "$@"; do
		[ -s "$work/$folder/$file" ] || fail "$folder has no $file"
	done
}

# starts NAME PROGRAM opens the program's window.
starts() {
	"$2" --data "$work/data-$1" --log-level info >"$work/$1.log" 2>&1 &
	pid=$!
	pids="$pid $pids"
	within 20 "the window of $1" has_window "$pid"
	window=$(has_window "$pid" | head -n 1)
	within 10 "the window of $1, painted" painted "$window"
	picture "$1"
	stop "$pid"
}

unpack_deb() { dpkg-deb -x "$1" "$work/$2"; }
unpack_rpm() { mkdir "$work/$2" && rpm2cpio "$1" | (cd "$work/$2" && cpio -id --quiet --no-absolute-filenames 2>/dev/null); }

echo "== The desktop program in .deb, .rpm and archive"
open_display 1180x760
unpack_deb "$(ls "$out"/parley_*.deb)" deb
unpack_rpm "$(ls "$out"/parley-[0-9]*.rpm)" rpm
for kind in deb rpm; do
	has $kind usr/bin/parley usr/share/applications/org.parleychat.Parley.desktop \
		etc/xdg/autostart/org.parleychat.Parley.desktop usr/share/metainfo/org.parleychat.Parley.metainfo.xml \
		usr/share/icons/hicolor/48x48/apps/org.parleychat.Parley.png usr/share/doc/parley/copyright
	grep -q '^MimeType=x-scheme-handler/parley;$' "$work/$kind/usr/share/applications/org.parleychat.Parley.desktop" ||
		fail "the $kind does not open links"
	starts $kind "$work/$kind/usr/bin/parley"
done
mkdir "$work/archive"
tar -xf "$out/Parley.tar.xz" -C "$work/archive"
make -s -C "$work/archive/parley" install DESTDIR="$work/installed" PREFIX=/usr
has installed usr/share/pixmaps/Parley.png usr/share/applications/Parley.desktop
desktop-file-validate "$work/installed/usr/share/applications/Parley.desktop"
starts archive "$work/installed/usr/bin/parley"

# static PROGRAM reports whether it needs no shared library.
static() { ! readelf -d "$1" 2>/dev/null | grep -q NEEDED; }

echo "== The server in .deb and .rpm"
unpack_deb "$(ls "$out"/parleyd_*.deb)" server-deb
unpack_rpm "$(ls "$out"/parleyd-[0-9]*.rpm)" server-rpm
rpm -qp --scripts "$(ls "$out"/parleyd-[0-9]*.rpm)" | grep -q 'useradd --system' || fail "the rpm makes no user"
for kind in server-deb server-rpm; do
	has $kind usr/bin/parleyd usr/bin/parley-sfu usr/lib/systemd/system/parleyd.service etc/parleyd/parleyd.yaml
	for program in parleyd parley-sfu; do
		static "$work/$kind/usr/bin/$program" || fail "$program in $kind needs libraries"
	done
	"$work/$kind/usr/bin/parleyd" serve --data "$work/$kind-data" --addr 127.0.0.1:0 >"$work/$kind.log" 2>&1 &
	pid=$!
	pids="$pid $pids"
	within 10 "the server of $kind" grep -q "listening on" "$work/$kind.log"
	address=$(sed -n 's/^listening on \([^,]*\),.*/\1/p' "$work/$kind.log")
	within 5 "its health" "$work/$kind/usr/bin/parleyd" health --addr "$address"
	"$work/$kind/usr/bin/parleyd" user add --data "$work/$kind-data" alice | grep -q . || fail "no token"
	stop "$pid"
done
# The unit names a program of the installed system, which verify looks for.
sed "s|/usr/bin/parleyd|$work/server-deb/usr/bin/parleyd|" packaging/parleyd/parleyd.service >"$work/parleyd.service"
if command -v systemd-analyze >/dev/null 2>&1; then
	systemd-analyze verify "$work/parleyd.service" || fail "the unit is not right"
fi

zip=$(ls "$out"/*-windows-*.zip 2>/dev/null || true)
if [ -n "$zip" ]; then
	echo "== The resources of the program for Windows"
	version=$(sed -n 's/^Version = "\(.*\)"$/\1/p' FyneApp.toml)
	"build/tools/go-winres" extract --dir "$work/winres" "$(echo "$out"/parts/*-windows-*/Parley.exe)"
	for want in '"RT_GROUP_ICON"' '"RT_MANIFEST"' "\"ProductVersion\": \"$version\"" '"ProductName": "Parley"'; do
		grep -q "$want" "$work/winres/winres.json" || fail "the resources have no $want"
	done
fi
echo "All packages are as they should be."
