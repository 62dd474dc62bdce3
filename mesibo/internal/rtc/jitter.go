package rtc

import "math"

// All numbers are of frames, of 20 ms each.
const (
	jitterSlots = 64
	leadFirst   = 2 // before the first packet is played
	leadLeast   = 3 // less is not taken away: a packet that comes late should find its place
	leadMost    = 6 // 120 ms
	leadFar     = 2 * leadMost

	holdMost    = 2   // by which one late packet delays what follows
	windowLong  = 100 // packets, after which a lead that none needed is taken away
	windowShort = 10  // packets, after which a lead that is too long is
	dropWait    = 25  // until a frame is dropped that is not quiet
	concealMost = 50  // after which there is silence

	packetMost = 1500 // bytes
)

// playKind is what is to be done for the next frame.
type playKind int

const (
	playSilence  playKind = iota
	playPacket            // decode it
	playRepaired          // the packet before it was lost: decode that from it, if it can be
	playConceal           // there is none
	playMerged            // decode it and the next, and play them in the time of one
)

// play is a frame to be played. The packets are valid until the next call of the buffer.
type play struct {
	kind         playKind
	packet, next []byte
}

type jitterSlot struct {
	filled bool
	seq    uint16
	packet []byte
}

// jitterBuffer puts packets of 20 ms in order and decides when each is played. It knows no clock: how many frames a
// packet comes before it is played, its lead, says all. A late packet delays what follows by a frame or two; a lead
// that no packet needed for two seconds is shortened by one. That levels jitter, and clocks that run at different
// speeds.
type jitterBuffer struct {
	step uint32 // units of the timestamp in a frame

	started bool
	slots   [jitterSlots]jitterSlot
	at      int64  // the frame that is played next
	stamp   uint32 // of the last packet
	units   int64  // its distance from the first
	newest  int64
	lastSeq uint16 // of the last packet that was played

	hold      int  // frames to insert
	drop      bool // a frame is to be dropped
	dropSince int
	concealed int // frames in a row

	long, short leads
}

// leads is the lowest lead of some packets.
type leads struct{ count, lowest int }

func (l *leads) note(lead int) {
	if l.count == 0 {
		l.lowest = math.MaxInt
	}
	l.count++
	l.lowest = min(l.lowest, lead)
}

// push stores a packet, of which it keeps a copy.
func (b *jitterBuffer) push(seq uint16, stamp uint32, packet []byte) {
	if len(packet) == 0 || len(packet) > packetMost {
		return
	}
	if !b.started {
		b.start(seq, stamp)
	}
	units := b.units + int64(int32(stamp-b.stamp))
	frame := (units + int64(b.step)/2) / int64(b.step)
	lead := int(frame - b.at)
	if lead <= -jitterSlots || lead >= jitterSlots { // the sender has started anew
		b.start(seq, stamp)
		units, frame, lead = 0, 0, leadFirst
	}
	b.units, b.stamp = units, stamp
	b.note(lead)
	if lead < 0 {
		return
	}
	b.newest = max(b.newest, frame)
	s := b.slot(frame)
	s.filled, s.seq, s.packet = true, seq, append(s.packet[:0], packet...)
}

func (b *jitterBuffer) start(seq uint16, stamp uint32) {
	b.reset(b.step)
	b.started, b.at, b.stamp, b.lastSeq = true, -leadFirst, stamp, seq-1
}

func (b *jitterBuffer) slot(frame int64) *jitterSlot {
	return &b.slots[(frame%jitterSlots+jitterSlots)%jitterSlots]
}

// note decides from a packet's lead whether the delay must change.
func (b *jitterBuffer) note(lead int) {
	b.long.note(lead)
	b.short.note(lead)
	if lead < 0 && b.newest-b.at < leadMost {
		b.hold = max(b.hold, min(-lead, holdMost))
	}
	if b.short.count >= windowShort {
		switch {
		case b.short.lowest > leadFar:
			b.skip(b.short.lowest - leadMost)
		case b.short.lowest > leadMost:
			b.drop = true
		}
		b.short.count = 0
	}
	if b.long.count >= windowLong {
		b.drop = b.drop || b.long.lowest >= leadLeast
		b.long.count = 0
	}
}

// skip leaves out frames.
func (b *jitterBuffer) skip(n int) {
	for range n {
		b.slot(b.at).filled = false
		b.at++
	}
	b.long.count, b.drop = 0, false
}

// pop returns what to play next. quiet reports whether the last frame was: then it is not heard that one is left out.
func (b *jitterBuffer) pop(quiet bool) play {
	switch {
	case !b.started:
		return play{}
	case b.hold > 0:
		b.hold--
		return b.conceal()
	}
	if b.drop {
		if p, ok := b.dropped(quiet); ok {
			return p
		}
	}
	s := b.take()
	if s.filled {
		s.filled = false
		return play{kind: playPacket, packet: s.packet}
	}
	if next := b.slot(b.at); next.filled && next.seq != b.lastSeq+1 { // otherwise the sender left out silence
		b.concealed = 0
		return play{kind: playRepaired, packet: next.packet}
	}
	return b.conceal()
}

// take advances by a frame.
func (b *jitterBuffer) take() *jitterSlot {
	s := b.slot(b.at)
	b.at++
	if s.filled {
		b.lastSeq, b.concealed = s.seq, 0
	}
	return s
}

func (b *jitterBuffer) conceal() play {
	if b.concealed++; b.concealed > concealMost {
		b.concealed = concealMost
		return play{}
	}
	return play{kind: playConceal}
}

// dropped leaves out a frame when that is not, or hardly, heard.
func (b *jitterBuffer) dropped(quiet bool) (play, bool) {
	b.dropSince++
	first, second := b.slot(b.at), b.slot(b.at+1)
	switch {
	case !first.filled && second.filled && second.seq == b.lastSeq+1: // silence that was not sent
		b.at++
	case first.filled && second.filled && (quiet || b.dropSince >= dropWait):
		first, second = b.take(), b.take()
		first.filled, second.filled = false, false
		b.drop, b.dropSince = false, 0
		return play{kind: playMerged, packet: first.packet, next: second.packet}, true
	default:
		return play{}, false
	}
	b.drop, b.dropSince = false, 0
	return play{}, false
}

// reset forgets all packets; those that follow have another length of frame, in units of the timestamp.
func (b *jitterBuffer) reset(step uint32) {
	for i := range b.slots {
		b.slots[i].filled = false
	}
	*b = jitterBuffer{step: step, slots: b.slots}
}
