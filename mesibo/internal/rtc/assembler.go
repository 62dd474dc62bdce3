package rtc

import (
	"time"

	"github.com/pion/rtp"
	"github.com/pion/rtp/codecs"
)

const (
	assemblerSlots = 1024        // packets: more than a key frame has, and what can be asked for again
	assemblerWait  = time.Second // for a packet, longer than it is asked for
	oldMost        = 100         // packets in a row that are too old, until the sender must have started anew
)

// assembler makes frames of VP8 of packets that come in any order. It knows no clock: times are handed in. What the
// other side can make it keep is bounded by its slots.
type assembler struct {
	slots   [assemblerSlots]videoPacket
	started bool
	at      uint16    // the packet that the next frame starts with
	newest  uint16    // the last packet that came
	since   time.Time // when a packet was first missed
	old     int
	gap     bool // frames before the next are lost
	data    []byte
}

type videoPacket struct {
	filled, first, last, key bool
	padding                  bool // it carries nothing: the other side finds out how much the network carries
	seq                      uint16
	stamp                    uint32
	payload                  []byte
}

// videoFrame is a whole frame. Its data is valid until the next call of the assembler.
type videoFrame struct {
	data []byte
	key  bool
	gap  bool // a frame before it was lost
}

// parse returns what is kept of a packet. What is neither one of VP8 nor padding is none.
func parse(p *rtp.Packet) (out videoPacket, ok bool) {
	out = videoPacket{filled: true, seq: p.SequenceNumber, stamp: p.Timestamp}
	if len(p.Payload) == 0 {
		out.padding = true
		return out, true
	}
	vp8 := codecs.VP8Packet{}
	payload, err := vp8.Unmarshal(p.Payload)
	if err != nil || len(payload) == 0 {
		return out, false
	}
	out.payload, out.last = payload, p.Marker
	out.first = vp8.S == 1 && vp8.PID == 0
	out.key = out.first && payload[0]&1 == 0
	return out, true
}

// push keeps a packet, and its memory. What is no packet of VP8 is ignored.
func (a *assembler) push(p *rtp.Packet) {
	packet, ok := parse(p)
	if !ok {
		return
	}
	distance := int16(p.SequenceNumber - a.at)
	switch {
	case !a.started || distance >= assemblerSlots:
		a.restart(p.SequenceNumber)
	case distance < 0:
		if a.old++; a.old <= oldMost {
			return
		}
		a.restart(p.SequenceNumber)
	}
	a.old = 0
	if int16(p.SequenceNumber-a.newest) > 0 {
		a.newest = p.SequenceNumber
	}
	*a.slot(p.SequenceNumber) = packet
}

func (a *assembler) restart(seq uint16) {
	a.gap = a.started
	clear(a.slots[:])
	a.started, a.at, a.newest, a.since = true, seq, seq, time.Time{}
}

func (a *assembler) slot(seq uint16) *videoPacket { return &a.slots[seq%assemblerSlots] }

// pop returns the next frame, if it is there.
func (a *assembler) pop(now time.Time) (f videoFrame, ok bool) {
	for a.started && int16(a.newest-a.at) >= 0 {
		count, missing := a.frame(a.at)
		switch {
		case count > 0:
			return a.emit(count), true
		case a.slot(a.at).padding:
			a.leave(a.at + 1)
		case a.slot(a.at).filled && !a.slot(a.at).first: // the rest of a frame that was given up
			a.leave(a.at + 1)
			a.gap = true
		case !missing: // the frame is still coming
			return videoFrame{}, false
		case a.since.IsZero():
			a.since = now
			fallthrough
		default:
			if !a.skip(now) {
				return videoFrame{}, false
			}
		}
	}
	return videoFrame{}, false
}

// frame returns how many packets the frame at a number has, 0 when it is not complete; missing reports whether one of
// them is missed although later ones are there.
func (a *assembler) frame(seq uint16) (count int, missing bool) {
	first := a.slot(seq)
	if !first.filled {
		return 0, true
	}
	if !first.first {
		return 0, false
	}
	for s := seq; int16(a.newest-s) >= 0; s++ {
		p := a.slot(s)
		switch {
		case !p.filled:
			return 0, true
		case p.padding:
		case p.stamp != first.stamp: // it had no mark at its end
			return int(s - seq), false
		case p.last:
			return int(s-seq) + 1, false
		}
	}
	return 0, false
}

func (a *assembler) emit(count int) videoFrame {
	f := videoFrame{key: a.slot(a.at).key, gap: a.gap}
	a.data = a.data[:0]
	for i := range count {
		a.data = append(a.data, a.slot(a.at+uint16(i)).payload...)
	}
	f.data = a.data
	a.leave(a.at + uint16(count))
	a.gap = false
	return f
}

// leave forgets the packets before a number, with which the next frame starts.
func (a *assembler) leave(seq uint16) {
	for s := a.at; s != seq; s++ {
		*a.slot(s) = videoPacket{}
	}
	a.at, a.since = seq, time.Time{}
}

// skip gives up what is missed when a later key frame is complete, or when enough time has passed. It reports whether
// it has.
func (a *assembler) skip(now time.Time) bool {
	late, next := now.Sub(a.since) >= assemblerWait, a.newest+1
	for s := a.at + 1; int16(a.newest-s) >= 0; s++ {
		p := a.slot(s)
		if !p.filled || !p.first {
			continue
		}
		if p.key {
			if count, _ := a.frame(s); count > 0 {
				a.leave(s)
				a.gap = true
				return true
			}
		}
		if late && next == a.newest+1 {
			next = s
		}
	}
	if !late {
		return false
	}
	a.leave(next)
	a.gap = true
	return true
}

// keyFrameSize returns the size that a key frame of VP8 says it has, in pixels.
func keyFrameSize(data []byte) (width, height int, ok bool) {
	if len(data) < 10 || data[0]&1 != 0 || data[3] != 0x9d || data[4] != 0x01 || data[5] != 0x2a {
		return 0, 0, false
	}
	return int(data[6]) | int(data[7]&0x3f)<<8, int(data[8]) | int(data[9]&0x3f)<<8, true
}
