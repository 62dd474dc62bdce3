package livekit

import (
	"slices"
	"sync"
	"time"

	lksdk "github.com/livekit/server-sdk-go/v2"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"github.com/parley-chat/parley/mesibo/call"
	"github.com/parley-chat/parley/mesibo/internal/rtc"
)

// stream is a track of another participant that is received.
type stream struct {
	number uint32
	end    func() // ends the reading
	ended  bool   // nothing more comes; under session.mu

	player *rtc.Player // of sound
	viewer *rtc.Viewer // of video

	// Of the session's goroutine.
	speaker call.Speaker // that plays it, nil for none
	stop    func()
}

// trackStarted is called by the library, on a goroutine of the track's own.
func (s *session) trackStarted(t *webrtc.TrackRemote, _ *lksdk.RemoteTrackPublication, rp *lksdk.RemoteParticipant) {
	number := numberOf(rp.Identity())
	if number == 0 {
		return
	}
	st := &stream{number: number, end: func() { _ = t.SetReadDeadline(time.Now()) }} // an error: it has ended
	var take func(*rtp.Packet)
	if t.Kind() == webrtc.RTPCodecTypeAudio {
		player, err := rtc.NewPlayer(&s.options.Media)
		if err != nil {
			s.problem(err)
			return
		}
		st.player = player
		take = func(p *rtp.Packet) { s.takeSound(player, p) }
	} else {
		st.viewer = rtc.NewViewer(&s.options.Media, func(width, height int) {
			s.handle(func(h call.GroupHandler) { h.OnVideo(number, width, height) })
		}, s.keys.decryptVideo, s.problem)
		take = func(p *rtp.Packet) {
			if st.viewer.Take(p) {
				rp.WritePLI(t.SSRC())
			}
		}
	}
	s.mu.Lock()
	if s.over {
		s.mu.Unlock()
		st.close()
		return
	}
	s.streams = append(s.streams, st)
	s.reading.Add(1)
	s.mu.Unlock()
	defer s.reading.Done()
	s.wakeUp()
	s.read(t, number, take)
	s.mu.Lock()
	st.ended = true
	s.mu.Unlock()
	s.wakeUp()
}

// read passes the packets of a track on until it ends.
func (s *session) read(t *webrtc.TrackRemote, number uint32, take func(*rtp.Packet)) {
	last, first := uint16(0), true
	for {
		p, _, err := t.ReadRTP()
		if err != nil {
			return
		}
		lost := 0
		if step := int(int16(p.SequenceNumber - last)); !first {
			lost = step - 1 // what comes late makes up for it
		}
		if first || int16(p.SequenceNumber-last) > 0 {
			last, first = p.SequenceNumber, false
		}
		s.mu.Lock()
		s.member(number).meter.note(len(p.Payload), max(-1, lost), time.Now())
		s.mu.Unlock()
		take(p)
	}
}

// takeSound decrypts a packet and keeps it until it is played.
func (s *session) takeSound(player *rtc.Player, p *rtp.Packet) {
	if len(p.Payload) == 0 {
		return
	}
	frame, err := s.keys.decrypt(p.Payload, clearOpus)
	if err != nil || frame == nil {
		return
	}
	p.Payload = frame
	player.Push(p)
}

// tendStreams plays and shows what is wanted, and frees what has ended.
func (s *session) tendStreams() {
	s.mu.Lock()
	streams := slices.Clone(s.streams)
	s.streams = slices.DeleteFunc(s.streams, func(st *stream) bool { return st.ended })
	wishes := make([]call.GroupReceiving, len(streams))
	ended := make([]bool, len(streams))
	for i, st := range streams {
		wishes[i], ended[i] = s.member(st.number).wish, st.ended
	}
	s.mu.Unlock()
	for i, st := range streams {
		if ended[i] {
			st.close()
			continue
		}
		if st.viewer != nil {
			st.viewer.SetSink(wishes[i].Sink)
			continue
		}
		st.play(wishes[i].Speaker, s.problem)
	}
}

// closeStreams ends what is received, once there is no connection any more.
func (s *session) closeStreams() {
	s.mu.Lock()
	s.over = true
	streams := s.streams
	s.streams = nil
	s.mu.Unlock()
	for _, st := range streams {
		st.end()
		if st.player != nil {
			st.play(nil, nil)
		}
	}
	s.reading.Wait()
	for _, st := range streams {
		st.close()
	}
}

// endStreams ends what comes over a connection that is given up: the library may not close it for minutes.
func (s *session) endStreams() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, st := range s.streams {
		st.end()
	}
}

// play plays on a speaker, nil for none.
func (st *stream) play(speaker call.Speaker, problem func(error)) {
	if speaker == st.speaker {
		return
	}
	if st.stop != nil {
		st.stop()
	}
	st.speaker, st.stop = speaker, nil
	if speaker != nil {
		st.stop = sync.OnceFunc(st.player.Start(speaker, problem))
	}
}

// close frees what the stream has. Nothing is read for it any more.
func (st *stream) close() {
	if st.viewer != nil {
		st.viewer.Close()
		return
	}
	st.play(nil, nil)
	st.player.Close()
}
