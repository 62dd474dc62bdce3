#!/bin/sh
# Opens every place that takes the keyboard in the real window, after Fyne has forgotten what was not painted for a while,
# types, and looks where the text went: into that place, and into no draft, message or profile. Keeps pictures in
# build/e2e-focus. It goes on after a failure and lists them at the end.
set -eu
cd "$(dirname "$0")/.."
pictures=build/e2e-focus
# shellcheck source=tools/e2erig.sh
. tools/e2erig.sh

wrong=
# problem WHAT notes a failure, with a picture.
problem() {
	echo "WRONG: $*"
	wrong="$wrong
  $*"
	shots=$((${shots:-0} + 1))
	import -window root "$pictures/wrong-$shots.png"
}

# forget waits until Fyne has forgotten the window of what is not painted: with FYNE_CACHE=1s after a second, at the next
# frame that is at least ten seconds after the time before.
forget() {
	for _ in 1 2; do
		sleep 5.2
		xdotool mousemove --window "$window" 160 120
		sleep 0.2
		xdotool mousemove --window "$window" 700 300
	done
	sleep 0.5
}

query() { sqlite3 -readonly "$work/data/profile-alice/messages.db" "$1"; }

# marked TEXT makes a text that is nowhere else.
count=0
mark() {
	count=$((count + 1))
	text="zq$count"
}

# leaked TEXT: the text is in a draft, a message, or a profile. A draft is stored half a second after the last key.
leaked() {
	sleep 0.8
	[ "$(query "SELECT (SELECT count(*) FROM chats WHERE draft LIKE '%$1%') +
		(SELECT count(*) FROM messages WHERE CAST(data AS TEXT) LIKE '%$1%') +
		(SELECT count(*) FROM profiles WHERE status || name || local_name LIKE '%$1%')")" != 0 ]
}

# content prints the text of the field that has the keyboard, by way of the clipboard.
content() {
	printf nothing | xclip -selection clipboard >/dev/null 2>&1
	xdotool key ctrl+a
	xdotool key ctrl+c
	sleep 0.2
	timeout 2 xclip -o -selection clipboard 2>/dev/null || true
}

# takes PLACE: what is typed now arrives in the place that was just opened, and nowhere else.
takes() {
	settle
	mark
	xdotool type --delay 15 "$text"
	settle
	got=$(content)
	case $got in
	*"$text") ;;
	*) problem "$1: typed $text, the field holds '$got'" ;;
	esac
	! leaked "$text" || problem "$1: the text is in a draft, a message or a profile"
	echo "typed: $1"
}

# writes WHEN: the keyboard is in the composer of the open chat.
writes() {
	settle
	mark
	xdotool type --delay 15 "$text"
	sleep 1
	[ "$(query "SELECT count(*) FROM chats WHERE draft = '$text'")" = 1 ] || problem "$1: the composer has not got the keyboard"
	xdotool key ctrl+a
	xdotool key BackSpace
	sleep 0.7
}

keys() {
	for key in "$@"; do
		xdotool key "$key"
		sleep 0.25
	done
}

# chat NAME opens a chat.
chat() {
	keys ctrl+k
	xdotool type --delay 15 "$1"
	settle
	keys Return
	settle
}

# has COUNT QUERY
has() { [ "$(query "$2")" = "$1" ]; }
said="SELECT count(*) FROM messages WHERE CAST(data AS TEXT)"

about() { query "SELECT status FROM profiles WHERE address = 'alice'"; }

start() {
	open_app alice 20
	xdotool windowactivate --sync "$window"
	xdotool windowmove "$window" 20 30
	settle
}

start_server 127.0.0.1:0
open_display 1300x840
openbox >/dev/null 2>&1 &
pids="$! $pids"
look alice light
FYNE_CACHE=1s
export FYNE_CACHE
start
join alice 'Alice Martin'
build/parleyd user add --data "$work/server" --name 'Bob Fischer' bob >/dev/null
build/parleyd user add --data "$work/server" --name 'Carol Jones' carol >/dev/null
settle

echo "== Your profile, before any chat: what is typed elsewhere is not published"
forget
keys ctrl+i
settle
picture profile
click 1030 332
takes "About"
keys Escape
[ -z "$(about)" ] || problem "About: Esc has saved the text"
click 1030 332
write 'Reading, rivers'
within 10 "About is saved with Enter" sh -c "[ \"\$(sqlite3 -readonly '$work/data/profile-alice/messages.db' \
	\"SELECT status FROM profiles WHERE address = 'alice'\")\" = 'Reading, rivers' ]"
settle
click 1152 28 # the cross
settle
keys ctrl+n
write bob
write 'Hello Bob, are you there?'
sleep 1
picture profile-closed
[ "$(about)" = 'Reading, rivers' ] || problem "About: typed after the profile was closed: '$(about)'"
if ! has 1 "$said LIKE 'Hello Bob%'"; then
	problem "About: Ctrl+N, a name and a message after the profile was closed did not send the message"
	keys Escape Escape
	stop "$pid"
	start
	keys ctrl+n
	write bob
	write 'Hello Bob, are you there?'
fi
within 10 "a message to Bob" has 1 "$said LIKE 'Hello Bob%'"
keys ctrl+n
write carol
write 'Hello Carol'
within 10 "a message to Carol" has 1 "$said LIKE 'Hello Carol%'"

echo "== The profile while a chat is open: shortcuts in the field, Esc leaves it first"
chat bob
keys ctrl+n
write alice # Saved messages
settle
keys ctrl+i
settle
click 1030 332
keys ctrl+a
xdotool type --delay 15 'half a thought'
settle
picture profile-changed
keys ctrl+f
takes "the find bar, from About"
keys Escape
writes "after the find bar"
[ "$(about)" = 'Reading, rivers' ] || problem "About: left with Ctrl+F, it was saved: '$(about)'"
click 1030 332
keys Escape
settle
picture profile-left
keys Escape
settle
picture profile-escaped
writes "after Esc twice"
[ "$(about)" = 'Reading, rivers' ] || problem "About: saved without Enter: '$(about)'"

for round in first again; do
	echo "== $round: the places of the window, after ten seconds out of sight"
	chat bob
	forget
	keys ctrl+f
	takes "$round: the find bar"
	keys Escape
	writes "$round: after the find bar"
	keys ctrl+k
	takes "$round: the search field"
	keys Escape Escape
	writes "$round: after the search"
	keys ctrl+n
	takes "$round: the picker for a new chat"
	keys Escape
	writes "$round: after the picker for a new chat"
	keys ctrl+shift+n
	takes "$round: the picker for a new group"
	[ "$round" = again ] || picture new-group
	keys Escape
	writes "$round: after the picker for a new group"
	keys ctrl+Up f
	takes "$round: the picker to forward"
	keys Escape Escape Escape
	writes "$round: after the picker to forward"
	keys ctrl+g
	takes "$round: the date to go to"
	keys Escape
	writes "$round: after the date"
	keys ctrl+i
	settle
	[ "$round" = again ] || picture contact
	click 1030 332
	takes "$round: the name of a contact"
	keys Escape Escape
	writes "$round: after the name of a contact"
	keys ctrl+slash
	settle
	[ "$round" = again ] || picture keys
	keys Escape
	writes "$round: after the list of keys"
	click 26 28
	settle
	[ "$round" = again ] || picture menu
	keys Escape
	writes "$round: after the menu"
done

echo "== A group, with the keyboard alone"
keys ctrl+shift+n
settle
write bob
settle
picture picked
keys Return
takes "the name of a new group"
keys ctrl+a
write 'Book club'
within 10 "the group" has 1 "SELECT count(*) FROM profiles WHERE group_id <> 0 AND name = 'Book club'"
settle
writes "in the new group"
keys ctrl+i
settle
picture group
click 1030 284
takes "the name of the group"
keys Escape
click 1030 352
takes "the line about the group"
keys Escape Escape
writes "after the fields of the group"

echo "== Forward, reply, react, with the keyboard alone"
chat bob
keys ctrl+Up f
settle
write carol
keys Return
within 10 "forwarded to Carol" has 2 "$said LIKE 'Hello Bob%'"
settle
writes "after forwarding"
chat bob
keys ctrl+Up plus
settle
picture reaction
mark
xdotool type --delay 15 "$text"
! leaked "$text" || problem "the reactions: the text is in a draft or a message"
keys Escape
settle
keys r
settle
write 'A reply'
within 5 "Esc closes the reactions, then R replies" has 1 "$said = 'A reply' AND ref_id <> 0"
settle
keys ctrl+Up Up plus Right Return
within 5 "the second reaction is chosen with the keyboard" has 1 "SELECT count(*) FROM reactions WHERE emoji <> ''"
settle
picture reacted
keys Escape
writes "after reacting"
keys ctrl+Up Return
settle
picture message-menu
keys Down Return
settle
write 'Another reply'
within 5 "the menu of a message is used with the keyboard" has 1 "$said = 'Another reply' AND ref_id <> 0"

echo "== Several messages, with the keyboard alone"
all="SELECT count(*) FROM messages"
settle
had=$(query "$all")
keys ctrl+Up space shift+Up
settle
picture selected
keys f
settle
write carol
keys Return
within 10 "two messages forwarded" has $((had + 2)) "$all"
settle
writes "after forwarding two messages"
chat bob
keys ctrl+Up space Escape
writes "after the selection was left"

echo "== A deletion can be undone, and is not made when the program is killed before"
keys ctrl+Up space Up space Delete
settle
picture delete-two
keys Tab Tab Return
sleep 1
has $((had + 2)) "$all" || problem "the messages are deleted at once"
writes "after a deletion"
kill -9 "$pid"
wait "$pid" || true
start
has $((had + 2)) "$all" || problem "killed, the program has deleted a part"
chat bob
keys ctrl+Up space Up space Delete
settle
keys Tab Tab Return
within 12 "the messages are deleted after a while" has "$had" "$all"
stop "$pid"
start
chat bob
settle
has "$had" "$all" || problem "messages that were deleted are back after a start"

echo "== A message is pinned for everyone"
keys ctrl+Up p Escape
within 5 "pinned" has 1 "SELECT count(*) FROM messages WHERE type = 65281 AND status <> 0"
picture pinned
keys ctrl+Up p Escape
within 5 "unpinned" has 1 "SELECT count(*) FROM messages WHERE type = 65282 AND status <> 0"
writes "after pinning"

echo "== Sent later, kept through a kill; sent without sound"
xdotool type --delay 15 'Kept for tomorrow'
settle
keys ctrl+shift+Return
settle
keys Down Down Return
settle
picture send-later
write 'tomorrow 9:30'
within 5 "kept" has 1 "SELECT count(*) FROM key_values WHERE value LIKE '%Kept for tomorrow%'"
writes "after a text was kept"
kill -9 "$pid"
wait "$pid" || true
start
chat bob
settle
picture kept-for-later
has 1 "SELECT count(*) FROM key_values WHERE value LIKE '%Kept for tomorrow%'" || problem "killed, the text is lost"
has 0 "$said = 'Kept for tomorrow'" || problem "the text was sent before its time"
xdotool type --delay 15 'Without sound'
settle
keys ctrl+shift+Return
settle
keys Down Return
within 5 "sent without sound" has 1 "$said = 'Without sound' AND flags & 1048576 <> 0"
writes "after a text was sent without sound"

echo "== Mark as unread"
keys ctrl+shift+u
within 5 "marked as unread" has 1 "SELECT count(*) FROM chats WHERE marked_unread"
picture marked-unread
chat carol
chat bob
within 5 "opened, it is read" has 0 "SELECT count(*) FROM chats WHERE marked_unread"

echo "== What deletes asks, and Enter does not delete"
settle
keys ctrl+Up Delete
settle
picture delete
keys Return
sleep 1
has 1 "$said = 'Another reply'" || problem "Enter has deleted a message"
keys Escape # leaves the message that was chosen
writes "after the question was cancelled"

echo "== The oldest and the newest message, from the composer"
for i in $(seq 1 40); do
	xdotool type --delay 5 "Line $i"
	xdotool key Return
done
settle
import -window "$window" "$work/newest.png"
for pair in 'Home End' 'ctrl+Home ctrl+End'; do
	xdotool key "${pair% *}"
	settle
	import -window "$window" "$work/oldest.png"
	differ=$(compare -metric AE "$work/newest.png" "$work/oldest.png" null: 2>&1 || true)
	[ "${differ%%.*}" -gt 3000 ] || problem "${pair% *} does not show the oldest message"
	xdotool key "${pair#* }"
	settle
	import -window "$window" "$work/end.png"
	differ=$(compare -metric AE "$work/newest.png" "$work/end.png" null: 2>&1 || true)
	[ "${differ%%.*}" -lt 500 ] || problem "${pair#* } does not show the newest message"
done

echo "== The settings and the lock, with the keyboard alone"
keys ctrl+comma
picture settings
for page in notifications appearance storage privacy network devices keyboard about; do
	keys Down
	picture "settings-$page"
done
keys Home Return Tab # to the field for the name
forget
takes "the name in the settings"
keys Escape Escape # restores the name, closes the settings
writes "after the settings"
keys ctrl+comma Down Down Return Tab Tab space Escape # the switch for a compact list
settle
grep -q '"look.compact":true' "$XDG_CONFIG_HOME"/fyne/*/preferences.json || problem "the switch was not reached with Tab"
keys ctrl+l Tab Return
xdotool type --delay 15 4711
keys Tab
xdotool type --delay 15 4711
keys Return
sleep 1
settle
keys Escape ctrl+l
picture locked
mark
xdotool type --delay 15 "$text"
keys Return ctrl+n ctrl+k ctrl+comma alt+Down Escape
settle
picture still-locked
! leaked "$text" || problem "what was typed at the lock is in a draft, a message or a profile"
xdotool type --delay 15 4711
keys Return
sleep 1
settle
picture unlocked
writes "after unlocking"
keys ctrl+l
stop "$pid"
start
picture locked-at-the-start
xdotool type --delay 15 4711
keys Return
sleep 1
chat bob
writes "after a start that was locked"

echo "== Another account, with the keyboard alone"
other() { sqlite3 -readonly "$work/data/profile-alice/account-2/messages.db" "$1"; }
keys ctrl+comma Return Tab Tab Tab Tab Return # Settings, Account, Add an account
settle
picture add-account
xdotool type --delay 5 "$(build/parleyd token new --data "$work/server" bob)"
keys Return
within 20 "another account" test -f "$work/data/profile-alice/account-2/account.json"
settle
keys ctrl+n
write alice
write 'From the other account'
within 10 "a message of the other account, to this one" has 1 "$said = 'From the other account'"
[ "$(other "$said = 'From the other account'")" = 1 ] || problem "the message is not in the database of the other account"
picture accounts
keys ctrl+alt+1
chat bob
picture accounts-first
writes "after switching the account"
keys ctrl+alt+2 ctrl+comma Return Tab Tab Tab Tab Tab Tab Return # Sign out
settle
picture sign-out
keys Tab Return
within 20 "signed out" test ! -f "$work/data/profile-alice/account-2/account.json"
within 10 "the token of the other account, revoked" sh -c "build/parleyd token list --data '$work/server' --user bob | grep -q revoked"
settle
picture signed-out
writes "after signing out of the other account"

echo "== After a minute, with the setting of the program"
stop "$pid"
unset FYNE_CACHE
start
xdotool type --delay 15 4711
keys Return
sleep 1
chat bob
sleep 30
xdotool mousemove --window "$window" 160 120
sleep 31
xdotool mousemove --window "$window" 700 300
sleep 0.5
keys ctrl+f
takes "the find bar after a minute"
picture found-after-a-minute
stop "$pid"

[ -z "$wrong" ] || fail "these places:$wrong"
echo "The keyboard was always where the window showed it; the pictures are in $pictures"
