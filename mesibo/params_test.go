package mesibo_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/parley-chat/parley/mesibo"
)

func TestMessageParams_predicates(t *testing.T) {
	for _, c := range []struct {
		status                             mesibo.MsgStatus
		incoming, outgoing, failed, queued bool
	}{
		{mesibo.MsgStatusOutbox, false, true, false, true},
		{mesibo.MsgStatusSent, false, true, false, false},
		{mesibo.MsgStatusRead, false, true, false, false},
		{mesibo.MsgStatusReceivedNew, true, false, false, false},
		{mesibo.MsgStatusReceivedRead, true, false, false, false},
		{mesibo.MsgStatusExpired, false, true, true, false},
		{mesibo.MsgStatusFail, false, true, true, false},
	} {
		p := mesibo.MessageParams{Status: c.status}
		got := []bool{p.IsIncoming(), p.IsOutgoing(), p.IsMessageStatusFailed(), p.IsMessageStatusInProgress()}
		if want := []bool{c.incoming, c.outgoing, c.failed, c.queued}; fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%v: got %v, want %v", c.status, got, want)
		}
	}
}

func TestMessageParams_flags(t *testing.T) {
	for _, c := range []struct {
		params mesibo.MessageParams
		want   string
	}{
		{mesibo.MessageParams{}, "realtime"},
		{mesibo.MessageParams{Origin: mesibo.OriginDBMessage}, "db"},
		{mesibo.MessageParams{Origin: mesibo.OriginDBSummary}, "summary"},
		{mesibo.MessageParams{Origin: mesibo.OriginDBPending}, "pending"},
		{mesibo.MessageParams{Flag: mesibo.FlagPresence}, "realtime presence"},
		{mesibo.MessageParams{Flag: mesibo.FlagForwarded}, "realtime forwarded"},
		{mesibo.MessageParams{Flag: mesibo.FlagModify}, "realtime modified"},
		{mesibo.MessageParams{Flag: mesibo.FlagDeleted}, "realtime deleted"},
		{mesibo.MessageParams{Flag: mesibo.FlagLastMessage}, "realtime last"},
		{mesibo.MessageParams{Flag: mesibo.FlagSaveCustom, Status: mesibo.MsgStatusCustom}, "realtime saved custom"},
		{
			mesibo.MessageParams{Flag: mesibo.FlagSaveCustom, Status: mesibo.MsgStatusCallMissed},
			"realtime saved call missed voice",
		},
		{mesibo.MessageParams{Status: mesibo.MsgStatusCallIncoming, Type: 1}, "realtime call video"},
		{mesibo.MessageParams{Status: mesibo.MsgStatusCallOutgoing, Type: 2}, "realtime call voice"},
	} {
		p := &c.params
		var got []string
		for _, is := range []struct {
			name string
			yes  bool
		}{
			{"realtime", p.IsRealtimeMessage()},
			{"db", p.IsDBMessage()},
			{"summary", p.IsDBSummaryMessage()},
			{"pending", p.IsDBPendingMessage()},
			{"presence", p.IsPresence()},
			{"forwarded", p.IsForwarded()},
			{"modified", p.IsModified()},
			{"deleted", p.IsDeleted()},
			{"last", p.IsLastMessage()},
			{"saved", p.IsSavedMessage()},
			{"custom", p.IsCustom()},
			{"call", p.IsCall()},
			{"missed", p.IsMissedCall()},
			{"video", p.IsVideoCall()},
			{"voice", p.IsVoiceCall()},
		} {
			if is.yes {
				got = append(got, is.name)
			}
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%+v: got %q, want %q", c.params, got, c.want)
		}
	}
}

func TestMessageParams_Compare(t *testing.T) {
	for _, c := range []struct {
		params mesibo.MessageParams
		peer   string
		group  uint32
		want   bool
	}{
		{mesibo.MessageParams{Peer: "bob"}, "Bob", 0, true},
		{mesibo.MessageParams{Peer: "bob"}, "bobby", 0, false},
		{mesibo.MessageParams{Peer: "bob", GroupID: 7}, "", 7, true},
		{mesibo.MessageParams{Peer: "bob", GroupID: 7}, "bob", 0, false},
		{mesibo.MessageParams{Peer: "bob"}, "bob", 7, false},
	} {
		if got := c.params.Compare(c.peer, c.group); got != c.want {
			t.Errorf("%+v with %q, %d: got %v", c.params, c.peer, c.group, got)
		}
	}
}

// The numbers are the reference's; programs and other devices rely on them.
func TestNumbers(t *testing.T) {
	for got, want := range map[int]int{
		int(mesibo.StatusOnline): 1, int(mesibo.StatusStopped): 5, int(mesibo.StatusConnecting): 6,
		int(mesibo.StatusShutdown): 22, int(mesibo.MsgStatusReceivedNew): 0x12, int(mesibo.MsgStatusReceivedRead): 0x13,
		int(mesibo.MsgStatusUserOffline): 0x81, int(mesibo.MsgStatusInvalidDest): 0x83,
		int(mesibo.MsgStatusExpired): 0x84, int(mesibo.MsgStatusBlocked): 0x88, int(mesibo.FlagDefault): 3,
		int(mesibo.FlagTransient): 4, int(mesibo.FlagLastMessage): 0x800000,
		int(mesibo.FlagEORS): 0x4000000, int(mesibo.ResultBadRequest): 0x85, int(mesibo.ResultDisconnected): 0xB2,
		int(mesibo.ResultAuthFail): 0xC0,
	} {
		if got != want {
			t.Errorf("got %#x, want %#x", got, want)
		}
	}
}

func TestError(t *testing.T) {
	var err error = &mesibo.Error{Op: "Send", Result: mesibo.ResultFail, Cause: io.ErrUnexpectedEOF}
	if !errors.Is(err, mesibo.ResultFail) || !errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, mesibo.ResultDenied) {
		t.Errorf("errors.Is is wrong for %v", err)
	}
	for got, want := range map[mesibo.Result]mesibo.Result{
		mesibo.ResultOf(fmt.Errorf("outer: %w", err)): mesibo.ResultFail, mesibo.ResultOf(nil): 0,
	} {
		if got != want {
			t.Errorf("got %v, want %v", got, want)
		}
	}
}

func TestRandom_is_never_0(t *testing.T) {
	m, err := mesibo.New(mesibo.Options{})
	if err != nil {
		t.Fatal(err)
	}
	seen := map[uint32]bool{}
	for range 10_000 {
		n := m.Random()
		if n == 0 || seen[n] && len(seen) < 100 {
			t.Fatalf("got %d again or 0", n)
		}
		seen[n] = true
	}
}

func TestMessageParams_Reply(t *testing.T) {
	received := mesibo.MessageParams{
		Mid: 1<<32 | 7, Peer: "alice", Flag: mesibo.FlagForwarded, Status: mesibo.MsgStatusReceivedNew,
	}
	for name, c := range map[string]struct {
		group uint32
		peer  string
	}{"one-to-one": {0, "alice"}, "group": {9, ""}} {
		received.GroupID = c.group
		r := received.Reply()
		if r.Peer != c.peer || r.GroupID != c.group || r.RefID != received.Mid {
			t.Errorf("%s: got %+v", name, r)
		}
		if r.Flag != mesibo.FlagDefault || r.Expiry != mesibo.ExpiryDefault || r.Mid != 0 {
			t.Errorf("%s: it is not as usual: %+v", name, r)
		}
	}
}

func TestMessageParams_GetCallDuration(t *testing.T) {
	start := time.Unix(1_700_000_000, 0)
	c := mesibo.CallRecord{Status: mesibo.CallStatusComplete, Answered: start, Ended: start.Add(72 * time.Second)}
	if p := (mesibo.MessageParams{Call: &c}); p.GetCallDuration() != 72*time.Second || !p.Call.Status.IsEnd() {
		t.Errorf("got %v, %v, want 72 seconds and an end", p.GetCallDuration(), p.Call.Status.IsEnd())
	}
	for _, p := range []mesibo.MessageParams{{}, {Call: &mesibo.CallRecord{Ended: start}}} {
		if p.GetCallDuration() != 0 {
			t.Errorf("got %v for %+v, want 0", p.GetCallDuration(), p.Call)
		}
	}
	if mesibo.CallStatusConnected.IsEnd() {
		t.Error("a connected call has ended")
	}
}
