package format_test

import (
	"testing"
	"time"

	"github.com/parley-chat/parley/app/format"
	"github.com/parley-chat/parley/mesibo"
)

func TestCall(t *testing.T) {
	t.Parallel()
	const in, out, missed = mesibo.MsgStatusCallIncoming, mesibo.MsgStatusCallOutgoing, mesibo.MsgStatusCallMissed
	start := time.Date(2026, time.November, 16, 14, 2, 0, 0, time.UTC)
	end := func(status mesibo.CallStatus, declined bool) *mesibo.CallRecord {
		return &mesibo.CallRecord{Status: status, Declined: declined, Started: start, Ended: start.Add(time.Minute)}
	}
	talked := func(lasts time.Duration) *mesibo.CallRecord {
		return &mesibo.CallRecord{Status: mesibo.CallStatusComplete, Started: start, Answered: start, Ended: start.Add(lasts)}
	}
	met := talked(192 * time.Second)
	met.People = 3
	for want, p := range map[string]mesibo.MessageParams{
		"Missed call":                       {Status: missed, Call: end(mesibo.CallStatusCancel, false)},
		"Missed video call":                 {Status: missed, Type: 1, Call: end(mesibo.CallStatusNoAnswer, false)},
		"Declined call":                     {Status: in, Call: end(mesibo.CallStatusBusy, true)},
		"Incoming call, 3:12":               {Status: in, Call: talked(192 * time.Second)},
		"Outgoing video call, 1:00:05":      {Status: out, Type: 1, Call: talked(time.Hour + 5*time.Second)},
		"Outgoing call, declined":           {Status: out, Call: end(mesibo.CallStatusBusy, true)},
		"Outgoing call, busy":               {Status: out, Call: end(mesibo.CallStatusBusy, false)},
		"Outgoing call, no answer":          {Status: out, Call: end(mesibo.CallStatusNoAnswer, false)},
		"Outgoing call, cancelled":          {Status: out, Call: end(mesibo.CallStatusCancel, false)},
		"Outgoing call, not reachable":      {Status: out, Call: end(mesibo.CallStatusBlocked, false)},
		"Outgoing video call, did not work": {Status: out, Type: 1, Call: end(mesibo.CallStatusError, false)},
		"Outgoing call":                     {Status: out},
		"Missed group call":                 {Status: missed, GroupID: 7, Call: end(mesibo.CallStatusNoAnswer, false)},
		"Group video call, no answer":       {Status: out, Type: 1, GroupID: 7, Call: end(mesibo.CallStatusNoAnswer, false)},
		"Group call, 3 people, 3:12":        {Status: in, GroupID: 7, Call: met},
	} {
		if got := format.CallLine(&p); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
