package livekit

import (
	"strconv"
	"time"

	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"

	"github.com/parley-chat/parley/mesibo/call"
)

// member is another participant.
type member struct {
	number  uint32
	wish    call.GroupReceiving
	quality int
	meter   meter

	// Of the session's goroutine: what the library was told of its tracks.
	sound, video told
}

// told is what the library was told of a track.
type told struct {
	sid        string
	subscribed bool
	enabled    bool
	large      bool
}

// numberOf returns the participant that an identity stands for, 0 for none.
func numberOf(identity string) uint32 {
	n, err := strconv.ParseUint(identity, 10, 32)
	if err != nil {
		return 0
	}
	return uint32(n)
}

func qualityOf(q livekit.ConnectionQuality) int {
	switch q {
	case livekit.ConnectionQuality_EXCELLENT:
		return 4
	case livekit.ConnectionQuality_GOOD:
		return 3
	case livekit.ConnectionQuality_POOR:
		return 1
	case livekit.ConnectionQuality_LOST:
		return 0
	}
	return 0
}

// member returns a participant, whether it is connected or not. Under mu.
func (s *session) member(number uint32) *member {
	m := s.members[number]
	if m == nil {
		m = &member{number: number}
		s.members[number] = m
	}
	return m
}

// tend makes what is received what it should be.
func (s *session) tend(room *lksdk.Room) {
	connected := make(map[uint32]bool)
	for _, rp := range room.GetRemoteParticipants() {
		number := numberOf(rp.Identity())
		if number == 0 {
			continue
		}
		connected[number] = true
		s.mu.Lock()
		m := s.member(number)
		wish := m.wish
		s.mu.Unlock()
		for _, pub := range rp.TrackPublications() {
			remote, ok := pub.(*lksdk.RemoteTrackPublication)
			if !ok {
				continue
			}
			switch remote.Kind() {
			case lksdk.TrackKindAudio:
				s.want(remote, &m.sound, wish.Speaker != nil, false)
			case lksdk.TrackKindVideo:
				s.want(remote, &m.video, wish.Sink != nil, wish.Large)
			}
		}
	}
	s.tellPresent(connected)
	s.tendStreams()
}

// want tells the library whether a track is wanted, and in which size.
func (s *session) want(pub *lksdk.RemoteTrackPublication, t *told, wanted, large bool) {
	if t.sid != pub.SID() {
		*t = told{sid: pub.SID(), enabled: true, large: true}
	}
	if wanted && !t.subscribed {
		if err := pub.SetSubscribed(true); err != nil {
			s.problem(err)
			return
		}
		t.subscribed = true
	}
	if !t.subscribed {
		return
	}
	if t.enabled != wanted {
		t.enabled = wanted
		pub.SetEnabled(wanted)
	}
	if pub.Kind() == lksdk.TrackKindVideo && wanted && t.large != large {
		t.large = large
		quality := livekit.VideoQuality_LOW
		if large {
			quality = livekit.VideoQuality_HIGH
		}
		if err := pub.SetVideoQuality(quality); err != nil {
			s.problem(err)
		}
	}
}

// tellPresent calls the handler with who has come and gone.
func (s *session) tellPresent(now map[uint32]bool) {
	for number := range s.present {
		if !now[number] {
			s.handle(func(h call.GroupHandler) { h.OnPresent(number, false) })
		}
	}
	for number := range now {
		if !s.present[number] {
			s.handle(func(h call.GroupHandler) { h.OnPresent(number, true) })
		}
	}
	s.present = now
}

// forget notes that there is no connection.
func (s *session) forget() {
	s.tellPresent(make(map[uint32]bool))
	s.mu.Lock()
	for _, m := range s.members {
		m.sound, m.video, m.quality = told{}, told{}, 0
	}
	s.mu.Unlock()
	s.speakersChanged(nil)
	s.tendStreams()
}

// meter counts what is received, in spans of some seconds.
type meter struct {
	bytes, packets, lost int
	since                time.Time
	bitrate              int
	loss                 float64
}

const (
	meterSpan  = 2 * time.Second
	bitsInByte = 8
	kilo       = 1000
	percent    = 100
)

func (m *meter) note(size, lost int, now time.Time) {
	m.turn(now)
	m.bytes += size
	m.packets++
	m.lost += lost
}

// turn ends a span when its time is over.
func (m *meter) turn(now time.Time) {
	passed := now.Sub(m.since)
	if passed < meterSpan {
		return
	}
	m.bitrate, m.loss = 0, 0
	if passed < 2*meterSpan {
		m.bitrate = int(float64(m.bytes*bitsInByte) / kilo / passed.Seconds())
		m.loss = percent * float64(max(0, m.lost)) / float64(max(1, m.packets+m.lost))
	}
	m.bytes, m.packets, m.lost, m.since = 0, 0, 0, now
}

func (m *meter) read(now time.Time) (bitrate int, loss float64) {
	m.turn(now)
	return m.bitrate, m.loss
}
