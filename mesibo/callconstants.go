package mesibo

import "strconv"

// CallFlag says what a call has: the reference's CALLFLAG_*.
type CallFlag uint32

// The flags of calls.
const (
	CallFlagAudio       CallFlag = 1
	CallFlagVideo       CallFlag = 2
	CallFlagStartCall   CallFlag = 4
	CallFlagCallWaiting CallFlag = 8
	CallFlagWifi        CallFlag = 0x10
	CallFlagSlowNetwork CallFlag = 0x20
	CallFlagMissed      CallFlag = 0x1000
)

// HangupReason says why a call has ended.
type HangupReason int

// The reasons.
const (
	HangupReasonUser       HangupReason = 1 // this user hung up or declined
	HangupReasonRemote     HangupReason = 2 // the other party or the server ended it; the status says why
	HangupReasonError      HangupReason = 3 // an error at this device, or no connection
	HangupReasonBackground HangupReason = 4 // does not happen on a desktop
	HangupReasonDuration   HangupReason = 5 // it lasted as long as it may
)

// String names the reason as the reference does, without the prefix.
func (r HangupReason) String() string {
	switch r {
	case HangupReasonUser:
		return "USER"
	case HangupReasonRemote:
		return "REMOTE"
	case HangupReasonError:
		return "ERROR"
	case HangupReasonBackground:
		return "BACKGROUND"
	case HangupReasonDuration:
		return "DURATION"
	}
	return "REASON_" + strconv.Itoa(int(r))
}

// CallError says why a call cannot be made.
type CallError int

// The errors.
const (
	CallErrorBusy    CallError = 1 // there is a call at this device, and call waiting is off
	CallErrorNetwork CallError = 2 // this device is not connected to the server
)

// String names the error as the reference does, without the prefix.
func (e CallError) String() string {
	switch e {
	case CallErrorBusy:
		return "BUSY"
	case CallErrorNetwork:
		return "NETWORK"
	}
	return "ERROR_" + strconv.Itoa(int(e))
}

// CallNotify says what a notification is about.
type CallNotify int

// The kinds of notifications.
const (
	CallNotifyIncoming CallNotify = 0 // it rings here
	CallNotifyMissed   CallNotify = 4 // there is the record of a call that this user has missed
)

// String names the kind as the reference does, without the prefix.
func (n CallNotify) String() string {
	switch n {
	case CallNotifyIncoming:
		return "INCOMING"
	case CallNotifyMissed:
		return "MISSED"
	}
	return "NOTIFY_" + strconv.Itoa(int(n))
}

// CallUIState is what a window of a call should show.
type CallUIState int

// The states of the window.
const (
	CallUIStateShowIncoming   CallUIState = 1 // buttons to answer and to decline
	CallUIStateShowInProgress CallUIState = 2 // the call that is being made
	CallUIStateShowControls   CallUIState = 3 // buttons to mute and to hold: sound and video flow
	CallUIStateAnswered       CallUIState = 4 // the callee has answered
)

// String names the state as the reference does, without the prefix.
func (s CallUIState) String() string {
	switch s {
	case CallUIStateShowIncoming:
		return "SHOWINCOMING"
	case CallUIStateShowInProgress:
		return "SHOWINPROGRESS"
	case CallUIStateShowControls:
		return "SHOWCONTROLS"
	case CallUIStateAnswered:
		return "ANSWERED"
	}
	return "STATE_" + strconv.Itoa(int(s))
}

// CallSound is a sound that the application plays to the caller.
type CallSound int

// The sounds.
const (
	CallSoundRinging CallSound = 0
	CallSoundBusy    CallSound = 1 // a short one, after the call has ended
)

// String names the sound as the reference does, without the prefix.
func (s CallSound) String() string {
	switch s {
	case CallSoundRinging:
		return "RINGING"
	case CallSoundBusy:
		return "BUSY"
	}
	return "SOUND_" + strconv.Itoa(int(s))
}

// AudioDevice is a kind of device that plays sound. On a desktop SetCallMedia has the devices.
type AudioDevice int

// The kinds of devices.
const (
	AudioDeviceSpeaker   AudioDevice = 0
	AudioDeviceHeadset   AudioDevice = 1
	AudioDeviceEarpiece  AudioDevice = 2
	AudioDeviceBluetooth AudioDevice = 3
	AudioDeviceDefault   AudioDevice = 4
)

// VideoSource is where the video of this user comes from.
type VideoSource int

// The sources. All cameras are the one of SetCallMedia.
const (
	VideoSourceCameraDefault VideoSource = 0
	VideoSourceCameraFront   VideoSource = 1
	VideoSourceCameraRear    VideoSource = 2
	VideoSourceScreen        VideoSource = 4
)

// MuteStatus are the bits of what a party does not send.
type MuteStatus uint32

// The bits.
const (
	MuteStatusAudio MuteStatus = 1
	MuteStatusVideo MuteStatus = 2
	MuteStatusHold  MuteStatus = 4
)

// CallCodec are the bits of codecs. Calls use VP8 and Opus.
type CallCodec uint32

// The codecs.
const (
	CallCodecVP8  CallCodec = 1
	CallCodecVP9  CallCodec = 2
	CallCodecH264 CallCodec = 4
	CallCodecH265 CallCodec = 8
	CallCodecOpus CallCodec = 0x100
)
