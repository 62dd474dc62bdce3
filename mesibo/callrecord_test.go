package mesibo

import (
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/wire"
)

// TestCallRecord_of_each_side: the same record is an outgoing call of the caller, and a missed, answered or declined
// one of the callee.
func TestCallRecord_of_each_side(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name     string
		self     string
		record   *wire.CallRecord
		status   MsgStatus
		duration time.Duration
		seen     bool
	}{
		{
			"caller", "alice", &wire.CallRecord{Status: wire.CallNoAnswer, Started: 1000, Ended: 9000}, MsgStatusCallOutgoing,
			0, true,
		},
		{
			"missed", "bob", &wire.CallRecord{Status: wire.CallCancel, Started: 1000, Ended: 9000}, MsgStatusCallMissed, 0,
			false,
		},
		{
			"declined", "bob", &wire.CallRecord{Status: wire.CallBusy, Started: 1000, Ended: 9000, Declined: true},
			MsgStatusCallIncoming, 0, true,
		},
		{
			"answered", "bob",
			&wire.CallRecord{Status: wire.CallComplete, Started: 1000, Answered: 2000, Ended: 9000, Video: true},
			MsgStatusCallIncoming, 7 * time.Second, true,
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			in := incoming(&wire.Message{
				Id: 1 << 33, From: "alice", Peer: "bob", Content: &wire.Content{Call: tc.record},
			}, tc.self)
			row := in.Row
			row.Status = in.Call
			p := params(&row)
			if p.Status != tc.status || in.Seen != tc.seen || p.GetCallDuration() != tc.duration ||
				p.IsVideoCall() != tc.record.GetVideo() || p.Call.Status != CallStatus(tc.record.GetStatus()) ||
				p.Call.Declined != tc.record.GetDeclined() || !p.Call.Started.Equal(time.UnixMilli(1000)) {
				t.Errorf("got %+v, seen %v: %+v", p, in.Seen, p.Call)
			}
		})
	}
}
