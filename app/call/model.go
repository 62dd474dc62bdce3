package call

import (
	"errors"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/parley-chat/parley/internal/audio"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/mesibo/call"
)

// linger is how long a call that has ended stays in the window.
const linger = 3 * time.Second

// problemTime is how long the window says what did not work when the user wanted it.
const problemTime = 6 * time.Second

// ringTime is how long it takes at most until it rings at a device that is connected.
const ringTime = 3 * time.Second

// Config is what a Model is made of.
type Config struct {
	Backend    Backend
	Dispatcher Dispatcher
	Output     audio.Output // plays tones; nil for none
	Name       func(address string) string
	Notify     func(words string) // shows a line for a moment
	// GroupName returns the name of a group, and GroupChanged is called when its call has changed.
	GroupName    func(groupID uint32) string
	GroupChanged func(groupID uint32)
	// Missed notifies the user of a call that was missed: of a user, or of a group when that is not 0.
	Missed func(address string, groupID uint32, title, text string)
	// Quiet reports whether the user does not want to hear calls ring. Default: they are heard.
	Quiet   func() bool
	Explain func(error) string
	Logger  *slog.Logger
	Changed func()
	Devices Devices
	// Chosen returns the ID of the device that was chosen, empty for the default one; it may be called on any
	// goroutine. Choose stores the choice.
	Chosen func(kind Kind) string
	Choose func(kind Kind, id string)
}

// Model is the calls of this user: the one in the window, and those that ring meanwhile. Its methods are called on the
// user interface's goroutine, but for those of Listener.
type Model struct {
	cfg     Config
	shown   *talk // nil for none
	waiting []*talk
	hidden  bool      // the window was closed, and the call goes on
	problem string    // of what the user wanted last, for a moment
	without []missing // devices that do not work in the call in the window
	// cameraNews: that the camera does not work is shown, for a moment: the call is none the worse for it.
	cameraNews bool
	noCodec    bool   // a library is missing
	fade       func() // cancels the end of problem
	fadeCamera func() // cancels the end of cameraNews
	tones      tones
	tick       func()
	close      func() // cancels the end of showing
	stop       func() // ends listening
	// videoChanged is called when another call's video is to be shown.
	videoChanged func()
	ended        bool
	running      [kinds]running
	groups       *Groups
	media        call.Media // as the SDK has it, after Listen
	screen       sharedScreen
	meter        meter
}

var _ Listener = (*Model)(nil)

// NewModel makes a Model without calls. Listen starts it.
func NewModel(cfg Config) *Model {
	m := &Model{
		cfg: cfg, tones: tones{output: cfg.Output, ui: cfg.Dispatcher, logger: cfg.Logger}, videoChanged: func() {},
	}
	m.groups = newGroups(m)
	return m
}

// Listen starts to let calls ring here, with these devices and codecs.
func (m *Model) Listen(media call.Media) error {
	m.media = m.watch(media)
	m.cfg.Backend.SetCallMedia(m.media)
	stop, err := m.cfg.Backend.ListenCalls(m)
	m.stop = stop
	return err
}

// End ends listening and forgets all calls; the SDK ends them.
func (m *Model) End() {
	m.ended = true
	if m.stop != nil {
		m.stop()
	}
	m.tones.play(audio.ToneNone)
	m.cancel(&m.tick)
	m.cancel(&m.close)
	m.forgetProblems()
	if m.shown != nil {
		m.drop(m.shown)
	}
	for _, t := range m.waiting {
		t.gone = true
	}
	m.groups.forget()
	m.shown, m.waiting = nil, nil
}

func (m *Model) cancel(timer *func()) {
	if *timer != nil {
		(*timer)()
		*timer = nil
	}
}

// Start calls a user.
func (m *Model) Start(address string, video bool) {
	switch t := m.shown; {
	case t == nil, t.over():
	case t.rings() && strings.EqualFold(t.peer, address):
		m.Answer(video)
		return
	case strings.EqualFold(t.peer, address):
		m.Return()
		return
	default:
		m.cfg.Notify(busyWords())
		return
	}
	if m.groups.live() {
		m.cfg.Notify(busyWords())
		return
	}
	c, err := m.cfg.Backend.NewCall(address, video)
	if err == nil {
		m.show(newTalk(c))
		err = c.Start(m.listener(m.shown))
	}
	if err != nil {
		m.cfg.Logger.Warn("call not started", slog.Any("error", err))
		m.remove()
		m.cfg.Notify(m.explain(err))
		return
	}
	m.awaitRing(m.shown)
	m.lookForCamera(video)
}

// awaitRing notices that it does not ring at the other party: none of their devices is connected.
func (m *Model) awaitRing(t *talk) {
	t.wait = m.cfg.Dispatcher.After(ringTime, func() {
		t.wait, t.unheard = nil, true
		m.changed()
	})
}

func (m *Model) explain(err error) string {
	switch {
	case errors.Is(err, mesibo.ErrCallMedia):
		return tr.L("Calls are not possible on this computer.")
	case errors.Is(err, mesibo.ErrCallBusy):
		return busyWords()
	case mesibo.ResultOf(err) == mesibo.ResultDisconnected:
		return tr.L("There is no connection. Call again when there is one.")
	}
	return m.cfg.Explain(err)
}

// show makes a call the one in the window.
func (m *Model) show(t *talk) {
	if !m.groups.live() {
		m.groups.forget() // what has ended
	}
	m.clear()
	m.shown, m.hidden = t, false
	m.videoChanged()
	m.changed()
}

// drop lets go of a call.
func (m *Model) drop(t *talk) {
	t.gone = true
	m.cancel(&t.wait)
	t.call.SetVideoView(nil, true)
	t.call.SetVideoView(nil, false)
}

// remove empties the window.
func (m *Model) remove() {
	m.clear()
	m.changed()
}

func (m *Model) clear() {
	m.cancel(&m.close)
	m.cancel(&m.tick)
	m.forgetProblems()
	if m.shown != nil {
		m.drop(m.shown)
	}
	m.shown = nil
}

// changed shows what is now, and plays the tone of it.
func (m *Model) changed() {
	if m.ended {
		return
	}
	m.tones.play(m.tone())
	m.schedule()
	m.cfg.Changed()
}

// QuietChanged applies a change of Quiet.
func (m *Model) QuietChanged() { m.changed() }

// tone is what has to be heard.
func (m *Model) tone() audio.Tone {
	tone := m.loudTone()
	if tone == audio.ToneIncoming && m.cfg.Quiet != nil && m.cfg.Quiet() {
		return audio.ToneNone
	}
	return tone
}

// loudTone is what has to be heard by a user who may be disturbed.
func (m *Model) loudTone() audio.Tone {
	switch t := m.shown; {
	case m.groups.Rings():
		return audio.ToneIncoming
	case t == nil, m.hidden && t.rings():
		return audio.ToneNone
	case t.rings():
		return audio.ToneIncoming
	case t.status == mesibo.CallStatusRinging:
		return audio.ToneRinging
	case t.status == mesibo.CallStatusBusy && !t.incoming:
		return audio.ToneBusy
	}
	return audio.ToneNone
}

// schedule shows the next second of a call.
func (m *Model) schedule() {
	t, now := m.shown, m.cfg.Dispatcher.Now()
	lasts, counts := m.groups.lasts(now)
	if t != nil && !t.answered.IsZero() && !t.over() {
		lasts, counts = t.lasts(now), true
	}
	if !counts {
		m.cancel(&m.tick)
		return
	}
	if m.tick != nil {
		return
	}
	m.tick = m.cfg.Dispatcher.After(time.Second-lasts%time.Second, func() {
		m.tick = nil
		if t != nil && t.connected() {
			t.stats = t.call.Stats()
		}
		m.schedule()
		m.cfg.Changed()
	})
}

// OnRing implements Listener.
func (m *Model) OnRing(c Call) { m.cfg.Dispatcher.Post(func() { m.ring(c) }) }

// OnMissed implements Listener.
func (m *Model) OnMissed(address string, video bool) {
	m.cfg.Dispatcher.Post(func() {
		if m.ended {
			return
		}
		m.cfg.Missed(address, 0, tr.L("Missed call from {{.Name}}", "Name", m.cfg.Name(address)), callWords(video))
	})
}

// ring shows a call that rings here.
func (m *Model) ring(c Call) {
	if m.ended {
		return
	}
	t := newTalk(c)
	if m.shown != nil && !m.shown.over() {
		m.waiting = append(m.waiting, t)
		m.hidden = false // the user sees who calls
		m.changed()
	} else {
		m.show(t)
	}
	if err := c.Start(m.listener(t)); err != nil {
		m.cfg.Logger.Warn("call does not ring", slog.Any("error", err))
		m.over(t)
	}
}

// listener passes what happens to a call to the user interface's goroutine.
func (m *Model) listener(t *talk) *mesibo.CallInProgressFuncs {
	post := func(f func()) {
		m.cfg.Dispatcher.Post(func() {
			if !t.gone && !m.ended {
				f()
			}
		})
	}
	return &mesibo.CallInProgressFuncs{
		Status: func(_ *mesibo.CallProperties, status mesibo.CallStatus, _, _ bool) {
			post(func() { m.status(t, status) })
		},
		UpdateUserInterface: func(cp *mesibo.CallProperties, _ mesibo.CallUIState, _, _ bool) {
			video := cp.Video.Enabled
			post(func() { m.becameVideo(t, video) })
		},
		Problem: func(_ *mesibo.CallProperties, err error) { post(func() { m.lacksCodec(t, err) }) },
		Mute:    func(*mesibo.CallProperties, bool, bool, bool) { post(m.changed) },
		VideoSourceChanged: func(source mesibo.VideoSource, _ int) {
			post(func() {
				t.source = source
				m.changed()
			})
		},
	}
}

// status notes how far a call is.
func (m *Model) status(t *talk, status mesibo.CallStatus) {
	waited := t.incoming && !t.answering && t.answered.IsZero()
	reached := t.update(status, m.cfg.Dispatcher.Now()) && !t.isCalling()
	if reached {
		m.cancel(&t.wait)
	}
	if reached && t.over() {
		switch {
		case t.after != nil:
			m.over(t)
			t.after()
			return
		case t != m.shown, waited, m.hidden: // it was canceled, or answered elsewhere, or has no window
			m.over(t)
			return
		default:
			m.close = m.cfg.Dispatcher.After(linger, func() {
				m.close = nil
				m.over(t)
			})
		}
	}
	m.changed()
}

// over removes a call that has ended; one that waits takes its place.
func (m *Model) over(t *talk) {
	m.waiting = slices.DeleteFunc(m.waiting, func(other *talk) bool { return other == t })
	if t != m.shown {
		m.drop(t)
		m.changed()
		return
	}
	if len(m.waiting) == 0 {
		m.remove()
		return
	}
	next := m.waiting[0]
	m.waiting = m.waiting[1:]
	m.show(next)
}

// Answer answers the call that rings; video says whether this user is seen.
func (m *Model) Answer(video bool) {
	t := m.shown
	if t == nil || !t.rings() {
		return
	}
	if err := t.call.Answer(video); err != nil {
		m.cfg.Logger.Info("call not answered", slog.Any("error", err)) // it has ended; that is reported
		return
	}
	t.answering, m.hidden = true, false
	m.lookForCamera(video)
	m.changed()
}

// HangUp ends the call in the window, or declines it; one that has ended is removed.
func (m *Model) HangUp() {
	t := m.shown
	switch {
	case t == nil:
	case t.over():
		m.over(t)
	default:
		m.hangUp(t)
		if t.rings() {
			m.over(t)
		}
	}
}

func (m *Model) hangUp(t *talk) {
	if err := t.call.Hangup(); err != nil {
		m.cfg.Logger.Info("call not ended", slog.Any("error", err)) // it has ended; that is reported
	}
}

// AnswerWaiting ends the call in the window and answers the one that rings meanwhile.
func (m *Model) AnswerWaiting() {
	if len(m.waiting) == 0 {
		return
	}
	if m.shown != nil && !m.shown.over() {
		m.hangUp(m.shown)
	}
	next := m.waiting[0]
	m.waiting = m.waiting[1:]
	m.show(next)
	m.Answer(next.video)
}

// DeclineWaiting declines the call that rings meanwhile.
func (m *Model) DeclineWaiting() {
	if len(m.waiting) == 0 {
		return
	}
	t := m.waiting[0]
	m.hangUp(t)
	m.over(t)
}

// Hide closes the window; the call goes on.
func (m *Model) Hide() {
	switch t := m.shown; {
	case t == nil:
	case t.over():
		m.over(t)
	default:
		m.hidden = true
		m.changed()
	}
}

// Return shows the window again.
func (m *Model) Return() {
	m.hidden = false
	m.changed()
}

// can reports whether the call in the window can be muted and so on.
func (m *Model) can() bool { return m.shown != nil && !m.shown.over() && !m.shown.rings() }

// ToggleMute turns the microphone off, or on again.
func (m *Model) ToggleMute() {
	if m.can() {
		m.shown.call.Mute(true, false, !m.Muted())
		m.changed()
	}
}

// ToggleHold puts the call on hold, or ends that.
func (m *Model) ToggleHold() {
	if m.can() && m.shown.connected() {
		m.shown.held = !m.shown.held
		m.shown.call.Hold(m.shown.held)
		m.changed()
	}
}

// Muted reports whether the microphone is off.
func (m *Model) Muted() bool { return m.shown != nil && m.shown.call.GetMuteStatus(true, false, false) }

// Visible reports whether the window is to be seen.
func (m *Model) Visible() bool { return m.shown != nil && !m.hidden }

// Peer is the address of the other party, empty without a call.
func (m *Model) Peer() string {
	if m.shown == nil {
		return ""
	}
	return m.shown.peer
}

// BannerWords say that a call goes on whose window is closed; empty when there is none.
func (m *Model) BannerWords() string {
	t := m.shown
	if g := m.groups; g.live() && g.hidden {
		return withWords(m.cfg.GroupName(g.meeting.group)) + " " + g.Words()
	}
	switch {
	case t == nil, !m.hidden, t.over():
		return ""
	case t.rings():
		return tr.L("{{.Name}} is calling", "Name", m.cfg.Name(t.peer))
	}
	between := " · "
	if t.connected() && !t.held && !t.peerHeld { // a time follows
		between = " "
	}
	return withWords(m.cfg.Name(t.peer)) + between + t.words(m.cfg.Dispatcher.Now())
}

func withWords(name string) string { return tr.L("On call with {{.Name}}", "Name", name) }

// Lasts reports whether a call goes on, also of a group.
func (m *Model) Lasts() bool {
	return m.groups.live() || m.shown != nil && !m.shown.over() && !m.shown.rings()
}

// Rings reports whether the call in the window waits for an answer.
func (m *Model) Rings() bool { return m.shown != nil && m.shown.rings() }

// Words say how far the call in the window is.
func (m *Model) Words() string {
	if m.shown == nil {
		return ""
	}
	return m.shown.words(m.cfg.Dispatcher.Now())
}

// Problem says what does not work in the call; empty for nothing.
func (m *Model) Problem() string {
	switch {
	case m.shown != nil && m.shown.over():
		return ""
	case m.problem != "":
		return m.problem
	case m.noCodec:
		return tr.L("Sound or video needs a library that is missing here")
	}
	return m.withoutWords()
}

// Waiting is the name of who calls meanwhile, empty for none.
func (m *Model) Waiting() string {
	if len(m.waiting) == 0 {
		return ""
	}
	return m.cfg.Name(m.waiting[0].peer)
}
