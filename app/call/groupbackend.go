package call

import (
	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/mesibo/call"
)

// GroupBackend is what the window needs of the SDK for the calls of groups.
type GroupBackend interface {
	GetAddress() string
	// GroupCall returns the call of a group; nothing happens until GroupCall.Join.
	GroupCall(groupID uint32) (GroupCall, error)
	// CanCall reports whether this user may start calls of a group and send in them.
	CanCall(groupID uint32) bool
}

// GroupCall is the call of a group.
type GroupCall interface {
	// Join takes part in the call, or starts it. video says which call it is then; ring lets it ring at the others.
	Join(l GroupListener, video, ring bool) error
	Leave()
	// Own returns this user as a participant, after Join.
	Own() Participant
	// Others returns the other participants, in the order in which they joined.
	Others() []Participant
	IsListener() bool
	HasAdminPermissions() (mute, hangup bool)
}

// GroupListener is called with what happens in the call of a group, on a goroutine of the SDK.
type GroupListener struct {
	// Publisher: a participant sends something, or does not any more.
	Publisher func(p Participant, joined bool)
	// Status: how far the part of this device is, see mesibo.GroupCallListener.
	Status func(status mesibo.CallStatus)
	// Problem: a device or a codec is missing.
	Problem func(err error)
}

// Participant is a device in the call of a group, or this one.
type Participant interface {
	GetAddress() string
	Call(audio, video, audioMute, videoMute bool, l mesibo.GroupCallInProgressListener) error
	Mute(audio, video, enable bool)
	GetMuteStatus(audio, video, remote bool) bool
	HasVideo() bool
	IsTalking() bool
	IsConnected() bool
	SetVideoView(view call.VideoSink)
	SetVisibility(visible bool)
	SetVideoSource(source mesibo.VideoSource, index int) error
	AdminMute(audio, video bool) error
	AdminHangup() error
}

var _ Participant = (*mesibo.CallParticipant)(nil)
