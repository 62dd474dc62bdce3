package rtc

import (
	"image"
	"time"

	"github.com/pion/webrtc/v4"
)

const (
	statsEvery    = time.Second
	fewestPackets = 10 // of which a share is worth something
)

// Stats is how a connection is, in the last second.
type Stats struct {
	RTT             time.Duration // there and back; 0 is unknown
	LossIn, LossOut float64       // shares of packets that are lost, from 0 to 1
	Jitter          time.Duration // of the other side's sound
	KbpsIn, KbpsOut float64       // kbit/s of sound and video
	Relayed         bool          // through a TURN server
	Quality         int           // from 0, no connection, to 4
	VideoSize       image.Point   // of the other side's video, in pixels; zero before the first frame
}

// Stats returns how the connection is.
func (p *Peer) Stats() Stats {
	p.statsMu.Lock()
	s := p.stats
	p.statsMu.Unlock()
	s.VideoSize = p.viewer.frameSize()
	return s
}

// counters are what the library counts since the start.
type counters struct {
	sent, received   uint64 // bytes
	packets, lost    int64  // of the other side's
	sound, lostSound int64  // of these, sound
	lossOut, jitter  float64
}

// count reads the counters of all streams.
func (p *Peer) count() counters {
	c := counters{}
	for _, ssrc := range []uint32{p.sound.ssrc(), p.film.track.ssrc()} {
		if s := p.engine.stats.Get(ssrc); s != nil {
			c.sent += s.OutboundRTPStreamStats.BytesSent
			c.lossOut = max(c.lossOut, s.FractionLost)
		}
	}
	for i, ssrc := range []uint32{p.heard.Load(), p.seen.Load()} {
		s := p.engine.stats.Get(ssrc)
		if ssrc == 0 || s == nil {
			continue
		}
		in := s.InboundRTPStreamStats
		c.received += in.BytesReceived
		c.packets += int64(in.PacketsReceived)
		c.lost += in.PacketsLost
		if i == 0 {
			c.sound, c.lostSound, c.jitter = int64(in.PacketsReceived), in.PacketsLost, in.Jitter
		}
	}
	return c
}

// since returns what happened between two counts. The loss is that of sound where there is any, because lost packets of
// video are sent again.
func (c counters) since(before counters, passed time.Duration) Stats {
	loss := share(c.lostSound-before.lostSound, c.sound-before.sound)
	if c.sound-before.sound+c.lostSound-before.lostSound < fewestPackets {
		loss = share(c.lost-before.lost, c.packets-before.packets)
	}
	kbps := func(now, then uint64) float64 { return float64(now-then) * 8 / 1000 / passed.Seconds() }
	return Stats{
		LossIn: loss, LossOut: c.lossOut, Jitter: time.Duration(c.jitter * float64(time.Second)),
		KbpsIn: kbps(c.received, before.received), KbpsOut: kbps(c.sent, before.sent),
	}
}

func share(lost, received int64) float64 {
	if lost <= 0 || lost+received < fewestPackets {
		return 0
	}
	return min(1, float64(lost)/float64(lost+received))
}

// route returns the time there and back, and whether a TURN server is on the way.
func (p *Peer) route() (rtt time.Duration, relayed bool) {
	transport := p.pc.GetSenders()[0].Transport().ICETransport()
	if pair, ok := transport.GetSelectedCandidatePairStats(); ok {
		rtt = time.Duration(pair.CurrentRoundTripTime * float64(time.Second))
	}
	if pair, err := transport.GetSelectedCandidatePair(); err == nil && pair != nil {
		relayed = pair.Local.Typ == webrtc.ICECandidateTypeRelay || pair.Remote.Typ == webrtc.ICECandidateTypeRelay
	}
	return rtt, relayed
}

// measure is called once a second by one goroutine, with what it returned before.
func (p *Peer) measure(before counters, passed time.Duration, up bool) counters {
	now := p.count()
	s := now.since(before, passed)
	points := qualityNone
	if up { // before, the library must not be asked: it is still setting up what it reads then
		s.RTT, s.Relayed = p.route()
		points = score(max(s.LossIn, s.LossOut), s.RTT, s.Jitter)
	}
	p.statsMu.Lock()
	quality, changed := p.meter.note(points)
	s.Quality = quality
	p.stats = s
	p.statsMu.Unlock()
	if changed {
		p.handle(func(h Handler) { h.OnQuality(quality) })
	}
	return now
}
