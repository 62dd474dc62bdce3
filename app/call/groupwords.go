package call

import (
	"fmt"
	"strings"

	"github.com/parley-chat/parley/mesibo"
)

const (
	busyWords   = "You are in a call already. Hang up first."
	listenWords = "You may only listen in the calls of this group"

	noCodecWords = "Sound or video needs a library that is missing here"
)

// peopleWords counts people.
func peopleWords(n int) string {
	if n == 1 {
		return "1 person"
	}
	return fmt.Sprintf("%d people", n)
}

// number writes a small number as a word, as the first of a sentence.
func number(n int) string {
	words := [...]string{
		"No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten", "Eleven", "Twelve",
	}
	if n < 0 || n >= len(words) {
		return fmt.Sprint(n)
	}
	return words[n]
}

// list joins names: Alice, Bob and Carol.
func list(names []string) string {
	last := len(names) - 1
	if last <= 0 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:last], ", ") + " and " + names[last]
}

// partWords say who takes part: Alice and Bob are in the call, or how many when there are more than three.
func partWords(names []string) string {
	switch n := len(names); {
	case n == 0:
		return ""
	case n == 1 && names[0] == "You":
		return "You are in the call"
	case n == 1:
		return names[0] + " is in the call"
	case n <= 3:
		return list(names) + " are in the call"
	default:
		return peopleWords(n) + " are in the call"
	}
}

// leftWords say why this device does not take part any more, or does not at all. inside says that it did; others are so
// many people with so many devices.
func leftWords(status mesibo.CallStatus, inside bool, people, devices int) string {
	switch status {
	case mesibo.CallStatusComplete:
		return "Call ended"
	case mesibo.CallStatusBusy:
		switch {
		case devices < 2:
			return "The call is full. Nobody else can join."
		case people < devices:
			return number(devices) + " devices are in the call already. No other one can join."
		}
		return number(people) + " people are in the call already. Nobody else can join."
	case mesibo.CallStatusNotAllowed:
		if inside {
			return "You were removed from this call."
		}
		return "You can't join this call."
	case mesibo.CallStatusNetworkError, mesibo.CallStatusAuthFail:
		return "The connection was lost. Join again when there is one."
	case mesibo.CallStatusHWError:
		return "There are no devices for calls here."
	default:
		return "The call did not work. Try to join again."
	}
}
