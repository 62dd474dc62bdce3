package callstate_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/parley-chat/parley/internal/wire"
	"github.com/parley-chat/parley/mesibo/internal/callstate"
)

// text writes actions as a line.
func text(actions []callstate.Action) string {
	names := []string{"start", "send", "notify", "make-answer", "accept", "remote", "take-over", "end"}
	parts := make([]string, len(actions))
	for i, a := range actions {
		parts[i] = names[a.Kind]
		switch a.Kind {
		case callstate.Send, callstate.Accept, callstate.Remote:
			parts[i] += fmt.Sprintf(" %#x", a.Change.GetStatus())
			if a.Change.GetDeclined() {
				parts[i] += " declined"
			}
		case callstate.Notify, callstate.End:
			parts[i] += fmt.Sprintf(" %#x", a.Status)
			if a.ByRemote {
				parts[i] += " remote"
			}
		case callstate.Start, callstate.MakeAnswer, callstate.TakeOver:
		}
	}
	return strings.Join(parts, ", ")
}

// step is an event and the actions that it makes.
type step struct {
	do   func(m *callstate.Machine) []callstate.Action
	want string
}

func signalled(seq, status uint32) func(m *callstate.Machine) []callstate.Action {
	return func(m *callstate.Machine) []callstate.Action {
		return m.Signalled(seq, &wire.CallChange{Status: status, Sdp: "sdp"})
	}
}

func replied(status uint32) func(m *callstate.Machine) []callstate.Action {
	return func(m *callstate.Machine) []callstate.Action { return m.Replied(status) }
}

func acknowledged(sent, status uint32) func(m *callstate.Machine) []callstate.Action {
	return func(m *callstate.Machine) []callstate.Action { return m.Acknowledged(sent, status) }
}

func busy(declined bool) func(m *callstate.Machine) []callstate.Action {
	return func(m *callstate.Machine) []callstate.Action { return m.Busy(declined) }
}

func failed(m *callstate.Machine) []callstate.Action { return m.Fail(0x61) }

func answerMade(m *callstate.Machine) []callstate.Action { return m.AnswerMade("sdp", true) }

var (
	dial      = step{(*callstate.Machine).Dial, "start"}
	calling   = step{replied(wire.CallInProgress), "notify 0x2"}
	ringing   = step{signalled(1, wire.CallRinging), "notify 0x3"}
	answered  = step{signalled(2, wire.CallAnswer), "accept 0x5, notify 0x5"}
	connected = step{(*callstate.Machine).MediaUp, "notify 0x30"}
	arrived   = step{(*callstate.Machine).Arrived, "notify 0x1"}
	rung      = step{(*callstate.Machine).Rung, "send 0x3"}
	answer    = step{(*callstate.Machine).Answer, "make-answer"}
	made      = step{answerMade, "send 0x5"}
	taken     = step{acknowledged(wire.CallAnswer, wire.CallAnswer), "notify 0x5"}
)

func TestMachine(t *testing.T) {
	t.Parallel()
	for name, steps := range map[string][]step{
		"caller, to the end": {
			dial, calling, ringing, answered, connected,
			{signalled(3, wire.CallMute), "remote 0x9"},
			{signalled(4, wire.CallSDP), "remote 0x8"},
			{(*callstate.Machine).MediaDown, "notify 0x32"},
			connected,
			{(*callstate.Machine).Hangup, "send 0x40, end 0x40"},
			{(*callstate.Machine).Hangup, ""},
		},
		"callee, to the end": {
			arrived, rung,
			{(*callstate.Machine).Rung, ""},
			answer, made,
			{answerMade, ""},
			{signalled(0, wire.CallSwitched), ""},
			taken, connected,
			{signalled(1, wire.CallComplete), "end 0x40 remote"},
		},
		"repeated and reordered signals": {
			dial, calling,
			{signalled(7, wire.CallAnswer), "accept 0x5, notify 0x5"},
			{signalled(7, wire.CallMute), ""},
			{signalled(5, wire.CallRinging), ""},
			{signalled(8, wire.CallAnswer), ""},
			{signalled(9, wire.CallRinging), ""},
		},
		"unknown statuses": {
			dial, calling,
			{signalled(1, 0x80|wire.CallCancel), ""},
			{signalled(2, 0x3F), ""},
			{signalled(3, 0), ""},
			{signalled(4, 0x7F), "end 0x7f remote"},
		},
		"an answer without a description": {
			dial, calling,
			{func(m *callstate.Machine) []callstate.Action {
				return m.Signalled(1, &wire.CallChange{Status: wire.CallAnswer})
			}, ""},
		},
		"media before the server's reply": {
			arrived, answer, made,
			{(*callstate.Machine).MediaUp, ""},
			{acknowledged(wire.CallAnswer, wire.CallAnswer), "notify 0x5, notify 0x30"},
		},
		"changes before the server's reply": {arrived, answer, made, {signalled(1, wire.CallMute), "remote 0x9"}},
		"another device was first": {
			arrived, answer, made, {acknowledged(wire.CallAnswer, wire.CallSwitched), "end 0x4d remote"},
		},
		"another device answers": {arrived, rung, {signalled(0, wire.CallSwitched), "end 0x4d remote"}},
		"the caller hangs up": {
			arrived, rung, answer, {signalled(0, wire.CallCancel), "end 0x41 remote"}, {answerMade, ""},
		},
		"it had ended": {
			arrived,
			{(*callstate.Machine).Rung, "send 0x3"},
			{acknowledged(wire.CallRinging, wire.CallNoAnswer), "end 0x42 remote"},
		},
		"refused":       {dial, {replied(wire.CallBlocked), "end 0x4b remote"}},
		"rings already": {dial, {replied(wire.CallRinging), "notify 0x2, notify 0x3"}},
		"both call":     {dial, {replied(wire.CallIncoming), "notify 0x2, take-over"}, made, taken},
		"hung up before the reply": {
			dial,
			{(*callstate.Machine).Hangup, "end 0x41"},
			{replied(wire.CallRinging), "send 0x41"},
			{replied(wire.CallRinging), ""},
		},
		"hung up, and both call": {
			dial, {(*callstate.Machine).Hangup, "end 0x41"}, {replied(wire.CallIncoming), ""},
		},
		"hung up while it rings":            {dial, calling, ringing, {(*callstate.Machine).Hangup, "send 0x41, end 0x41"}},
		"declined":                          {arrived, {(*callstate.Machine).Hangup, "send 0x43 declined, end 0x43"}},
		"declined while answering":          {arrived, answer, {(*callstate.Machine).Hangup, "send 0x43 declined, end 0x43"}},
		"hung up after the answer was sent": {arrived, answer, made, {(*callstate.Machine).Hangup, "send 0x40, end 0x40"}},
		"busy":                              {{busy(false), "send 0x43, end 0x43"}, {busy(false), ""}},
		"no device to answer with":          {arrived, answer, {failed, "send 0x43, end 0x61"}},
		"no device to call with":            {dial, {failed, "end 0x61"}, {replied(wire.CallInProgress), "send 0x41"}},
		"the media fail":                    {dial, calling, answered, {failed, "send 0x61, end 0x61"}},
		"left while it rings":               {arrived, {(*callstate.Machine).Leave, "send 0x43, end 0x43"}},
		"left while answering":              {arrived, answer, {(*callstate.Machine).Leave, "send 0x43, end 0x43"}},
		"left when answered": {
			arrived, answer, made, taken, {(*callstate.Machine).Leave, "send 0x40, end 0x40"},
		},
		"left while calling": {dial, calling, {(*callstate.Machine).Leave, "send 0x41, end 0x41"}},
		"forgotten": {
			{(*callstate.Machine).Forgotten, "send 0x40, end 0x40"}, {(*callstate.Machine).Forgotten, ""},
		},
		"fails while it rings":       {arrived, {failed, "send 0x43, end 0x61"}},
		"answered by another object": {arrived, {(*callstate.Machine).Replaced, "end 0x4d"}},
		"no reply to the start": {
			dial, {(*callstate.Machine).Expired, "end 0x62"}, {replied(wire.CallInProgress), "send 0x41"},
		},
		"no answer":                 {dial, calling, {(*callstate.Machine).Expired, "send 0x41, end 0x42"}},
		"rings for too long":        {arrived, {(*callstate.Machine).Expired, "end 0x42 remote"}},
		"the media never connect":   {dial, calling, answered, {(*callstate.Machine).Expired, "send 0x62, end 0x62"}},
		"connected does not expire": {dial, calling, answered, connected, {(*callstate.Machine).Expired, ""}},
		"resumed before it rings":   {arrived, {(*callstate.Machine).Resumed, "send 0x23"}},
		"resumed while it rings":    {arrived, rung, {(*callstate.Machine).Resumed, "send 0x3"}},
		"resumed": {
			dial, calling,
			{(*callstate.Machine).Resumed, "send 0x23"},
			{acknowledged(wire.CallInfo, wire.CallBadID), "end 0x54 remote"},
		},
		"nothing before the start": {
			{signalled(1, wire.CallCancel), ""},
			{(*callstate.Machine).Hangup, ""},
			{failed, ""},
			{(*callstate.Machine).Expired, ""},
			{(*callstate.Machine).Resumed, ""},
			{(*callstate.Machine).Answer, ""},
			{(*callstate.Machine).MediaDown, ""},
			{(*callstate.Machine).Replaced, ""},
			{(*callstate.Machine).Rung, ""},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var m callstate.Machine
			var had []string
			for i, s := range steps {
				got := text(s.do(&m))
				had = append(had, got)
				if got != s.want {
					t.Fatalf("step %d: got %q, want %q; all: %q", i, got, s.want, had)
				}
			}
		})
	}
}

// TestMachine_state: what can be asked at each step.
func TestMachine_state(t *testing.T) {
	t.Parallel()
	var m callstate.Machine
	check := func(state callstate.State, status uint32, live, answered bool) {
		t.Helper()
		if m.State() != state || m.Status() != status || m.IsLive() != live || m.IsAnswered() != answered {
			t.Errorf("got state %d, status %#x, live %v, answered %v", m.State(), m.Status(), m.IsLive(), m.IsAnswered())
		}
	}
	check(callstate.New, 0, false, false)
	m.Dial()
	check(callstate.Starting, 0, true, false)
	m.Replied(wire.CallRinging)
	check(callstate.Ringing, wire.CallRinging, true, false)
	answered.do(&m)
	check(callstate.Answered, wire.CallAnswer, true, true)
	m.MediaUp()
	check(callstate.Connected, callstate.StatusConnected, true, true)
	m.MediaDown()
	check(callstate.Reconnecting, callstate.StatusReconnecting, true, true)
	if !m.IsCaller() {
		t.Error("the caller is none")
	}
	m.Fail(callstate.StatusNetworkError)
	check(callstate.Ended, callstate.StatusNetworkError, false, false)
}
