package mesibo

import (
	"image"
	"strings"
	"time"

	"github.com/parley-chat/parley/internal/wire"
	"github.com/parley-chat/parley/mesibo/call"
)

// This file is the connection with another participant. But for the methods of groupEvents it is the worker's.

// tendLink makes the connection with another participant what it should be.
func (t *meeting) tendLink(p *CallParticipant, s sending) {
	t.mu.Lock()
	own, l, inbox, restart, failed := t.own.number, p.link, p.inbox, p.restart, p.failed
	p.inbox, p.restart, p.failed = nil, false, false
	for _, change := range inbox {
		if change.GetStatus() == wire.CallUpdate {
			p.unwanted = MuteStatus(change.GetMute())
		}
	}
	t.mu.Unlock()
	if own == 0 {
		return
	}
	if failed {
		t.closeLink(p)
		t.waitToRetry(p)
		l = nil
	}
	if l == nil {
		if l = t.nextLink(p, newestOffer(inbox)); l == nil {
			return
		}
	}
	for _, change := range inbox {
		if change.GetStatus() == wire.CallSDP {
			l = t.negotiate(p, l, change)
		}
		if l == nil {
			return
		}
	}
	if restart || l.offers && !l.started {
		t.makeOffer(p, l)
	}
	t.steer(p, l, s)
}

// newLink makes the media for another participant, nil when that fails.
func (t *meeting) newLink(p *CallParticipant, offers bool) *groupLink {
	l := &groupLink{offers: offers}
	line := t.devices.Line(func(talking bool) {
		l.talking.Store(talking)
		t.wakeUp()
	})
	l.line = line
	media, err := t.g.m.calls.engine(callMediaOptions{
		Media: line.Media(), Servers: t.servers, RelayOnly: t.cp.RelayOnly, Caller: offers, Loopback: t.g.m.calls.isLocal(),
		Video: t.cp.Video, Audio: t.cp.Audio, Logger: t.g.m.log,
	}, groupEvents{t, p, l})
	if err != nil {
		t.logProblem("there is no connection with a participant", err)
		t.failLink(p)
		return nil
	}
	l.media = media
	media.SetMuted(true, true)
	t.mu.Lock()
	l.connection = p.connection + 1
	if offers {
		p.connection = l.connection
	}
	p.link = l
	t.mu.Unlock()
	l.timer = time.AfterFunc(t.g.m.calls.times.link, groupEvents{t, p, l}.late)
	return l
}

// closeLink ends the connection with another participant, beside what the worker does.
func (t *meeting) closeLink(p *CallParticipant) {
	t.mu.Lock()
	l := p.link
	p.link = nil
	if l != nil {
		l.closed = true
	}
	t.mu.Unlock()
	if l == nil {
		return
	}
	l.timer.Stop()
	l.line.SetHeard(false) // at once; the end of a connection takes its time
	l.media.SetVideoSink(nil, true)
	l.media.SetMuted(true, true)
	t.closing.Go(l.media.Close)
}

// steer makes sound and video flow as both sides want.
func (t *meeting) steer(p *CallParticipant, l *groupLink, s sending) {
	t.mu.Lock()
	unwanted := p.notWanted()
	want := linkState{
		sendsAudio: s.audio && p.unwanted&MuteStatusAudio == 0, sendsVideo: s.video && p.unwanted&MuteStatusVideo == 0,
		source: s.source, hasSource: s.hasVideo,
	}
	var sink call.VideoSink
	if unwanted&MuteStatusVideo == 0 {
		sink = p.sink
	}
	if unwanted != p.wanted {
		p.wanted = unwanted
		t.send(p.number, &wire.CallChange{Status: wire.CallUpdate, Mute: uint32(unwanted)})
	}
	t.mu.Unlock()
	did := l.did
	l.did = want
	l.line.SetHeard(unwanted&MuteStatusAudio == 0)
	l.media.SetVideoSink(sink, true)
	changesSource := did.hasSource != want.hasSource || did.hasSource && did.source != want.source
	if changesSource && want.sendsVideo { // nothing of the source before may be seen
		t.setSource(l, want)
	}
	if did.sendsAudio != want.sendsAudio || did.sendsVideo != want.sendsVideo {
		l.media.SetMuted(!want.sendsAudio, !want.sendsVideo)
	}
	if changesSource && !want.sendsVideo { // nothing of this one
		t.setSource(l, want)
	}
}

// notWanted returns what of another participant is neither played nor shown. Under mu.
func (p *CallParticipant) notWanted() MuteStatus {
	bits := p.muted & (MuteStatusAudio | MuteStatusVideo)
	plays := p.called && p.publishes
	if !plays || !p.audio {
		bits |= MuteStatusAudio
	}
	if !plays || !p.video || p.hidden {
		bits |= MuteStatusVideo
	}
	return bits
}

func (t *meeting) setSource(l *groupLink, want linkState) {
	var device call.VideoSource
	if want.hasSource {
		media := t.devices.Line(func(bool) {}).Media()
		device = deviceOf(&media, want.source)
	}
	t.logProblem("no video is sent to a participant", l.media.SetVideoSource(want.source, device))
}

// format returns the size in pixels and the frames a second that a source is asked for.
func (t *meeting) format(source VideoSource) (width, height, fps int) {
	const (
		cameraWidth, cameraHeight, cameraFPS = 640, 480, 30
		screenWidth, screenHeight, screenFPS = 1280, 720, 15
	)
	v := t.cp.Video
	switch {
	case source == VideoSourceScreen:
		return screenWidth, screenHeight, screenFPS
	case v.Width > 0 && v.Height > 0 && v.FPS > 0:
		return v.Width, v.Height, v.FPS
	}
	return cameraWidth, cameraHeight, cameraFPS
}

// makeOffer makes an offer, the first or one that makes the connection anew, or asks the other side for one.
func (t *meeting) makeOffer(p *CallParticipant, l *groupLink) {
	if !l.offers {
		t.sendDescription(p, l, "")
		return
	}
	if l.started && l.offer != "" { // the answer is on its way
		return
	}
	offering := l.media.Offer
	if l.started {
		offering = l.media.Restart
	}
	offer, err := offering()
	if err != nil {
		t.logProblem("there is no connection with a participant", err)
		return
	}
	l.started, l.offer = true, offer
	t.sendDescription(p, l, offer)
}

// sendDescription sends a description, after which candidates may follow.
func (t *meeting) sendDescription(p *CallParticipant, l *groupLink, sdp string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.send(p.number, &wire.CallChange{Status: wire.CallSDP, Sdp: sdp, Connection: l.connection})
	if sdp == "" {
		return
	}
	l.described = true
	for _, candidate := range l.candidates {
		t.sendCandidate(p.number, l.connection, candidate)
	}
	l.candidates = nil
}

// negotiate handles what another participant has sent about the connection. It returns the link, which may be another
// one then, nil for none.
func (t *meeting) negotiate(p *CallParticipant, l *groupLink, change *wire.CallChange) *groupLink {
	sdp, asks := change.GetSdp(), asksForOffer(change)
	switch {
	case asks && l.offers && change.GetConnection() > l.connection: // the other side has given this one up
		t.failLink(p)
		return nil
	case !l.offers && sdp != "" && change.GetConnection() > p.connection:
		if !p.renewals.Allow() {
			return l
		}
		if l = t.follow(p, l, change.GetConnection()); l == nil {
			return nil
		}
	case change.GetConnection() != l.connection: // of one that is over
		return l
	}
	if asks && l.offers {
		t.makeOffer(p, l)
	}
	if sdp != "" && !t.describe(p, l, sdp) {
		return nil
	}
	for _, candidate := range change.GetCandidates() {
		t.logProblem("a candidate is not usable", l.media.AddCandidate(candidate))
	}
	return l
}

func asksForOffer(change *wire.CallChange) bool {
	return change.GetSdp() == "" && len(change.GetCandidates()) == 0
}

// describe uses a description of another participant, and answers an offer. It returns false when the link is of no use
// any more.
func (t *meeting) describe(p *CallParticipant, l *groupLink, sdp string) bool {
	switch {
	case l.offers && l.offer != "":
		l.offer = ""
		if err := l.media.Accept(sdp); err != nil {
			t.logProblem("the answer of a participant is not usable", err)
			t.failLink(p)
			return false
		}
	case l.offers: // an answer that was sent twice
	case sdp == l.answers[0]:
		t.sendDescription(p, l, l.answers[1])
	default:
		answer, err := l.media.Answer(sdp)
		if err != nil {
			t.logProblem("the offer of a participant is not usable", err)
			break
		}
		l.answers = [2]string{sdp, answer}
		t.sendDescription(p, l, answer)
	}
	return true
}

// groupEvents passes what the media of a link report to the meeting.
type groupEvents struct {
	t *meeting
	p *CallParticipant
	l *groupLink
}

var _ callMediaHandler = groupEvents{}

// with calls f under the mutex, if the link is in use, and then lets the worker look.
func (e groupEvents) with(f func()) {
	e.t.mu.Lock()
	if !e.p.gone && !e.p.failed && !e.t.ended && !e.l.closed {
		f()
	}
	e.t.mu.Unlock()
	e.t.wakeUp()
}

func (e groupEvents) OnCandidate(candidate string) {
	if len(candidate) > wire.MaxCandidate || strings.ContainsRune(candidate, 0) {
		return
	}
	e.with(func() {
		switch {
		case e.l.described:
			e.t.sendCandidate(e.p.number, e.l.connection, candidate)
		case len(e.l.candidates) < wire.MaxCandidates:
			e.l.candidates = append(e.l.candidates, candidate)
		}
	})
}

func (e groupEvents) OnConnected() {
	e.with(func() { e.p.up, e.l.connected, e.p.failures = true, true, 0 })
}

// late is called when there must be a connection.
func (e groupEvents) late() {
	e.with(func() {
		if !e.l.connected {
			e.t.g.m.log.Warn("the connection with a participant is not made in time")
			e.p.fail()
		}
	})
}

func (e groupEvents) OnReconnecting() { e.with(func() { e.p.up = false }) }

func (e groupEvents) OnFailed(err error) {
	e.with(func() {
		e.t.logProblem("the connection with a participant has failed", err)
		e.p.fail()
	})
}

func (e groupEvents) OnRestartWanted() {
	e.t.session.CheckNetwork() // the way to the server may be gone too
	e.with(func() { e.p.restart = true })
}

func (e groupEvents) OnQuality(int) {}

func (e groupEvents) OnVideo(width, height int) {
	e.with(func() { e.p.size = image.Pt(width, height) })
}

func (e groupEvents) OnProblem(err error) {
	e.t.logProblem("something of the media does not work", err)
}
