package mesibo

import "fmt"

// CallStatus is how far a call is, or what happens to it: the reference's CALLSTATUS_*. A status of CallStatusComplete
// or above ends the call.
type CallStatus int

// The statuses of calls.
const (
	CallStatusNone       CallStatus = 0
	CallStatusIncoming   CallStatus = 1
	CallStatusInProgress CallStatus = 2 // the server has the call
	CallStatusRinging    CallStatus = 3 // a device of the callee rings
	CallStatusAnswer     CallStatus = 5 // the callee has answered
	CallStatusUpdate     CallStatus = 6 // the other party switched its video on or off
	CallStatusDTMF       CallStatus = 7
	CallStatusSDP        CallStatus = 8
	CallStatusMute       CallStatus = 9
	CallStatusUnmute     CallStatus = 0xA
	CallStatusHold       CallStatus = 0xB
	CallStatusUnhold     CallStatus = 0xC

	CallStatusPing     CallStatus = 0x21
	CallStatusInfo     CallStatus = 0x23
	CallStatusEcho     CallStatus = 0x24
	CallStatusRedirect CallStatus = 0x25

	CallStatusConnected    CallStatus = 0x30 // sound and video flow
	CallStatusChannelUp    CallStatus = CallStatusConnected
	CallStatusQuality      CallStatus = 0x31 // Call.Stats has the quality
	CallStatusReconnecting CallStatus = 0x32 // they do not flow any more

	CallStatusComplete         CallStatus = 0x40
	CallStatusCancel           CallStatus = 0x41 // the caller hung up before an answer
	CallStatusNoAnswer         CallStatus = 0x42
	CallStatusBusy             CallStatus = 0x43 // the callee is busy, or declined
	CallStatusUnreachable      CallStatus = 0x44
	CallStatusOffline          CallStatus = 0x45
	CallStatusInvalidDest      CallStatus = 0x46 // there is no such user
	CallStatusInvalidState     CallStatus = 0x47
	CallStatusNoCalls          CallStatus = 0x48
	CallStatusNoVideoCalls     CallStatus = 0x49
	CallStatusNotAllowed       CallStatus = 0x4A // this user blocks the callee
	CallStatusBlocked          CallStatus = 0x4B // the callee blocks this user
	CallStatusDurationExceeded CallStatus = 0x4C
	CallStatusSwitched         CallStatus = 0x4D // another device of this user has answered
	CallStatusAuthFail         CallStatus = 0x50
	CallStatusNoCredits        CallStatus = 0x51
	CallStatusUnsupportedDest  CallStatus = 0x52
	CallStatusIncompatible     CallStatus = 0x53
	CallStatusBadCallID        CallStatus = 0x54 // the server does not know the call
	CallStatusError            CallStatus = 0x60
	CallStatusHWError          CallStatus = 0x61 // there are no devices for the call
	CallStatusNetworkError     CallStatus = 0x62
	CallStatusNetworkBlocked   CallStatus = 0x63
)

// IsEnd reports whether the status ends a call.
func (s CallStatus) IsEnd() bool { return s&CallStatusComplete != 0 }

var callStatusNames = map[CallStatus]string{
	CallStatusNone: "NONE", CallStatusIncoming: "INCOMING", CallStatusInProgress: "INPROGRESS",
	CallStatusRinging: "RINGING", CallStatusAnswer: "ANSWER", CallStatusUpdate: "UPDATE", CallStatusDTMF: "DTMF",
	CallStatusSDP: "SDP", CallStatusMute: "MUTE", CallStatusUnmute: "UNMUTE", CallStatusHold: "HOLD",
	CallStatusUnhold: "UNHOLD", CallStatusPing: "PING", CallStatusInfo: "INFO", CallStatusEcho: "ECHO",
	CallStatusRedirect: "REDIRECT", CallStatusConnected: "CONNECTED", CallStatusQuality: "QUALITY",
	CallStatusReconnecting: "RECONNECTING", CallStatusComplete: "COMPLETE", CallStatusCancel: "CANCEL",
	CallStatusNoAnswer: "NOANSWER", CallStatusBusy: "BUSY", CallStatusUnreachable: "UNREACHABLE",
	CallStatusOffline: "OFFLINE", CallStatusInvalidDest: "INVALIDDEST", CallStatusInvalidState: "INVALIDSTATE",
	CallStatusNoCalls: "NOCALLS", CallStatusNoVideoCalls: "NOVIDEOCALLS", CallStatusNotAllowed: "NOTALLOWED",
	CallStatusBlocked: "BLOCKED", CallStatusDurationExceeded: "DURATIONEXCEEDED", CallStatusSwitched: "SWITCHED",
	CallStatusAuthFail: "AUTHFAIL", CallStatusNoCredits: "NOCREDITS", CallStatusUnsupportedDest: "UNSUPPORTEDDEST",
	CallStatusIncompatible: "INCOMPATIBLE", CallStatusBadCallID: "BADCALLID", CallStatusError: "ERROR",
	CallStatusHWError: "HWERROR", CallStatusNetworkError: "NETWORKERROR", CallStatusNetworkBlocked: "NETWORKBLOCKED",
}

// String names the status as the reference does, without the prefix.
func (s CallStatus) String() string {
	if name, ok := callStatusNames[s]; ok {
		return name
	}
	return fmt.Sprintf("CALLSTATUS_%#x", int(s))
}
