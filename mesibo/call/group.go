package call

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net"
)

// GroupEngine sends and receives the sound and video of calls of groups through a server (an SFU), in place of
// connections from device to device. Package mesibo/call/livekit has one; Mesibo.SetGroupCallEngine sets it.
type GroupEngine interface {
	// Join connects with a ticket, and connects again whenever the connection is lost, until the session is closed. It
	// does not wait for the network. The error is about what was given.
	Join(t GroupTicket, o GroupOptions, h GroupHandler) (GroupSession, error)
}

// GroupTicket is with what a participant connects.
type GroupTicket struct {
	URL   string // ws or wss
	Token string
	TLS   *tls.Config // of URL; nil for the usual one
	Key   GroupKey
	// Servers are for who does not reach the server of sound and video directly, besides those that it names itself.
	Servers []ICEServer
	// Dial connects to the host of URL; nil for the usual way.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// GroupKey is a key with which the participants encrypt sound and video for each other.
type GroupKey struct {
	Key   []byte // 16 bytes
	Index int    // from 0 to 15, by which the keys of a call are told apart
}

// GroupOptions are those of a session.
type GroupOptions struct {
	// Media has the codecs, and the microphone, whose processor is not used: it is shared.
	Media        Media
	AudioBitrate int          // bit/s; 0 for the usual one
	Logger       *slog.Logger // nil for none
}

// GroupHandler is called with what happens in a session, in order on one goroutine of it, until GroupSession.Close. The
// methods must not block, nor call Close. Participants are known by their number in the call.
type GroupHandler interface {
	// OnConnected: sound and video flow, at first or again.
	OnConnected()
	// OnReconnecting: they do not flow any more.
	OnReconnecting()
	// OnFailed: they will not flow any more. It is called at most once, and last.
	OnFailed(err error)
	// OnPresent: another participant is connected too, or is not any more.
	OnPresent(number uint32, present bool)
	// OnTalking: a participant, also the own one, starts to speak or stops.
	OnTalking(number uint32, talking bool)
	// OnVideo: the video of another participant has a size, in pixels.
	OnVideo(number uint32, width, height int)
	// OnProblem: something does not work, and the session goes on without it. The error wraps ErrNoDevice or ErrNoCodec
	// where that is the reason.
	OnProblem(err error)
}

// GroupSession is a part in a call of a group. Its methods are safe for concurrent use and do not wait for the network,
// but for Close.
type GroupSession interface {
	// Send changes what is sent.
	Send(s GroupSending)
	// Receive changes what is played and shown of another participant. At first that is nothing.
	Receive(number uint32, r GroupReceiving)
	// SetKey makes a key the one that this participant encrypts with. Those before are still understood.
	SetKey(k GroupKey)
	// Stats returns how well the connection of a participant works.
	Stats(number uint32) GroupStats
	// Close ends everything and waits for it.
	Close()
}

// GroupSending is what a participant sends.
type GroupSending struct {
	Audio bool
	Video VideoSource // nil for none
	// Width, Height (pixels), FPS and Bitrate (bit/s) are what the source is asked for. Bitrate 0 is what the size needs.
	Width, Height, FPS, Bitrate int
}

// GroupReceiving is what is played and shown of a participant.
type GroupReceiving struct {
	Speaker Speaker   // nil for none
	Sink    VideoSink // nil for none
	Large   bool      // the video fills more than a tile
}

// GroupStats are how well the connection of a participant works.
type GroupStats struct {
	Quality      int     // of both directions, from 0, bad, to 4, good
	Bitrate      int     // of what is received of the participant, in kbit/s
	LossReceived float64 // the packets that do not arrive here, in percent
}
