package call

import (
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/mesibo"
)

func busyWords() string { return tr.L("You are in a call already. Hang up first.") }

// peopleWords counts people.
func peopleWords(n int) string { return tr.N("{{.N}} person", "{{.N}} people", n) }

// partWords say who takes part: Alice and Bob are in the call, or how many when there are more than three. self says
// that it is this user alone.
func partWords(names []string, self bool) string {
	switch {
	case self:
		return tr.L("You are in the call")
	case len(names) == 0:
		return ""
	case len(names) == 1:
		return tr.L("{{.Name}} is in the call", "Name", names[0])
	case len(names) == 2:
		return tr.L("{{.First}} and {{.Second}} are in the call", "First", names[0], "Second", names[1])
	case len(names) == 3:
		return tr.L("{{.First}}, {{.Second}} and {{.Third}} are in the call",
			"First", names[0], "Second", names[1], "Third", names[2])
	default:
		return tr.N("{{.N}} person is in the call", "{{.N}} people are in the call", len(names))
	}
}

// leftWords say why this device does not take part any more, or does not at all. inside says that it did; others are so
// many people with so many devices.
func leftWords(status mesibo.CallStatus, inside bool, people, devices int) string {
	switch status {
	case mesibo.CallStatusComplete:
		return tr.L("Call ended")
	case mesibo.CallStatusBusy:
		switch {
		case devices < 2:
			return tr.L("The call is full. Nobody else can join.")
		case people < devices:
			return tr.N("{{.N}} device is in the call already. No other one can join.",
				"{{.N}} devices are in the call already. No other one can join.", devices)
		}
		return tr.N("{{.N}} person is in the call already. Nobody else can join.",
			"{{.N}} people are in the call already. Nobody else can join.", people)
	case mesibo.CallStatusNotAllowed:
		if inside {
			return tr.L("You were removed from this call.")
		}
		return tr.L("You can't join this call.")
	case mesibo.CallStatusNetworkError, mesibo.CallStatusAuthFail:
		return tr.L("The connection was lost. Join again when there is one.")
	case mesibo.CallStatusHWError:
		return tr.L("There are no devices for calls here.")
	default:
		return tr.L("The call did not work. Try to join again.")
	}
}
