package call

import (
	"fmt"
	"time"

	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/mesibo"
)

// Clock is a duration as a call shows it: 03:12, or 1:03:12.
func Clock(d time.Duration) string {
	s := int(max(0, d) / time.Second)
	if s >= 3600 {
		return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
	}
	return fmt.Sprintf("%02d:%02d", s/60, s%60)
}

// callWords names a kind of call.
func callWords(video bool) string {
	if video {
		return tr.L("Video call")
	}
	return tr.L("Voice call")
}

// kindWords names a call that rings.
func kindWords(video bool) string {
	if video {
		return tr.L("Incoming video call")
	}
	return tr.L("Incoming voice call")
}

// endWords says how a call ended. rang says that it rang at the other party before.
func endWords(status mesibo.CallStatus, rang, incoming bool) string {
	switch {
	case status == mesibo.CallStatusBusy && rang:
		return tr.L("Declined")
	case status == mesibo.CallStatusCancel && incoming:
		return tr.L("Missed call")
	}
	unreachable, impossible := tr.L("Not reachable"), tr.L("Calls are not possible there")
	lost := tr.L("The connection was lost")
	words, ok := map[mesibo.CallStatus]string{
		mesibo.CallStatusComplete: tr.L("Call ended"), mesibo.CallStatusCancel: tr.L("Call ended"),
		mesibo.CallStatusNoAnswer: tr.L("No answer"), mesibo.CallStatusBusy: tr.L("Busy"),
		mesibo.CallStatusUnreachable: unreachable, mesibo.CallStatusOffline: unreachable,
		mesibo.CallStatusInvalidDest: unreachable, mesibo.CallStatusBlocked: unreachable,
		mesibo.CallStatusNoCalls: impossible, mesibo.CallStatusUnsupportedDest: impossible,
		mesibo.CallStatusIncompatible:     impossible,
		mesibo.CallStatusNoVideoCalls:     tr.L("Video calls are not possible there"),
		mesibo.CallStatusNotAllowed:       tr.L("You have blocked this contact"),
		mesibo.CallStatusDurationExceeded: tr.L("Call ended, it was as long as it may be"),
		mesibo.CallStatusSwitched:         tr.L("Answered on another device"),
		mesibo.CallStatusHWError:          tr.L("There are no devices for calls here"),
		mesibo.CallStatusNetworkError:     lost, mesibo.CallStatusNetworkBlocked: lost,
	}[status]
	if !ok {
		return tr.L("The call did not work")
	}
	return words
}
