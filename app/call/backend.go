package call

import (
	"context"
	"time"

	"github.com/parley-chat/parley/app/format"
	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/mesibo/call"
	"github.com/parley-chat/parley/widgets"
)

// Backend is what the window needs of the SDK.
type Backend interface {
	GroupBackend
	// NewCall makes a call to a user that does not ring yet: Call.Start starts it.
	NewCall(address string, video bool) (Call, error)
	// ListenCalls starts to report the calls of this user; stop ends that.
	ListenCalls(l Listener) (stop func(), err error)
	// ReadCalls reads the records of calls, newest first. It is called on other goroutines.
	ReadCalls(count int) ([]Record, error)
	// SetCallMedia sets the devices and codecs of calls.
	SetCallMedia(media call.Media)
}

// Record is a call that there was.
type Record struct {
	Mid   uint64
	Peer  string
	Group uint32 // of the call of a group; then Peer is who has started it, empty for this user
	At    time.Time
	Words string // such as "Outgoing call, 3:12"
	Video bool
	Arrow widgets.CallArrow
}

// NewRecord converts the record of a call.
func NewRecord(m *mesibo.Message) Record {
	return Record{
		Mid: m.Mid, Peer: m.Peer, Group: m.GroupID, At: time.UnixMilli(int64(m.Ts)), Words: format.CallLine(&m.MessageParams),
		Video: m.IsVideoCall(), Arrow: format.CallArrow(&m.MessageParams),
	}
}

// Listener is called with calls of this user, on a goroutine of the SDK.
type Listener interface {
	// OnRing: a call rings here.
	OnRing(c Call)
	// OnMissed: a call was missed.
	OnMissed(address string, video bool)
	// OnGroup: the call of a group has changed, see mesibo.GroupCallStateListener.
	OnGroup(state mesibo.GroupCallState)
	// OnGroupMissed: the call of a group was missed.
	OnGroupMissed(groupID uint32, video bool)
}

// Call is one call of the SDK.
type Call interface {
	Start(l mesibo.CallInProgressListener) error
	Answer(video bool) error
	Hangup() error
	Mute(audio, video, enable bool)
	Hold(enable bool)
	GetMuteStatus(audio, video, remote bool) bool
	// SetVideoSource may take a second. It is called on other goroutines.
	SetVideoSource(source mesibo.VideoSource, index int) error
	SetVideoView(view call.VideoSink, remote bool)
	Stats() mesibo.CallStats
	GetCallProperties() *mesibo.CallProperties
	GetAnswerTime() time.Time
}

var _ Call = (*mesibo.Call)(nil)

// Dispatcher brings work to the user interface's goroutine and away from it.
type Dispatcher interface {
	Now() time.Time
	Post(f func())
	Async(work func(ctx context.Context), done func())
	After(delay time.Duration, f func()) (cancel func())
}
