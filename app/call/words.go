package call

import (
	"fmt"
	"time"

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
		return "Video call"
	}
	return "Voice call"
}

// kindWords names a call that rings.
func kindWords(video bool) string {
	if video {
		return "Incoming video call"
	}
	return "Incoming voice call"
}

// endWords says how a call ended. rang says that it rang at the other party before.
func endWords(status mesibo.CallStatus, rang, incoming bool) string {
	switch {
	case status == mesibo.CallStatusBusy && rang:
		return "Declined"
	case status == mesibo.CallStatusCancel && incoming:
		return "Missed call"
	}
	const unreachable, impossible, lost = "Not reachable", "Calls are not possible there", "The connection was lost"
	words, ok := map[mesibo.CallStatus]string{
		mesibo.CallStatusComplete: "Call ended", mesibo.CallStatusCancel: "Call ended",
		mesibo.CallStatusNoAnswer: "No answer", mesibo.CallStatusBusy: "Busy",
		mesibo.CallStatusUnreachable: unreachable, mesibo.CallStatusOffline: unreachable,
		mesibo.CallStatusInvalidDest: unreachable, mesibo.CallStatusBlocked: unreachable,
		mesibo.CallStatusNoCalls: impossible, mesibo.CallStatusUnsupportedDest: impossible,
		mesibo.CallStatusIncompatible:     impossible,
		mesibo.CallStatusNoVideoCalls:     "Video calls are not possible there",
		mesibo.CallStatusNotAllowed:       "You have blocked this contact",
		mesibo.CallStatusDurationExceeded: "Call ended, it was as long as it may be",
		mesibo.CallStatusSwitched:         "Answered on another device",
		mesibo.CallStatusHWError:          "There are no devices for calls here",
		mesibo.CallStatusNetworkError:     lost, mesibo.CallStatusNetworkBlocked: lost,
	}[status]
	if !ok {
		return "The call did not work"
	}
	return words
}
