package mesibo

import (
	"log/slog"
	"time"

	"github.com/parley-chat/parley/mesibo/call"
)

// callMedia are the sound and video of one call. Offer, Answer, Accept, Restart, AddCandidate and Close are called by
// one goroutine; the other methods may be called from any, also during and after Close.
type callMedia interface {
	// Offer returns the caller's session description.
	Offer() (string, error)
	// Answer returns the answer to an offer of the caller: the first, and those of restarts.
	Answer(offer string) (string, error)
	// Accept takes the answer to the newest offer.
	Accept(answer string) error
	// Restart returns an offer that looks for a new way to the other party.
	Restart() (string, error)
	// AddCandidate takes an ICE candidate of the other party.
	AddCandidate(candidate string) error
	SetMuted(audio, video bool)
	SetHold(hold bool)
	// SetVideoSource changes where the own video comes from; nil for nowhere.
	SetVideoSource(kind VideoSource, device call.VideoSource) error
	// SetVideoSink shows the video of the other party, or the own; nil for nowhere.
	SetVideoSink(sink call.VideoSink, remote bool)
	Stats() CallStats
	// Close ends everything. The handler is not called after it.
	Close()
}

// callMediaHandler is called by callMedia, from any goroutine. Its methods do not block.
type callMediaHandler interface {
	// OnCandidate: an ICE candidate of this device was found.
	OnCandidate(candidate string)
	// OnConnected: sound and video flow, at first or again.
	OnConnected()
	// OnReconnecting: they do not flow any more.
	OnReconnecting()
	// OnFailed: they will not flow any more.
	OnFailed(err error)
	// OnRestartWanted: another way to the other party has to be found.
	OnRestartWanted()
	// OnQuality: the quality has changed, from 0 to 4.
	OnQuality(quality int)
	// OnVideo: the video of the other party has a size, in pixels.
	OnVideo(width, height int)
	// OnProblem: something does not work, and the call goes on without it.
	OnProblem(err error)
}

// callMediaOptions are what the media of a call are made with.
type callMediaOptions struct {
	Media     call.Media
	Servers   []call.ICEServer
	RelayOnly bool
	Caller    bool            // this device offers
	Loopback  bool            // the server is on this machine, and so is the other party
	Video     VideoProperties // Enabled: with video in both directions
	Audio     AudioProperties
	Logger    *slog.Logger
}

// newCallMedia makes the media of a call.
type newCallMedia func(o callMediaOptions, h callMediaHandler) (callMedia, error)

// CallStats are how well a call works.
type CallStats struct {
	RTT    time.Duration // to the other party and back
	Jitter time.Duration // of the sound that arrives
	// LossSent and LossReceived are the packets that do not arrive there and here, in percent.
	LossSent, LossReceived float64
	// BitrateSent and BitrateReceived are in kbit/s.
	BitrateSent, BitrateReceived int
	Relayed                      bool // through a TURN server
	Quality                      int  // from 0, bad, to 4, good
}

// SetCallMedia sets the devices and codecs of calls that start from now on; package mesibo/call/codecs has codecs.
// Without SetCallMedia no call can be made, and none rings here.
func (m *Mesibo) SetCallMedia(media call.Media) {
	m.calls.mu.Lock()
	defer m.calls.mu.Unlock()
	m.calls.media = &media
}

// SetGroupCallEngine sets what carries sound and video of calls of groups through an SFU, for calls that are joined
// from now on; package mesibo/call/livekit has one. Without it (nil, as at first) calls of groups are from device to
// device, between four at most, and one that goes through an SFU cannot be joined.
func (m *Mesibo) SetGroupCallEngine(engine call.GroupEngine) {
	m.calls.mu.Lock()
	defer m.calls.mu.Unlock()
	m.calls.groupEngine = engine
}

// mediaEvents passes what the media of a call report to the call, as long as they are the call's media.
type mediaEvents struct {
	c    *Call
	made int // counts the media of the call
}

var _ callMediaHandler = mediaEvents{}
