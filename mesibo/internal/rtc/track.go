package rtc

import (
	"errors"
	"sync"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
)

// track sends one stream. The library's own tracks start sequence numbers and timestamps anew each time they are bound,
// which stalls receivers; these go on.
type track struct {
	kind webrtc.RTPCodecType

	mu     sync.Mutex
	id     string // of the binding
	out    webrtc.TrackLocalWriter
	codec  webrtc.RTPCodecParameters
	header rtp.Header
}

var errNoCommonCodec = errors.New("the other side has no codec that this side has")

// Bind implements webrtc.TrackLocal.
func (t *track) Bind(c webrtc.TrackLocalContext) (webrtc.RTPCodecParameters, error) {
	for _, wanted := range []string{webrtc.MimeTypeOpus, webrtc.MimeTypePCMU, webrtc.MimeTypeVP8} {
		for _, p := range c.CodecParameters() {
			if p.MimeType == wanted {
				t.bind(c, p)
				return p, nil
			}
		}
	}
	return webrtc.RTPCodecParameters{}, errNoCommonCodec
}

func (t *track) bind(c webrtc.TrackLocalContext, p webrtc.RTPCodecParameters) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.id, t.out, t.codec = c.ID(), c.WriteStream(), p
	t.header.Version, t.header.SSRC, t.header.PayloadType = 2, uint32(c.SSRC()), uint8(p.PayloadType)
}

// Unbind implements webrtc.TrackLocal.
func (t *track) Unbind(c webrtc.TrackLocalContext) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.id == c.ID() {
		t.out = nil
	}
	return nil
}

// ID implements webrtc.TrackLocal.
func (t *track) ID() string { return t.kind.String() }

// RID implements webrtc.TrackLocal.
func (*track) RID() string { return "" }

// StreamID implements webrtc.TrackLocal.
func (*track) StreamID() string { return "call" }

// Kind implements webrtc.TrackLocal.
func (t *track) Kind() webrtc.RTPCodecType { return t.kind }

// mimeType returns that of the codec that was agreed on, or nothing.
func (t *track) mimeType() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.out == nil {
		return ""
	}
	return t.codec.MimeType
}

func (t *track) ssrc() uint32 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.header.SSRC
}

// write sends packets with a timestamp, the last or the only one of them with a marker when marked is set.
func (t *track) write(stamp uint32, marked bool, payloads ...[]byte) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.out == nil {
		return nil
	}
	for i, payload := range payloads {
		h := t.header
		h.Timestamp, h.Marker = stamp, marked && i == len(payloads)-1
		t.header.SequenceNumber++
		if _, err := t.out.WriteRTP(&h, payload); err != nil {
			return err //nolint:wrapcheck // only logged
		}
	}
	return nil
}
