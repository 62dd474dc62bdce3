#!/bin/sh
# Three people meet in the call of a group, with the real program in real windows: what is said at each end must be heard
# at the others. Keeps pictures in build/meeting. tools/callrig.sh says what it needs.
set -eu
cd "$(dirname "$0")/.."
pictures=build/meeting
# shellcheck source=tools/callrig.sh
. tools/callrig.sh

sound_server alice:1000 bob:600 carol:400
display 2000x1520
open_app alice 'Alice Martin' light 0 0
alice=$window alice_pid=$pid
open_app bob 'Bob Fischer' dark 1000 0
bob=$window bob_pid=$pid
open_app carol 'Carol Weiss' light 0 790
carol=$window carol_pid=$pid

# greet ADDRESS TEXT lets alice write to someone.
greet() {
	focus "$alice"
	xdotool key ctrl+n
	sleep 1
	write "$1"
	sleep 1
	write "$2"
	sleep 1
}
greet bob 'Shall we go on Sunday?'
greet carol 'Do you come along on Sunday?'

echo "== Alice makes a group"
focus "$alice"
xdotool key ctrl+shift+n
sleep 1
xdotool mousemove --window "$alice" 466 203 click 1
sleep 0.5
write bob
sleep 0.5
write carol
sleep 0.5
picture members
xdotool mousemove --window "$alice" 595 586 click 1
sleep 1
write Hikers
sleep 2
write 'Three of us, on Sunday'
# opens_group WINDOW opens the newest chat.
opens_group() {
	focus "$1"
	xdotool mousemove --window "$1" 160 124 click 1
	sleep 1
}
opens_group "$bob"
opens_group "$carol"
picture group

# meets PID: the window of the meeting counts the time.
meets() { named "$1" '^Hikers .* [0-9][0-9]:[0-9][0-9]$'; }
# alone PID: no window of a call is open.
alone() { ! named "$1" '^Hikers .* [0-9][0-9]:[0-9][0-9]$|is calling the group|Calling|Busy|Incoming'; }
# put PID X Y moves the window of a meeting.
put() { xdotool windowmove --sync "$(meets "$1")" "$2" "$3"; }
# press PID BUTTON presses one of the five buttons of a meeting, from 0, in a window as large as at first.
press() {
	focus "$(meets "$1")"
	xdotool mousemove --window "$(meets "$1")" $((232 + 84 * $2)) 570 click 1
}

echo "== The call rings at both, and each joins"
focus "$alice"
xdotool key ctrl+shift+c
within 5 "alice meets" meets "$alice_pid"
within 5 "it rings at bob's" named "$bob_pid" 'Alice Martin is calling the group Hikers'
within 5 "it rings at carol's" named "$carol_pid" 'Alice Martin is calling the group Hikers'
put "$alice_pid" 1060 790
xdotool windowmove --sync "$(named "$bob_pid" 'is calling the group')" 1060 60
xdotool windowmove --sync "$(named "$carol_pid" 'is calling the group')" 60 850
picture ring
sleep 1.5 # before, keys are taken for what was being typed elsewhere
focus "$(named "$bob_pid" 'is calling the group')"
xdotool key Return
within 5 "bob meets" meets "$bob_pid"
picture two
focus "$(named "$carol_pid" 'is calling the group')"
xdotool key Escape
within 5 "carol has ignored it" alone "$carol_pid"
picture banner-join
focus "$carol"
xdotool key ctrl+shift+c
within 5 "carol meets" meets "$carol_pid"
put "$bob_pid" 1060 60
put "$carol_pid" 60 850

echo "== Each is heard by both others"
# says NAME HZ: a person speaks, and the others hear it.
says() {
	speak "$1"
	for other in alice bob carol; do
		[ "$other" = "$1" ] || within 20 "$1's voice at $other's" hears "$other" "$2"
	done
	picture "speaks-$1"
	kill "$speaker"
	wait "$speaker" 2>/dev/null || true
}
says alice 1000
says bob 600
says carol 400

echo "== A fourth device, and a fifth for which there is no place"
open_app alice-laptop '' dark 1000 760
laptop_pid=$pid
opens_group "$window"
picture elsewhere
xdotool key ctrl+shift+c
within 5 "alice's other device meets" meets "$laptop_pid"
put "$laptop_pid" 1060 790
speak bob
sleep 2
picture four
kill "$speaker"
wait "$speaker" 2>/dev/null || true
open_app bob-laptop '' light 1000 760
opens_group "$window"
xdotool key ctrl+shift+c
within 5 "there is no place" named "$pid" '4 devices are in the call already'
picture full
for one in "$laptop_pid" "$pid"; do
	kill "$one"
	wait "$one" || fail "the program ended with status $?"
done

echo "== A shared screen, large, and a microphone that is off"
press "$alice_pid" 2
sleep 3
picture share
focus "$(meets "$bob_pid")"
xdotool mousemove --window "$(meets "$bob_pid")" 200 200 click 1
sleep 1
picture large
xdotool key Escape
xdotool key m
sleep 1
picture muted
speak bob
within 20 "bob, muted, is not heard by alice" hears alice 0
kill "$speaker"
wait "$speaker" 2>/dev/null || true
press "$alice_pid" 2

echo "== The window of the meeting is closed, and comes back"
focus "$(meets "$bob_pid")"
xdotool key ctrl+w
within 5 "bob's window is closed" alone "$bob_pid"
sleep 1
picture banner-return
focus "$bob"
xdotool key ctrl+shift+c
within 5 "it is back" meets "$bob_pid"

echo "== Who is in the meeting is busy for others"
press "$alice_pid" 4
within 5 "alice has left" alone "$alice_pid"
picture left
greet bob 'Are you still there?'
xdotool key ctrl+shift+c
within 5 "bob is busy" named "$alice_pid" 'Busy'
picture busy
within 5 "the record at alice's" have alice "$outgoing"
within 5 "the record at bob's" have bob "$missed"
within 10 "alice's window is closed" alone "$alice_pid"

echo "== Bob and carol leave, and the call has a line in all three chats"
focus "$(meets "$bob_pid")"
xdotool key Escape
within 5 "bob has left" alone "$bob_pid"
focus "$(meets "$carol_pid")"
xdotool key Escape
within 5 "carol has left" alone "$carol_pid"
within 5 "the record at alice's" have alice "$outgoing $outgoing"
within 5 "the record at bob's" have bob "$missed $incoming"
within 5 "the record at carol's" have carol "$incoming"
picture ended
echo "The pictures are in $pictures."
