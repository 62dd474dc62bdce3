package mesibo

import (
	"slices"

	"github.com/parley-chat/parley/mesibo/call"
)

// CallProperties are the properties of a call. Those that listeners and Call.GetCallProperties get are copies.
type CallProperties struct {
	// User is the other party; of an own call only its Address counts.
	User *UserProfile

	// Incoming reports whether the other party calls. Waiting reports whether it does so while there is another call at
	// this device. CallID is the server's number of the call, 0 until it has one. The package sets the three.
	Incoming bool
	Waiting  bool
	CallID   uint64

	// AutoAnswer answers an incoming call at once, after OnShowUserInterface was called.
	AutoAnswer bool

	Video VideoProperties
	Audio AudioProperties

	// IceServers are the STUN and TURN servers that may be used to reach the other party. Default: those of the server.
	IceServers []call.ICEServer
	// RelayOnly hides the addresses of this machine from the other party: sound and video go through a TURN server.
	RelayOnly bool
}

// VideoProperties are those of the video of a call.
type VideoProperties struct {
	// Enabled makes the call one with video. Of an incoming call the caller decides; Call.Answer says whether this user
	// sends video too.
	Enabled bool
	Source  VideoSource // where the video comes from at first

	// Width and Height are the size in pixels, FPS is in frames per second, Bitrate in kbit/s: what is wanted of the own
	// video. 0 is the engine's choice.
	Width, Height, FPS, Bitrate int
}

// AudioProperties are those of the sound of a call.
type AudioProperties struct {
	Bitrate int // kbit/s, 0 for the engine's choice
}

// CreateCallProperties makes the properties of a call: with video, or of sound alone. CallListener.OnIncoming may
// return them as they are; for Mesibo.Call they lack User.
func (m *Mesibo) CreateCallProperties(video bool) *CallProperties {
	return &CallProperties{Video: VideoProperties{Enabled: video}}
}

// clone returns a copy that shares nothing that its owner may change.
func (cp *CallProperties) clone() CallProperties {
	own := *cp
	user := *cp.User
	own.User, own.IceServers = &user, slices.Clone(cp.IceServers)
	return own
}

// adopt takes over what the application wants of an incoming call.
func (cp *CallProperties) adopt(wanted *CallProperties) {
	enabled := cp.Video.Enabled
	cp.AutoAnswer, cp.Video, cp.Audio = wanted.AutoAnswer, wanted.Video, wanted.Audio
	cp.IceServers, cp.RelayOnly = slices.Clone(wanted.IceServers), wanted.RelayOnly
	cp.Video.Enabled = enabled
}
