package mesibo

import (
	"net/url"
	"strings"
	"time"

	"github.com/parley-chat/parley/internal/wire"
	"github.com/parley-chat/parley/mesibo/call"
)

// This file is the connection with the SFU of a call of a group. But for the methods of roomEvents it is the worker's.

const (
	tilesMost  = 4               // videos that are shown large unless they are said to be tiles
	roomAgain  = 2 * time.Second // after which a device joins again whose connection has failed
	bitsInKbit = 1000
)

// groupRoom is what a device does in the room of a call.
type groupRoom struct {
	session call.GroupSession
	ticket  *wire.CallSFU
	key     *wire.CallKey
	sends   call.GroupSending
	members map[*CallParticipant]*roomMember

	// Under meeting.mu, by number.
	up      bool
	present map[uint32]bool
	talking map[uint32]bool
}

// roomMember is what a device does with another participant.
type roomMember struct {
	line     lineOfLink
	speaker  call.Speaker
	unwanted MuteStatus // as the other side knows it
	did      roomWish
}

// roomWish is what is received of a participant.
type roomWish struct {
	audio, video, large bool
	views               int // of the sink
}

// wellFormedSFU reports whether what a ticket says of the SFU keeps the limits of the protocol.
func wellFormedSFU(s *wire.CallSFU) bool {
	return s == nil || s.GetToken() != "" && wellFormedKey(s.GetKey())
}

func wellFormedKey(k *wire.CallKey) bool {
	return len(k.GetKey()) == wire.CallKeySize && k.GetIndex() < wire.CallKeys
}

// tendRoom makes the connection with the SFU what it should be. It reports whether the call goes through one.
func (t *meeting) tendRoom(s sending, others []*CallParticipant) bool {
	t.mu.Lock()
	ticket, key := t.ticket, t.key
	t.mu.Unlock()
	if t.room != nil && t.room.ticket != ticket {
		t.closeRoom()
	}
	switch {
	case ticket == nil:
		return false
	case t.room == nil:
		if !t.openRoom(ticket, key) {
			return true
		}
	case t.room.key != key:
		t.room.key = key
		t.room.session.SetKey(groupKey(key))
	}
	t.sendToRoom(s, others)
	t.receiveFromRoom(others)
	return true
}

// openRoom connects with the SFU. It reports whether there is a session.
func (t *meeting) openRoom(ticket *wire.CallSFU, key *wire.CallKey) bool {
	room := &groupRoom{
		ticket: ticket, key: key, members: make(map[*CallParticipant]*roomMember), present: make(map[uint32]bool),
		talking: make(map[uint32]bool),
	}
	where := call.GroupTicket{
		URL: ticket.GetUrl(), Token: ticket.GetToken(), Key: groupKey(key), Servers: t.servers,
	}
	if where.URL == "" {
		where.URL = "ws" + strings.TrimPrefix(strings.TrimSuffix(t.endpoint.URL, "/"), "http")
		where.TLS, where.Dial = t.endpoint.TLS(), t.endpoint.NetDial
	}
	_, err := url.Parse(where.URL)
	if err == nil {
		line := t.devices.Line(func(bool) {})
		room.session, err = t.groupEngine.Join(where, call.GroupOptions{
			Media: line.Media(), AudioBitrate: t.cp.Audio.Bitrate * bitsInKbit, Logger: t.g.m.log,
		}, roomEvents{t, room})
	}
	if err != nil {
		t.logProblem("there is no connection with the SFU", err)
		t.finish(CallStatusError)
		return false
	}
	t.mu.Lock()
	t.room = room
	t.mu.Unlock()
	t.wakeUp() // what was reported meanwhile
	return true
}

func groupKey(k *wire.CallKey) call.GroupKey {
	return call.GroupKey{Key: k.GetKey(), Index: int(k.GetIndex())}
}

// closeRoom ends the connection with the SFU, beside what the worker does.
func (t *meeting) closeRoom() {
	t.mu.Lock()
	room := t.room
	t.room = nil
	t.mu.Unlock()
	if room == nil {
		return
	}
	for _, m := range room.members { // at once; the end of a connection takes its time
		m.line.SetHeard(false)
	}
	t.closing.Go(room.session.Close)
}

// sendToRoom notes what the others want, and sends what this user sends, video only when another wants it.
func (t *meeting) sendToRoom(s sending, others []*CallParticipant) {
	t.mu.Lock()
	watched := false
	for _, p := range others {
		for _, change := range p.inbox {
			if change.GetStatus() == wire.CallUpdate {
				p.unwanted = MuteStatus(change.GetMute())
			}
		}
		p.inbox = nil
		watched = watched || p.unwanted&MuteStatusVideo == 0
	}
	t.mu.Unlock()
	want := call.GroupSending{Audio: s.audio}
	if s.video && watched {
		media := t.devices.Line(func(bool) {}).Media()
		if device := deviceOf(&media, s.source); device != nil {
			want.Video = device
			want.Width, want.Height, want.FPS = t.format(s.source)
			want.Bitrate = t.cp.Video.Bitrate * bitsInKbit
		}
	}
	if want != t.room.sends {
		t.room.sends = want
		t.room.session.Send(want)
	}
}

// receiveFromRoom plays and shows what is wanted of the others.
func (t *meeting) receiveFromRoom(others []*CallParticipant) {
	t.mu.Lock()
	shown := 0
	for _, p := range others {
		if p.sink != nil && p.notWanted()&MuteStatusVideo == 0 {
			shown++
		}
	}
	t.mu.Unlock()
	for _, p := range others {
		m := t.room.members[p]
		if m == nil {
			line := t.devices.Line(func(bool) {})
			line.SetHeard(true)
			m = &roomMember{line: line, speaker: line.Media().Speaker, unwanted: MuteStatusAudio | MuteStatusVideo}
			t.room.members[p] = m
		}
		t.receive(p, m, shown <= tilesMost)
	}
}

// dropFromRoom stops to receive a participant that has left.
func (t *meeting) dropFromRoom(p *CallParticipant) {
	if t.room == nil {
		return
	}
	if m := t.room.members[p]; m != nil {
		m.line.SetHeard(false)
		delete(t.room.members, p)
		t.room.session.Receive(p.number, call.GroupReceiving{})
	}
}

func (t *meeting) receive(p *CallParticipant, m *roomMember, roomy bool) {
	t.mu.Lock()
	unwanted := p.notWanted()
	if unwanted != m.unwanted {
		m.unwanted = unwanted
		t.send(p.number, &wire.CallChange{Status: wire.CallUpdate, Mute: uint32(unwanted)})
	}
	p.up, p.talks = t.room.up && t.room.present[p.number], t.room.talking[p.number]
	want := roomWish{
		audio: unwanted&MuteStatusAudio == 0, video: unwanted&MuteStatusVideo == 0, large: p.fullscreen || roomy,
		views: p.views,
	}
	r := call.GroupReceiving{Large: want.large}
	if want.audio {
		r.Speaker = m.speaker
	}
	if want.video {
		r.Sink = p.sink
	}
	number := p.number
	t.mu.Unlock()
	if want != m.did {
		m.did = want
		t.room.session.Receive(number, r)
	}
}

// roomEvents passes what the session of a room reports to the meeting.
type roomEvents struct {
	t    *meeting
	room *groupRoom
}

var _ call.GroupHandler = roomEvents{}

// with calls f under the mutex, if the room is in use or about to be, and then lets the worker look.
func (e roomEvents) with(f func()) {
	e.t.mu.Lock()
	if !e.t.ended && e.t.ticket == e.room.ticket {
		f()
	}
	e.t.mu.Unlock()
	e.t.wakeUp()
}

func (e roomEvents) OnConnected() { e.with(func() { e.room.up = true }) }

func (e roomEvents) OnReconnecting() { e.with(func() { e.room.up = false }) }

// OnFailed lets the device join again.
func (e roomEvents) OnFailed(err error) {
	e.t.logProblem("the connection with the SFU has failed", err)
	e.with(func() { e.room.up = false })
	time.AfterFunc(roomAgain, func() { e.with(e.t.rejoin) })
}

func (e roomEvents) OnPresent(number uint32, present bool) {
	e.with(func() { e.room.present[number] = present })
}

func (e roomEvents) OnTalking(number uint32, talking bool) {
	e.with(func() { e.room.talking[number] = talking })
}

func (e roomEvents) OnVideo(number uint32, width, height int) {
	e.with(func() {
		for _, p := range e.t.others {
			if p.number == number {
				p.size.X, p.size.Y = width, height
			}
		}
	})
}

func (e roomEvents) OnProblem(err error) {
	e.t.logProblem("something of the media does not work", err)
}
