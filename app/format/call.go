package format

import (
	"fmt"
	"strings"
	"time"

	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/widgets"
)

// Call says which call a record is about, such as "Outgoing video call", and how it went, such as "3:12" or "No
// answer"; nothing when the first says it all.
func Call(p *mesibo.MessageParams) (what, how string) {
	kind := "call"
	if p.IsVideoCall() {
		kind = "video call"
	}
	switch {
	case p.GroupID != 0:
		return groupCall(p, kind)
	case p.IsMissedCall():
		return "Missed " + kind, ""
	case p.Status == mesibo.MsgStatusCallOutgoing:
		return "Outgoing " + kind, callEnd(p)
	case p.Call != nil && p.Call.Declined:
		return "Declined " + kind, ""
	}
	return "Incoming " + kind, callEnd(p)
}

// groupCall is Call for the call of a group, which is neither incoming nor outgoing: "Group call", "3 people, 3:12".
func groupCall(p *mesibo.MessageParams, kind string) (what, how string) {
	switch {
	case p.IsMissedCall():
		return "Missed group " + kind, ""
	case p.Call != nil && !p.Call.Answered.IsZero() && p.Call.People > 1:
		return "Group " + kind, fmt.Sprintf("%d people, %s", p.Call.People, callEnd(p))
	}
	return "Group " + kind, callEnd(p)
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
	return what + ", " + strings.ToLower(how)
}

func callEnd(p *mesibo.MessageParams) string {
	switch c := p.Call; {
	case c == nil:
		return ""
	case !c.Answered.IsZero():
		return Duration(p.GetCallDuration())
	case c.Declined:
		return "Declined"
	case c.Status == mesibo.CallStatusBusy:
		return "Busy"
	case c.Status == mesibo.CallStatusNoAnswer:
		return "No answer"
	case c.Status == mesibo.CallStatusCancel:
		return "Cancelled"
	case c.Status == mesibo.CallStatusUnreachable, c.Status == mesibo.CallStatusOffline,
		c.Status == mesibo.CallStatusInvalidDest, c.Status == mesibo.CallStatusBlocked:
		return "Not reachable"
	}
	return "Did not work"
}

// Duration is a duration as 3:12, or 1:03:12.
func Duration(d time.Duration) string {
	s := int(max(0, d) / time.Second)
	if s >= 3600 {
		return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
	}
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}
