package mesibo

import (
	"time"

	"github.com/parley-chat/parley/mesibo/call"
	"github.com/parley-chat/parley/mesibo/internal/rtc"
)

// peerMedia are media that go from device to device.
type peerMedia struct {
	*rtc.Peer

	camera rtc.Format // what the application wants
}

// newPeerMedia is the newCallMedia of this package.
func newPeerMedia(o callMediaOptions, h callMediaHandler) (callMedia, error) { //nolint:ireturn // a newCallMedia
	if open, bitrate := o.Media.AudioEncoder, o.Audio.Bitrate*1000; open != nil && bitrate != 0 {
		o.Media.AudioEncoder = func(int) (call.AudioEncoder, error) { return open(bitrate) }
	}
	peer, err := rtc.New(rtc.Config{
		Media: &o.Media, Servers: o.Servers, RelayOnly: o.RelayOnly, Caller: o.Caller, Loopback: o.Loopback,
		Logger: o.Logger, Handler: h,
	})
	if err != nil {
		return nil, err
	}
	return &peerMedia{peer, rtc.Format{
		Width: o.Video.Width, Height: o.Video.Height, FPS: o.Video.FPS, Bitrate: o.Video.Bitrate * 1000,
	}}, nil
}

// SetVideoSource implements callMedia.
func (p *peerMedia) SetVideoSource(kind VideoSource, device call.VideoSource) error {
	format := p.camera
	if kind == VideoSourceScreen { // texts have to be read, and little moves
		format = rtc.Format{Width: 1280, Height: 720, FPS: 15, Bitrate: p.camera.Bitrate}
	}
	return p.Peer.SetVideoSource(device, format)
}

// Stats implements callMedia.
func (p *peerMedia) Stats() CallStats {
	const percent = 100
	s := p.Peer.Stats()
	return CallStats{
		RTT: s.RTT.Round(time.Microsecond), Jitter: s.Jitter, LossSent: percent * s.LossOut, LossReceived: percent * s.LossIn,
		BitrateSent: int(s.KbpsOut), BitrateReceived: int(s.KbpsIn), Relayed: s.Relayed, Quality: s.Quality,
	}
}
