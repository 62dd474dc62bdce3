#!/bin/sh
# Drives the real program in real windows on a virtual display, with keyboard and mouse like a user, and keeps pictures
# in build/e2e. It then checks the messages in the databases of both sides. It ends every process that it started, by
# its id; all it writes but the pictures is in a temporary folder.
set -eu
cd "$(dirname "$0")/.."
pictures=build/e2e

# shellcheck source=tools/e2erig.sh
. tools/e2erig.sh
go build -tags migrated_fynedo,display -o build/ ./internal/desktop/dragfiles ./internal/desktop/trayhost
top=$(pwd)

echo "== Without a display the program says so in one sentence"
if (unset DISPLAY && build/parley --data "$work/data") >"$work/nodisplay.log" 2>&1; then
	fail "it claims to have opened a window without a display"
fi
if [ "$(grep -c . "$work/nodisplay.log")" -ne 1 ] || ! grep -q 'make demo' "$work/nodisplay.log"; then
	fail "not one sentence that names make demo"
fi

echo "== The life of textures is set before Fyne reads it"
GODEBUG=inittrace=1 build/parley --version 2>&1 |
	awk '$1 == "init" && $2 ~ /parley\/internal\/cachesetting$/ { ours = NR }
		$1 == "init" && $2 == "fyne.io/fyne/v2/internal/cache" { theirs = NR }
		END { exit !(ours && theirs && ours < theirs) }' || fail "internal/cachesetting comes too late in this binary"

echo "== Clipboard, drags and pictures of a display, beside programs that nobody here wrote"
open_display 800x600
go test -count=1 -tags migrated_fynedo,display ./internal/desktop ./internal/screen

echo "== First start: a name, Enter, and Echo answers"
open_display 1180x760
look solo light
open_app solo 0
picture first-start
xdotool key ctrl+a
write 'Alice'
within 10 "the greeting of Echo" is 1 solo 'Hi Alice!%' $received
picture main
click 160 124
within 5 "the greeting, read" is 1 solo 'Hi Alice!%' $seen
settle
write 'Typed by hand, in a real window'
within 10 "the message, read by Echo" is 1 solo 'Typed by hand, in a real window' $read
within 10 "the answer of Echo, read" is 1 solo 'Typed by hand, in a real window' $seen
picture echo
stop "$pid"
open_app solo 0
picture started-again
stop "$pid"

echo "== Two people and a server"
start_server 127.0.0.1:0
open_display 2360x760
look alice light ',"files.upload":10000000' # so that a large file takes a while
look bob dark
open_app alice 0
alice=$window alice_pid=$pid
join alice 'Alice Martin'
open_app bob 1180
bob=$window bob_pid=$pid
join bob 'Bob Fischer'

window=$alice
xdotool windowfocus --sync "$window"
xdotool key ctrl+n
picture picker
write 'bob'
settle
write 'Hello Bob, are you there?'
within 10 "delivered to bob" is 1 alice 'Hello Bob%' $delivered
picture unread
is 1 alice 'Hello Bob%' $delivered || fail "read, though bob did not look"

window=$bob
xdotool windowfocus --sync "$window"
click 160 124
within 10 "read by bob" is 1 alice 'Hello Bob%' $read
settle
write 'Yes! It arrived at once.'
within 10 "the answer" is 1 alice 'Yes!%' $received
xdotool windowfocus --sync "$alice"
within 10 "the answer, read" is 1 bob 'Yes!%' $read
picture two-people

echo "== Files: dragged over the chat, dropped, and there in their order"
mkdir "$work/coast"
convert -size 1200x900 gradient:skyblue-navy "$work/coast/sea.jpg"
convert -size 900x1200 gradient:khaki-forestgreen "$work/coast/hill.png"
head -c 300000 /dev/urandom >"$work/coast/plan.pdf"
head -c 200000000 /dev/urandom >"$work/coast/film.mkv"

# hold X Y FILE... drags files from the folder coast to a position, and drop drops them.
hold() {
	x=$1 y=$2
	shift 2
	rm -f "$work/hold"
	mkfifo "$work/hold"
	(cd "$work/coast" && exec "$top/build/dragfiles" "$x" "$y" "$@") <"$work/hold" >"$work/drag.log" 2>&1 &
	drag=$!
	exec 4>"$work/hold"
	within 10 "files are held over the window" grep -q held "$work/drag.log"
}
drop() {
	echo >&4
	exec 4>&-
	wait "$drag" || fail "nobody took the files: $(cat "$work/drag.log")"
}

# shot NAME keeps a picture of the display while it changes.
shot() { import -window root "$pictures/$1.png" && echo "kept: $1.png"; }

# names PROFILE NAMES: the files in the profile's messages, in order.
names() {
	[ "$2" = "$(sqlite3 -readonly "$work/data/profile-$1/messages.db" \
		"SELECT group_concat(content ->> '\$.file.name', ' ') FROM (SELECT content FROM messages WHERE kind = 2 ORDER BY position, id)")" ]
}

window=$alice
xdotool windowfocus --sync "$window"
hold 750 200 sea.jpg hill.png plan.pdf
picture drag
drop
within 10 "the sheet" still
picture send-sheet
xdotool type --delay 15 'Three from the coast'
xdotool key Return
within 20 "three files at bob's, in their order" names bob 'sea.jpg hill.png plan.pdf'
picture files-sent

echo "== A picture from the clipboard"
xclip -selection clipboard -t image/png -i "$work/coast/hill.png"
xdotool key ctrl+v
settle
picture pasted-picture
within 5 "the picture, kept to be sent" sh -c "ls '$work'/data/profile-alice/files/*/sent/*/'Pasted picture.png'"
xdotool key Escape
settle

echo "== A large file, and the server goes in the middle of it"
# stored BYTES: the server has at least so many.
stored() { [ "$(du -sb "$work/server" | cut -f 1)" -ge "$1" ]; }
hold 750 600 film.mkv
drop
settle
xdotool key Return
within 60 "40 MB are at the server" stored 40000000
shot uploading
within 60 "100 MB are at the server" stored 100000000
stop "$server"
within 10 "offline" was_cut alice 1
picture upload-waiting
stop "$alice_pid"
open_app alice 0
alice=$window alice_pid=$pid
picture upload-waiting-started-again
start_server "$address"
within 90 "the large file at bob's" names bob 'sea.jpg hill.png plan.pdf film.mkv'
picture upload-done
hold 750 600 film.mkv
drop
settle
xdotool key Return
within 5 "the same file again, which takes 20 s to upload" names bob 'sea.jpg hill.png plan.pdf film.mkv film.mkv'
picture same-file-again

echo "== A word is mended, and found again"
window=$alice
write 'See you at the brigde'
within 10 "the message, delivered" is 1 bob 'See you at the brigde' $received
settle
xdotool key Up
settle
xdotool key ctrl+a
write 'See you at the bridge'
within 10 "the new text" is 1 bob 'See you at the bridge' $received
is 0 bob '%brigde' $received || fail "bob still has the old text"
picture mended
xdotool key ctrl+shift+f
xdotool type --delay 15 'ridge'
settle
picture search
xdotool key Return
settle
picture found
xdotool key Escape
settle
xdotool key Escape
settle
xdotool key Escape
settle

echo "== A call: it rings, is answered with Enter, and ended with Esc"
# call_window PID TITLE prints the window of a call; xdotool compares ASCII only.
call_window() { xdotool search --all --onlyvisible --pid "$1" --name "$2"; }
# calls COUNT PROFILE STATUS: the profile has this many records of calls that were answered.
calls() {
	[ "$1" = "$(sqlite3 -readonly "$work/data/profile-$2/messages.db" \
		"SELECT count(*) FROM messages WHERE content ->> '\$.call.answered' > 0 AND status = $3")" ]
}
call_in=22 call_out=23
xdotool windowfocus --sync "$alice"
xdotool key ctrl+shift+c
within 5 "it rings at bob's" call_window "$bob_pid" '^Alice Martin .* Incoming voice call$'
picture call-rings
xdotool windowfocus --sync "$(call_window "$bob_pid" 'Incoming voice call')"
sleep 1.5 # before, keys are taken for what was being typed elsewhere
xdotool key Return
within 10 "bob has answered" call_window "$bob_pid" '^Alice Martin .* 00:0[1-9]$'
within 10 "alice sees it" call_window "$alice_pid" '^Bob Fischer .* 00:0[1-9]$'
picture call
xdotool windowfocus --sync "$(call_window "$bob_pid" '^Alice Martin .* 00:')"
xdotool key Escape
within 5 "the call has ended at alice's" call_window "$alice_pid" '^Bob Fischer .* Call ended'
within 5 "a line in the chat of bob" calls 1 bob $call_in
within 5 "a line in the chat of alice" calls 1 alice $call_out
within 10 "no window of a call at alice's" sh -c "! xdotool search --all --onlyvisible --pid $alice_pid --name 'Call ended'"
xdotool windowfocus --sync "$alice"
picture call-ended

echo "== The server goes away and comes back"
stop "$server"
window=$alice
within 10 "offline" was_cut alice 2
settle
write 'First, while offline'
write 'Second, while offline'
within 5 "two waiting messages" is 2 alice '%while offline' $outbox
picture offline
stop "$alice_pid"
open_app alice 0
alice=$window
is 2 alice '%while offline' $outbox || fail "the waiting messages are gone after a restart"
picture offline-started-again
start_server "$address"
within 45 "both delivered" is 2 alice '%while offline' $delivered
is 2 bob '%while offline' $received || is 2 bob '%while offline' $seen || fail "bob has not got exactly two"
picture online-again
# With --window, bob's window sometimes gets the keys as well, and quits.
xdotool windowfocus --sync "$window"
xdotool key ctrl+q
within 10 "alice quits with Ctrl+Q" sh -c "! kill -0 $pid"

echo "== A desktop: started with the session, without a window; notifications by dunst, a tray, a window manager"
bobs_display=$DISPLAY
# bob_writes TEXT: bob writes to alice on his display.
bob_writes() {
	(
		export DISPLAY="$bobs_display"
		xdotool windowfocus --sync "$bob"
		xdotool mousemove --window "$bob" 700 734 click 1 # the composer
		write "$1"
	)
	within 30 "'$1' at alice's" is 1 alice "$1" $received
}
# tray COMMAND... presses the icon of the tray or asks what it shows, as internal/desktop/trayhost says.
tray() {
	before=$(grep -c '^done' "$work/tray.log" || true)
	echo "$*" >&5
	tries=0
	until [ "$(grep -c '^done' "$work/tray.log")" -gt "$before" ]; do
		tries=$((tries + 1))
		[ "$tries" -lt 50 ] || return 1
		sleep 0.1
	done
}
# shown COUNT: dunst shows so many notifications.
shown() { [ "$(dunstctl count displayed)" -eq "$1" ]; }
visible() { xdotool search --all --onlyvisible --pid "$1" --name 'Parley$'; }
active() { visible "$1" | grep -qx "$(xdotool getactivewindow)"; }
tip() { tray icon "$work/icon.png" && grep '^tooltip' "$work/tray.log" | tail -n 1 | grep -qx "tooltip $1"; }

open_display 1280x800
dbus-daemon --session --nofork --nosyslog --print-address=3 3>"$work/bus" >/dev/null 2>&1 &
pids="$! $pids"
within 10 "a session bus" test -s "$work/bus"
DBUS_SESSION_BUS_ADDRESS=$(cat "$work/bus")
export DBUS_SESSION_BUS_ADDRESS
openbox >/dev/null 2>&1 &
pids="$! $pids"
dunst -conf /dev/null >"$work/dunst.log" 2>&1 &
pids="$! $pids"
mkfifo "$work/tray"
build/trayhost <"$work/tray" >"$work/tray.log" 2>&1 &
pids="$! $pids"
exec 5>"$work/tray"
within 10 "a panel" grep -q ready "$work/tray.log"
build/parley --data "$work/data" --profile alice --hidden --log-level info >>"$work/alice.log" 2>&1 &
pid=$!
pids="$pid $pids"
within 20 "an icon in the tray" grep -q registered "$work/tray.log"
within 20 "nothing unread" tip 'No unread messages'
bob_writes 'One, while you were away'
bob_writes 'Two, while you were away'
bob_writes 'Three, while you were away'
within 5 "the tray says so" tip '3 unread in 1 chat'
within 5 "one notification" shown 1
if visible "$pid"; then fail "it was to start without a window"; fi
cp "$work/icon.png" "$pictures/tray-icon.png"
picture notification
xdotool mousemove 1120 60 click 2 # how dunst is told to do what a notification is for
within 5 "the window, active" active "$pid"
within 5 "the messages, read" is 3 alice '%you were away' $seen
within 5 "no notification" shown 0
picture notification-opened
xdotool key ctrl+w
settle
picture keep-running
xdotool key Return
within 5 "the window, closed to the tray" sh -c "! xdotool search --all --onlyvisible --pid $pid --name 'Parley\$'"
dunstctl set-paused true
bob_writes 'Not to be seen now'
within 5 "the tray says so" tip '1 unread in 1 chat'
shown 0 || fail "shown although the desktop is not to disturb"
build/parley --data "$work/data" --profile alice parley:chat/bob || fail "the second start does not end well"
within 5 "the window, active after a second start" active "$pid"
within 5 "the message, read" is 1 alice 'Not to be seen now' $seen
tray choose 'Quit'
within 10 "alice quits from the tray" sh -c "! kill -0 $pid"
echo "The window passed; the pictures are in $pictures"
