#!/bin/sh
# Two people call each other with the real program in real windows: what is said at each end must be heard at the other.
# Keeps pictures in build/calls. tools/callrig.sh says what it needs.
set -eu
cd "$(dirname "$0")/.."
pictures=build/calls
# shellcheck source=tools/callrig.sh
. tools/callrig.sh

sound_server alice:1000 bob:600
display 1900x1000
open_app alice 'Alice Martin' light 0 20
alice=$window alice_pid=$pid
open_app bob 'Bob Fischer' dark 950 20
bob=$window bob_pid=$pid
focus "$alice"
xdotool key ctrl+n
sleep 1
write bob
sleep 1
write 'May I call you?'
sleep 1
focus "$bob"
xdotool mousemove --window "$bob" 160 124 click 1
sleep 1
write 'Yes!'
sleep 1

# talking PID: the call window of a program counts the time.
talking() { named "$1" '[0-9][0-9]:[0-9][0-9]$'; }
# quiet PID: no window of a call is open.
quiet() { ! named "$1" 'Calling|Ringing|Incoming|Connecting|ended|Declined|Missed|:[0-9][0-9]$'; }

# in_call PID prints the window of a call that was answered, also on hold.
in_call() { named "$1" '[0-9][0-9]:[0-9][0-9]$|hold$'; }

# press PID BUTTON presses one of the six buttons of a call, from 0, in a window as large as at first.
press() {
	focus "$(in_call "$1")"
	xdotool mousemove --window "$(in_call "$1")" $((70 + 84 * $2)) 470 click 1
}

# lime WINDOW: a tenth of it has this colour. plain WINDOW: almost nothing has.
lime() { [ "$(share_of_lime "$1")" -ge 10 ]; }
plain() { [ "$(share_of_lime "$1")" -lt 1 ]; }
share_of_lime() {
	import -window "$1" "$work/window.png"
	convert "$work/window.png" -fuzz 20% -fill black +opaque lime -fill white +opaque black \
		-format '%[fx:round(100*mean)]' info:
}

# ring KEYS KIND lets alice call, and puts bob's window in front.
ring() {
	focus "$alice"
	xdotool key "$1"
	within 5 "it rings at bob" named "$bob_pid" "Incoming $2 call"
	ringing=$(named "$bob_pid" "Incoming $2 call")
	focus "$ringing"
	sleep 1.5 # before, keys are taken for what was being typed elsewhere
}

# wrote PROFILE TEXT: the profile has this message.
wrote() {
	[ "$(sqlite3 -readonly "$work/data/profile-$1/messages.db" \
		"SELECT count(*) FROM messages WHERE CAST(data AS TEXT) = '$2'")" = 1 ]
}

echo "== A call: both hear each other, until one is muted"
speak alice
speak bob
ring ctrl+shift+c voice
picture ring
xdotool key Return
within 5 "bob talks" talking "$bob_pid"
within 5 "alice talks" talking "$alice_pid"
within 20 "alice's voice at bob's" hears bob 1000
within 20 "bob's voice at alice's" hears alice 600
picture talk
focus "$(talking "$bob_pid")"
xdotool key m
within 20 "bob, muted" hears alice 0
within 20 "bob still hears alice" hears bob 1000
picture muted
xdotool key m
within 20 "bob's voice again" hears alice 600

echo "== On hold, until bob resumes"
press "$bob_pid" 3
within 20 "alice's speaker, on hold" hears alice 0
within 20 "bob's speaker, on hold" hears bob 0
picture hold
press "$bob_pid" 3
within 20 "bob's voice again" hears alice 600
within 20 "alice's voice again" hears bob 1000

echo "== Bob sees alice's screen, whose background is lime"
command display -window root -size 64x64 xc:lime || true # it fails also when it has done it
press "$alice_pid" 2
focus "$(in_call "$bob_pid")" # nothing is read of a window that another one covers
within 20 "lime in bob's window" lime "$(in_call "$bob_pid")"
picture screen
press "$alice_pid" 2
focus "$(in_call "$bob_pid")"
within 20 "no lime in bob's window" plain "$(in_call "$bob_pid")"
xdotool key Escape
within 5 "the record at alice's" have alice "$outgoing"
within 5 "the record at bob's" have bob "$incoming"
picture ended
within 10 "bob's window is closed" quiet "$bob_pid"
within 10 "alice's window is closed" quiet "$alice_pid"
within 5 "silence at bob's" hears bob 0
focus "$bob"
sleep 0.5
write 'That was nice.'
within 5 "bob writes on after the call" wrote bob 'That was nice.'
focus "$alice"
sleep 0.5
write 'It was.'
within 5 "alice, too" wrote alice 'It was.'

echo "== Declined"
ring ctrl+shift+c voice
xdotool key Escape
within 5 "the record at alice's" have alice "$outgoing $outgoing"
within 5 "the record at bob's" have bob "$incoming $incoming"
picture declined
within 10 "the windows are closed" quiet "$alice_pid"

echo "== Given up: bob has missed it"
ring ctrl+shift+c voice
focus "$(named "$alice_pid" '^Bob Fischer .* Ringing')"
xdotool key Escape
within 5 "the record at bob's" have bob "$incoming $incoming $missed"
picture missed
within 10 "the windows are closed" quiet "$alice_pid"

echo "== Nobody answers"
ring ctrl+shift+c voice
within 60 "alice gives up by itself" named "$alice_pid" 'No answer'
picture no-answer
within 5 "the record at bob's" have bob "$incoming $incoming $missed $missed"
within 5 "the record at alice's" have alice "$outgoing $outgoing $outgoing $outgoing"
within 10 "the windows are closed" quiet "$alice_pid"
within 1 "it rings no more" quiet "$bob_pid"

echo "== Answered on another device: the first one stops ringing"
open_app bob-laptop '' light 950 300
laptop_pid=$pid
ring ctrl+shift+c voice
within 5 "it rings at bob's other device" named "$laptop_pid" 'Incoming voice call'
picture two-devices
focus "$(named "$laptop_pid" 'Incoming voice call')"
xdotool key Return
within 1 "the first device is quiet" quiet "$bob_pid"
within 5 "alice talks" talking "$alice_pid"
within 5 "the other device talks" talking "$laptop_pid"
speak bob # what was said at first is over
within 20 "bob's voice at alice's" hears alice 600
picture elsewhere
focus "$(talking "$laptop_pid")"
xdotool key Escape
within 5 "the record at alice's" have alice "$outgoing $outgoing $outgoing $outgoing $outgoing"
within 5 "the record at bob's" have bob "$incoming $incoming $missed $missed $incoming"
within 5 "the record at bob's other device" have bob-laptop "$incoming $incoming $missed $missed $incoming"
within 10 "the windows are closed" quiet "$alice_pid"
kill "$laptop_pid"
wait "$laptop_pid" || fail "the program ended with status $?"

echo "== The program ends in the middle of a call, and the other side learns it"
ring ctrl+shift+c voice
xdotool key Return
within 5 "alice talks" talking "$alice_pid"
kill "$bob_pid"
wait "$bob_pid" || fail "the program ended with status $?"
within 5 "the record at alice's" have alice "$outgoing $outgoing $outgoing $outgoing $outgoing $outgoing"

echo "The pictures are in $pictures."
