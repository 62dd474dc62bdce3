package rtc

import (
	"context"
	"log/slog"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/webrtc/v4"
)

// trackStarted is called by the library for each stream of the other side.
func (p *Peer) trackStarted(t *webrtc.TrackRemote, r *webrtc.RTPReceiver) {
	p.goes(func() { drain(r.ReadRTCP) })
	if t.Kind() == webrtc.RTPCodecTypeAudio && p.heard.CompareAndSwap(0, uint32(t.SSRC())) { // there is one in a call
		p.goes(func() { p.readAudio(t) })
	}
	if t.Kind() == webrtc.RTPCodecTypeVideo && p.seen.CompareAndSwap(0, uint32(t.SSRC())) {
		p.goes(func() { p.readVideo(t) })
	}
}

// drain reads reports: the library's interceptors see only what is read.
func drain[A any](read func() ([]rtcp.Packet, A, error)) {
	for {
		if _, _, err := read(); err != nil {
			return
		}
	}
}

func (p *Peer) readAudio(t *webrtc.TrackRemote) {
	for {
		packet, _, err := t.ReadRTP()
		if err != nil {
			return
		}
		p.player.push(packet, t.Codec().MimeType)
	}
}

func (p *Peer) readVideo(t *webrtc.TrackRemote) {
	for {
		packet, _, err := t.ReadRTP()
		if err != nil {
			return
		}
		if p.viewer.take(packet, time.Now()) {
			p.askForKey(t)
		}
	}
}

func (p *Peer) askForKey(t *webrtc.TrackRemote) {
	err := p.pc.WriteRTCP([]rtcp.Packet{&rtcp.PictureLossIndication{MediaSSRC: uint32(t.SSRC())}})
	if err != nil {
		p.log.LogAttrs(context.Background(), slog.LevelDebug, "ask for a key frame", slog.String("error", err.Error()))
	}
}

// readReports reads what the other side reports of what it receives.
func readReports(s *webrtc.RTPSender, reported func(rtcp.Packet)) {
	for {
		reports, _, err := s.ReadRTCP()
		if err != nil {
			return
		}
		for _, r := range reports {
			reported(r)
		}
	}
}

// soundReported is called by one goroutine.
func (p *Peer) soundReported(r rtcp.Packet) {
	report, ok := r.(*rtcp.ReceiverReport)
	if !ok {
		return
	}
	ssrc := p.sound.ssrc()
	for _, b := range report.Reports {
		if b.SSRC != ssrc {
			continue
		}
		if percent, changed := p.voice.feed.report(b.FractionLost); changed {
			p.voice.loss.Store(int32(percent))
		}
	}
}

func (p *Peer) videoReported(r rtcp.Packet) {
	switch r.(type) {
	case *rtcp.PictureLossIndication, *rtcp.FullIntraRequest:
		p.film.wantKey.Store(true)
	}
}
