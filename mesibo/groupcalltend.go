package mesibo

import (
	"image"
	"sync/atomic"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/parley-chat/parley/internal/wire"
	"github.com/parley-chat/parley/mesibo/call"
)

// This file makes sound, video, and what others know, what they should be. The worker calls it whenever something has
// changed.

// toldParticipant is what the listeners were called with.
type toldParticipant struct {
	publishes, subscribes, up, talking bool
	muted                              MuteStatus
	size                               image.Point
}

// sending is what this user sends, or would.
type sending struct {
	audio, video   bool // it is sent
	muted          MuteStatus
	source         VideoSource
	sink           call.VideoSink
	views          int // counts the sinks
	hasVideo, live bool
}

// tend makes everything what it should be.
func (t *meeting) tend() {
	t.mu.Lock()
	departed := t.departed
	t.departed = nil
	own, others, ended := t.own, append([]*CallParticipant(nil), t.others...), t.ended
	live := own.called && !own.gone && !own.listens && !ended
	s := sending{
		audio: live && own.audio && own.muted&MuteStatusAudio == 0, hasVideo: live && own.video, live: live,
		muted: own.muted, source: own.source, sink: own.sink, views: own.views,
	}
	s.video = s.hasVideo && own.muted&MuteStatusVideo == 0
	if t.id != 0 && !ended {
		t.publish(s)
	}
	open := live && own.audio
	t.mu.Unlock()
	for _, p := range departed {
		t.closeLink(p)
		t.dropFromRoom(p)
		t.tellOther(p)
	}
	if ended {
		t.closeRoom()
		return
	}
	t.setMicrophone(open)
	t.setPreview(s)
	t.tellOwn(s)
	through := t.tendRoom(s, others)
	for _, p := range others {
		if !through {
			t.tendLink(p, s)
		}
		t.tellOther(p)
	}
}

// publish lets the others know what this user sends, if that has changed. Under mu.
func (t *meeting) publish(s sending) {
	change := &wire.CallChange{
		Status: wire.CallPublish, Publishes: s.live, Video: s.hasVideo, Sid: t.own.sid,
		Mute: uint32(t.own.muted & (MuteStatusAudio | MuteStatusVideo)),
	}
	if !s.live {
		change.Mute, change.Sid = 0, 0
	}
	if !t.own.audio {
		change.Mute |= wire.MuteAudio
	}
	before := t.publishes
	if before == nil && !s.live || proto.Equal(before, change) {
		return
	}
	t.publishes = change
	t.send(0, change)
}

func (t *meeting) setMicrophone(open bool) {
	switch {
	case open == t.opened:
		return
	case open:
		t.logProblem("nothing is heard of this user", t.devices.OpenMicrophone())
	default:
		t.devices.CloseMicrophone()
	}
	t.opened = open
}

// preview shows the own video.
type preview struct {
	shown  bool
	views  int
	source VideoSource
	stop   func()
}

// setPreview shows the own video as long as it is sent and there is a view.
func (t *meeting) setPreview(s sending) {
	shown := s.video && s.sink != nil
	if shown == t.preview.shown && (!shown || s.views == t.preview.views && s.source == t.preview.source) {
		return
	}
	if t.preview.stop != nil {
		t.preview.stop()
	}
	t.preview = preview{shown: shown, views: s.views, source: s.source}
	if !shown {
		return
	}
	media := t.devices.Line(func(bool) {}).Media()
	device := deviceOf(&media, s.source)
	if device == nil {
		return
	}
	width, height, fps := t.format(s.source)
	stop, err := device.Start(width, height, fps, s.sink.Show, func() {})
	t.logProblem("the own video is not shown", err)
	t.preview.stop = stop
}

// tellOwn calls the listener of this user.
func (t *meeting) tellOwn(s sending) {
	talking := t.talking.Load() && s.audio
	t.mu.Lock()
	p := t.own
	before, l, byAdmin := p.told, p.listener, p.byAdmin
	p.told.talking, p.told.muted, p.byAdmin = talking, s.muted, false
	t.mu.Unlock()
	if before.muted != s.muted {
		t.tellParticipant(l, func(l GroupCallInProgressListener) {
			l.OnMute(p, s.muted&MuteStatusAudio != 0, s.muted&MuteStatusVideo != 0, byAdmin)
		})
	}
	t.tellTalking(p, l, before.talking, talking)
}

func (t *meeting) tellTalking(p *CallParticipant, l GroupCallInProgressListener, before, talking bool) {
	if before != talking {
		t.tellParticipant(l, func(l GroupCallInProgressListener) { l.OnTalking(p, talking) })
	}
}

// tellOther calls the listeners with what has changed about another participant.
func (t *meeting) tellOther(p *CallParticipant) {
	t.mu.Lock()
	before, l := p.told, p.listener
	now := toldParticipant{
		publishes: p.publishes, subscribes: p.unwanted&(MuteStatusAudio|MuteStatusVideo) != MuteStatusAudio|MuteStatusVideo,
		up: p.up, muted: p.remoteMute, size: p.size,
		talking: (p.talks || p.link != nil && p.link.talking.Load()) && p.called,
	}
	if l == nil { // another listener is called with what is now
		now.up, now.muted, now.size = false, 0, image.Point{}
	}
	p.told = now
	t.mu.Unlock()
	if before.publishes != now.publishes {
		t.tell(func(l GroupCallListener) { l.OnPublisher(p, now.publishes) })
	}
	if before.subscribes != now.subscribes {
		t.tell(func(l GroupCallListener) { l.OnSubscriber(p, now.subscribes) })
	}
	if before.up != now.up {
		t.tellParticipant(l, func(l GroupCallInProgressListener) { l.OnConnected(p, now.up) })
	}
	if before.muted != now.muted {
		t.tellParticipant(l, func(l GroupCallInProgressListener) {
			l.OnMute(p, now.muted&MuteStatusAudio != 0, now.muted&MuteStatusVideo != 0, true)
		})
	}
	if before.size != now.size {
		t.tellParticipant(l, func(l GroupCallInProgressListener) {
			l.OnVideo(p, VideoProperties{Enabled: true, Width: now.size.X, Height: now.size.Y})
		})
	}
	t.tellTalking(p, l, before.talking, now.talking)
}

// closeAll closes everything, at the end.
func (t *meeting) closeAll() {
	t.tend() // closes the links
	t.setMicrophone(false)
	t.setPreview(sending{})
}

// groupLink is the connection with another participant.
type groupLink struct {
	media      callMedia
	line       lineOfLink
	offers     bool        // this device makes the offers
	connection uint32      // its number, or the one that is expected
	talking    atomic.Bool // who is at the other end
	started    bool        // the first offer was made
	offer      string      // has no answer yet
	answers    [2]string   // the newest offer and its answer
	did        linkState
	timer      *time.Timer // after which there must be a connection

	// Under meeting.mu.
	described  bool
	candidates []string // wait for the description
	connected  bool     // it was, at some time
	closed     bool
}

// lineOfLink is what the link needs of its mesh.Line.
type lineOfLink interface{ SetHeard(heard bool) }

// linkState is what the media were made to do.
type linkState struct {
	sendsAudio, sendsVideo bool
	source                 VideoSource
	hasSource              bool
}
