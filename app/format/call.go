package format

import (
	"fmt"
	"time"

	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/widgets"
)

// Call says which call a record is about, such as "Outgoing video call", and how it went, such as "3:12" or "No
// answer"; nothing when the first says it all.
func Call(p *mesibo.MessageParams) (what, how string) { return callKind(p), callEnd(p) }

// callKind says what kind of call a record is about. The call of a group is neither incoming nor outgoing.
func callKind(p *mesibo.MessageParams) string {
	video := p.IsVideoCall()
	switch {
	case p.GroupID != 0 && p.IsMissedCall():
		return either(video, tr.L("Missed group video call"), tr.L("Missed group call"))
	case p.GroupID != 0:
		return either(video, tr.L("Group video call"), tr.L("Group call"))
	case p.IsMissedCall():
		return either(video, tr.L("Missed video call"), tr.L("Missed call"))
	case p.Status == mesibo.MsgStatusCallOutgoing:
		return either(video, tr.L("Outgoing video call"), tr.L("Outgoing call"))
	case p.Call != nil && p.Call.Declined:
		return either(video, tr.L("Declined video call"), tr.L("Declined call"))
	}
	return either(video, tr.L("Incoming video call"), tr.L("Incoming call"))
}

func either(video bool, yes, no string) string {
	if video {
		return yes
	}
	return no
}

// CallArrow is the direction of the call that a record is about.
func CallArrow(p *mesibo.MessageParams) widgets.CallArrow {
	switch {
	case !p.IsCall():
		return widgets.CallNone
	case p.IsMissedCall():
		return widgets.CallMissed
	case p.Status == mesibo.MsgStatusCallOutgoing:
		return widgets.CallOut
	}
	return widgets.CallIn
}

// CallLine is Call in one line.
func CallLine(p *mesibo.MessageParams) string {
	what, how := Call(p)
	if how == "" {
		return what
	}
	return tr.X("{{.Call}}, {{.End}}", "call", "Call", what, "End", lower(p, how))
}

// lower is the end of a call within a line.
func lower(p *mesibo.MessageParams, how string) string {
	if p.Call == nil || !p.Call.Answered.IsZero() {
		return how
	}
	return reason(p.Call, true)
}

// callEnd says how a call went: how long it took, or why it did not come about.
func callEnd(p *mesibo.MessageParams) string {
	c := p.Call
	outgoing := p.Status == mesibo.MsgStatusCallOutgoing || p.GroupID != 0
	switch {
	case c == nil, p.IsMissedCall(), c.Declined && !outgoing:
		return ""
	case c.Answered.IsZero():
		return reason(c, false)
	case p.GroupID != 0 && c.People > 1:
		return tr.N("{{.N}} person, {{.Time}}", "{{.N}} people, {{.Time}}", c.People, "Time", Duration(p.GetCallDuration()))
	}
	return Duration(p.GetCallDuration())
}

// reason says why a call was not answered, in a line or for itself.
func reason(c *mesibo.CallRecord, inLine bool) string {
	alone, within := tr.L("Did not work"), tr.X("did not work", "call")
	switch {
	case c.Declined:
		alone, within = tr.L("Declined"), tr.X("declined", "call")
	case c.Status == mesibo.CallStatusBusy:
		alone, within = tr.L("Busy"), tr.X("busy", "call")
	case c.Status == mesibo.CallStatusNoAnswer:
		alone, within = tr.L("No answer"), tr.X("no answer", "call")
	case c.Status == mesibo.CallStatusCancel:
		alone, within = tr.L("Cancelled"), tr.X("cancelled", "call")
	case c.Status == mesibo.CallStatusUnreachable, c.Status == mesibo.CallStatusOffline,
		c.Status == mesibo.CallStatusInvalidDest, c.Status == mesibo.CallStatusBlocked:
		alone, within = tr.L("Not reachable"), tr.X("not reachable", "call")
	}
	if inLine {
		return within
	}
	return alone
}

// Duration is a duration as 3:12, or 1:03:12.
func Duration(d time.Duration) string {
	s := int(max(0, d) / time.Second)
	if s >= 3600 {
		return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
	}
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}
