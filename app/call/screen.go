package call

import (
	"image"
	"strings"

	"fyne.io/fyne/v2"

	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/widgets"
)

// Callbacks are what the screen asks of the program around it.
type Callbacks struct {
	// Picture returns the picture of a user, nil without one.
	Picture func(address string) *widgets.Picture
	// GroupPicture returns the picture of a group, GroupKey what its colour is made of.
	GroupPicture func(groupID uint32) *widgets.Picture
	GroupKey     func(groupID uint32) string
	// PersonName returns the name of a user, also of this one.
	PersonName func(address string) string
	// Devices lets the user choose devices.
	Devices func()
	// Escape closes what lies over the window of the call, and reports whether there was something.
	Escape func() bool
	// Focused is called when the window of the call gets or loses the keyboard.
	Focused func(focused bool)
	// Tips shows the words of buttons of the window that have an icon alone. It lies over the content.
	Tips *widgets.Tips
}

// Screen is the content of the window of a call.
type Screen struct {
	model *Model
	on    Callbacks
	view  *widgets.CallView
	guard keyGuard

	window            fyne.Canvas // nil before Focus
	remote, own       *frames     // of the call that is shown, nil without video
	hasRemote, hasOwn bool        // a frame has come
	dirty, closed     bool
}

// NewScreen makes the content of a window for a Model that has a call, whose cfg.Changed has to call Refresh. Close
// must be called in the end.
func NewScreen(m *Model, on Callbacks) *Screen {
	s := &Screen{
		model: m, on: on, view: widgets.NewCallView(widgets.CallData{}), guard: keyGuard{ui: m.cfg.Dispatcher},
	}
	if m.shown.rings() {
		s.guard.ring()
	}
	s.view.OnKey = s.Key
	s.view.OnFocus = on.Focused
	m.videoChanged = s.attach
	s.attach()
	s.view.Set(s.data())
	return s
}

// Object is what to put into the window.
func (s *Screen) Object() fyne.CanvasObject { return s.view }

// Focus lets the screen have the keyboard of its window.
func (s *Screen) Focus(window fyne.Canvas) {
	s.window = window
	window.Focus(s.view)
}

// Size is how large the window should be at first.
func (s *Screen) Size() fyne.Size {
	if t := s.model.shown; t != nil && t.video {
		return fyne.NewSize(widgets.CallVideoWidth, widgets.CallVideoHeight)
	}
	return fyne.NewSize(widgets.CallWidth, widgets.CallHeight)
}

// Title is that of the window.
func (s *Screen) Title() string {
	t := s.model.shown
	if t == nil {
		return ""
	}
	return s.model.cfg.Name(t.peer) + " – " + s.model.Words()
}

// Refresh shows what has changed.
func (s *Screen) Refresh() {
	if s.dirty {
		return
	}
	s.dirty = true
	s.model.cfg.Dispatcher.Post(func() {
		if s.closed {
			return
		}
		s.dirty = false
		if s.model.shown != nil {
			s.view.Set(s.data())
		}
	})
}

// Close ends what the screen shows.
func (s *Screen) Close() {
	s.closed = true
	s.model.videoChanged = func() {}
	s.endVideo()
	if t := s.model.shown; t != nil && t.video {
		t.call.SetVideoView(nil, true)
		t.call.SetVideoView(nil, false)
	}
}

func (s *Screen) endVideo() {
	for _, f := range []*frames{s.remote, s.own} {
		if f != nil {
			f.end()
		}
	}
	s.remote, s.own, s.hasRemote, s.hasOwn = nil, nil, false, false
}

// attach shows the video of another call.
func (s *Screen) attach() {
	s.endVideo()
	t := s.model.shown
	if t == nil || !t.video {
		return
	}
	post := s.model.cfg.Dispatcher.Post
	s.remote = &frames{post: post, show: func(frame image.Image) { s.show(frame, s.view.ShowRemote, &s.hasRemote) }}
	s.own = &frames{post: post, show: func(frame image.Image) { s.show(frame, s.view.ShowOwn, &s.hasOwn) }}
	t.call.SetVideoView(s.remote, true)
	t.call.SetVideoView(s.own, false)
}

// show shows a frame, and makes room for the first.
func (s *Screen) show(frame image.Image, put func(image.Image), has *bool) {
	put(frame)
	if !*has {
		*has = true
		s.Refresh()
	}
}

// data is what is shown now.
func (s *Screen) data() widgets.CallData {
	m, t := s.model, s.model.shown
	name := m.cfg.Name(t.peer)
	d := widgets.CallData{
		Face: widgets.Face{Key: strings.ToLower(t.peer), Name: name, Picture: s.on.Picture(t.peer)},
		Name: name, Status: m.Words(), Problem: t.failed(), Note: t.note(name), Warning: m.Problem(),
		Actions: s.actions(),
	}
	if t.connected() {
		d.Signal, d.Bars, d.Route = true, t.stats.Quality, tr.X("direct", "connection")
		if t.stats.Relayed {
			d.Route = tr.X("relayed", "connection")
		}
	}
	live := t.video && t.connected() && !t.held && !t.peerHeld
	d.Remote = live && s.hasRemote && !t.call.GetMuteStatus(false, true, true)
	d.Own = t.video && !t.over() && !t.rings() && !t.held && s.hasOwn &&
		!t.call.GetMuteStatus(false, true, false)
	d.Waiting = s.waiting()
	return d
}

// waiting is the banner about a call that rings meanwhile, or about the screen that is shared.
func (s *Screen) waiting() widgets.BannerData {
	m := s.model
	switch who, group := m.Waiting(), m.groups.ringing(); {
	case who != "":
		return widgets.BannerData{
			Kind: widgets.BannerGreen, Text: tr.L("{{.Name}} is calling", "Name", who),
			Actions: []widgets.Action{
				{Text: tr.L("End and answer"), Tapped: m.AnswerWaiting}, {Text: tr.L("Decline"), Tapped: m.DeclineWaiting},
			},
		}
	case group != 0:
		return widgets.BannerData{
			Kind: widgets.BannerGreen, Text: m.groups.ringWords(group),
			Actions: []widgets.Action{
				{Text: tr.L("Hang up and join"), Tapped: func() { m.groups.JoinRinging(false) }},
				{Text: tr.L("Ignore"), Tapped: m.groups.Ignore},
			},
		}
	}
	if t := m.shown; t.sharing && !t.over() {
		return sharingBanner(m.ToggleScreen)
	}
	return widgets.BannerData{}
}

// share shows the other party a screen, or no longer.
func (s *Screen) share() {
	t := s.model.shown
	if t.sharing {
		s.model.ToggleScreen()
		return
	}
	s.model.askScreen(s.window, func() {
		if s.model.shown == t && !t.sharing {
			s.model.ToggleScreen()
		}
	})
}

// actions are the buttons.
func (s *Screen) actions() []widgets.CallAction {
	m, t := s.model, s.model.shown
	if t.rings() {
		return s.ringActions(t)
	}
	end := widgets.CallAction{
		Icon: assets.IconHangUp, Text: tr.L("Hang up"), Kind: widgets.CallButtonEnd, Tapped: m.HangUp,
	}
	if !t.incoming && t.answered.IsZero() {
		end.Text = tr.L("Cancel")
	}
	if t.over() {
		again := widgets.CallAction{
			Icon: assets.IconPhone, Text: tr.L("Call again"), Kind: widgets.CallButtonAnswer,
			Tapped: func() { m.Start(t.peer, t.video) },
		}
		return []widgets.CallAction{again, {Icon: assets.IconClose, Text: tr.L("Close"), Tapped: m.HangUp}}
	}
	mute := muteButton(m.Muted(), m.ToggleMute)
	camera := cameraButton(m.CameraOff() && t.filmed, m.ToggleCamera)
	if m.CameraOff() {
		camera.Text = tr.L("Camera on")
	}
	camera.Disabled = t.sharing || !m.canSend()
	share := shareButton(t.sharing, s.share)
	share.Disabled = !m.canSend()
	hold := toggle(t.held, tr.X("Hold", "call"), tr.X("Resume", "call"), assets.IconPause, assets.IconPlay, m.ToggleHold)
	hold.Disabled = !t.connected()
	list := []widgets.CallAction{mute, camera, share, hold}
	if m.cfg.Devices.Microphones != nil {
		list = append(list, widgets.CallAction{Icon: assets.IconSettings, Text: tr.L("Devices"), Tapped: s.on.Devices})
	}
	return append(list, end)
}

func (s *Screen) ringActions(t *talk) []widgets.CallAction {
	m := s.model
	answer := widgets.CallAction{
		Icon: assets.IconPhone, Text: tr.L("Answer"), Kind: widgets.CallButtonAnswer, Tapped: func() { m.Answer(false) },
	}
	decline := widgets.CallAction{
		Icon: assets.IconHangUp, Text: tr.L("Decline"), Kind: widgets.CallButtonEnd, Tapped: m.HangUp,
	}
	if !t.video {
		return []widgets.CallAction{decline, answer}
	}
	answer.Text, answer.Kind = tr.L("Without video"), widgets.CallButtonPlain
	with := widgets.CallAction{
		Icon: assets.IconVideo, Text: tr.L("Answer"), Kind: widgets.CallButtonAnswer, Tapped: func() { m.Answer(true) },
	}
	return []widgets.CallAction{decline, answer, with}
}

// toggle is a button that switches something on and off.
func toggle(on bool, do, undo string, plain, switched assets.Icon, tapped func()) widgets.CallAction {
	if on {
		return widgets.CallAction{Icon: switched, Text: undo, Kind: widgets.CallButtonOn, Tapped: tapped}
	}
	return widgets.CallAction{Icon: plain, Text: do, Tapped: tapped}
}

func muteButton(muted bool, tapped func()) widgets.CallAction {
	mute, unmute := tr.X("Mute", "microphone"), tr.X("Unmute", "microphone")
	return toggle(muted, mute, unmute, assets.IconMicrophone, assets.IconMicOff, tapped)
}

func cameraButton(off bool, tapped func()) widgets.CallAction {
	return toggle(off, tr.L("Camera off"), tr.L("Camera on"), assets.IconVideo, assets.IconVideoOff, tapped)
}

func shareButton(shares bool, tapped func()) widgets.CallAction {
	return toggle(shares, tr.L("Share screen"), tr.L("Stop sharing"), assets.IconComputer, assets.IconComputer, tapped)
}

// Key handles the keys of a call: Enter answers, Esc declines or hangs up, M and V switch microphone and camera. While
// the user goes on typing into a window that has just begun to ring, they do nothing.
func (s *Screen) Key(e *fyne.KeyEvent) {
	m, t := s.model, s.model.shown
	if t == nil || t.rings() && s.guard.ignores() {
		return
	}
	switch e.Name {
	case fyne.KeyReturn, fyne.KeyEnter:
		m.Answer(t.video)
	case fyne.KeyEscape:
		if !s.on.Escape() {
			m.HangUp()
		}
	case fyne.KeyM:
		m.ToggleMute()
	case fyne.KeyV:
		m.ToggleCamera()
	}
}
