package rtc

import "time"

const (
	probeSoon  = 1500 * time.Millisecond // without trouble
	probeLate  = 30 * time.Second
	probeProof = 5 * time.Second // without trouble after it: the network carries what was tried
	probeLoss  = 0.02
	probeFall  = 0.8 // a bitrate that falls below this share of the last one is trouble
)

// prober decides when to try twice the estimated bitrate. The estimator lowers it at once, for loss or for a machine
// that is busy for a moment, and then raises it by eight percent a second: video would stay bad for half a minute. It
// knows no clock: times are handed in.
type prober struct {
	wait time.Duration // without trouble, before the next try
	calm time.Time     // when the last trouble was
	at   time.Time     // of the last try, zero when it has proved right or wrong
	last int           // the bitrate before, in bit/s
}

// next notes the estimated bitrate and the share of packets lost, and returns what to try; 0 for nothing. wanted is the
// bitrate that is enough. Bitrates are in bit/s.
func (p *prober) next(bitrate, wanted int, loss float64, now time.Time) int {
	trouble := loss > probeLoss || float64(bitrate) < probeFall*float64(p.last)
	p.last = bitrate
	switch {
	case p.wait == 0:
		p.wait, p.calm = probeSoon, now
	case trouble && !p.at.IsZero():
		p.wait, p.calm, p.at = min(2*p.wait, probeLate), now, time.Time{}
	case trouble:
		p.calm = now
	case !p.at.IsZero() && now.Sub(p.at) >= probeProof:
		p.wait, p.at = probeSoon, time.Time{}
	}
	if bitrate >= wanted || now.Sub(p.calm) < p.wait {
		return 0
	}
	p.calm, p.at = now, now
	p.last = min(2*bitrate, wanted)
	return p.last
}
