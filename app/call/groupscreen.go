package call

import (
	"image"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/widgets"
)

// GroupScreen is the content of the window of the call of a group: who rings, the tiles of who takes part, or why this
// device does not any more.
type GroupScreen struct {
	groups *Groups
	on     Callbacks
	plain  *widgets.CallView
	tiles  *widgets.MeetingView
	object *fyne.Container

	guard         keyGuard
	window        fyne.Canvas // nil before Focus
	videos        map[*seat]*frames
	dirty, closed bool
}

// NewGroupScreen makes the content of a window for a Model whose calls of groups are to be shown, and whose cfg.Changed
// has to call Refresh. Close must be called in the end.
func NewGroupScreen(m *Model, on Callbacks) *GroupScreen {
	s := &GroupScreen{
		groups: m.Groups(), on: on, plain: widgets.NewCallView(widgets.CallData{}),
		tiles: widgets.NewMeetingView(widgets.MeetingData{}), videos: map[*seat]*frames{},
		guard: keyGuard{ui: m.cfg.Dispatcher},
	}
	if s.groups.Rings() {
		s.guard.ring()
	}
	s.plain.OnKey, s.tiles.OnKey = s.Key, s.Key
	s.plain.OnFocus, s.tiles.OnFocus = on.Focused, on.Focused
	s.tiles.SetTips(on.Tips)
	s.tiles.OnTile, s.tiles.OnTileMenu = s.enlarge, s.tileMenu
	s.tiles.OnPage = func(by int) {
		s.with(func(t *meeting) { t.page += by })
	}
	s.object = container.NewStack(s.plain, s.tiles)
	s.groups.seatsChanged = s.attach
	s.attach()
	s.show()
	return s
}

// with changes what is shown of the meeting.
func (s *GroupScreen) with(f func(t *meeting)) {
	if t := s.groups.meeting; t != nil && !t.over() {
		f(t)
		s.attach()
		s.groups.m.changed()
	}
}

// Object is what to put into the window.
func (s *GroupScreen) Object() fyne.CanvasObject { return s.object }

// Focus lets the screen have the keyboard of its window.
func (s *GroupScreen) Focus(window fyne.Canvas) {
	s.window = window
	s.focus()
}

func (s *GroupScreen) focus() {
	switch {
	case s.window == nil:
	case s.tiles.Visible():
		s.window.Focus(s.tiles)
	default:
		s.window.Focus(s.plain)
	}
}

// Size is how large the window should be at first.
func (s *GroupScreen) Size() fyne.Size {
	return fyne.NewSize(widgets.MeetingWidth, widgets.MeetingHeight)
}

// Title is that of the window.
func (s *GroupScreen) Title() string {
	g := s.groups
	if g.Group() == 0 {
		return ""
	}
	return g.m.cfg.GroupName(g.Group()) + " – " + g.Words()
}

// Refresh shows what has changed.
func (s *GroupScreen) Refresh() {
	if s.dirty {
		return
	}
	s.dirty = true
	s.groups.m.cfg.Dispatcher.Post(func() {
		s.dirty = false
		if !s.closed {
			s.show()
		}
	})
}

// Close ends what the screen shows.
func (s *GroupScreen) Close() {
	s.closed = true
	s.groups.seatsChanged = func() {}
	s.endVideos(nil)
	if t := s.groups.meeting; t != nil {
		for _, x := range t.all() {
			x.SetVideoView(nil)
			x.setVisible(false)
		}
	}
}

// endVideos drops the frames of all but those who are there.
func (s *GroupScreen) endVideos(there []*seat) {
	kept := map[*seat]bool{}
	for _, x := range there {
		kept[x] = true
	}
	for x, f := range s.videos {
		if !kept[x] {
			f.end()
			delete(s.videos, x)
		}
	}
}

// attach shows the video of those who take part, and lets those who are not seen not send it.
func (s *GroupScreen) attach() {
	t := s.groups.meeting
	if t == nil || t.over() {
		s.endVideos(nil)
		return
	}
	all := t.all()
	s.endVideos(all)
	for _, x := range all {
		x.setVisible(!s.groups.hidden && t.isSeen(x))
		if s.videos[x] == nil {
			f := &frames{post: s.groups.m.cfg.Dispatcher.Post, show: func(picture image.Image) { s.frame(x, picture) }}
			s.videos[x] = f
			x.SetVideoView(f)
		}
	}
}

// setVisible says whether a participant can be seen.
func (x *seat) setVisible(visible bool) {
	if !x.own && x.hides == visible {
		x.hides = !visible
		x.SetVisibility(visible)
	}
}

// frame shows a frame, and makes room for the first.
func (s *GroupScreen) frame(x *seat, picture image.Image) {
	if !x.films() {
		return
	}
	s.tiles.ShowFrame(x.key, picture)
	if !x.shown {
		x.shown = true
		s.Refresh()
	}
}

// show shows what is now.
func (s *GroupScreen) show() {
	g := s.groups
	meets := g.meeting != nil && !g.meeting.over()
	changed := s.tiles.Visible() != meets || s.plain.Visible() == meets
	switch {
	case meets:
		s.tiles.Set(s.meetingData(g.meeting))
		s.plain.Hide()
		s.tiles.Show()
	case g.Group() != 0:
		s.plain.Set(s.plainData(g.Group()))
		s.tiles.Hide()
		s.plain.Show()
	}
	if changed {
		s.object.Refresh()
		s.focus()
	}
}

func (s *GroupScreen) face(group uint32) widgets.Face {
	return widgets.Face{
		Key: s.on.GroupKey(group), Name: s.groups.m.cfg.GroupName(group), Group: true, Picture: s.on.GroupPicture(group),
	}
}

// plainData is a call that rings, or one that has ended for this device.
func (s *GroupScreen) plainData(group uint32) widgets.CallData {
	g := s.groups
	d := widgets.CallData{Face: s.face(group), Name: g.m.cfg.GroupName(group), Status: g.Words()}
	if t := g.meeting; t != nil {
		d.Problem = true
		d.Actions = []widgets.CallAction{{Icon: assets.IconClose, Text: tr.L("Close"), Tapped: g.Leave}}
		if t.mayReturn() {
			again := widgets.CallAction{
				Icon: assets.IconPhone, Text: tr.L("Join again"), Kind: widgets.CallButtonAnswer, Tapped: g.Again,
			}
			d.Actions = append([]widgets.CallAction{again}, d.Actions...)
		}
		return d
	}
	d.Note = g.PartWords(group)
	ignore := widgets.CallAction{
		Icon: assets.IconClose, Text: tr.L("Ignore"), Kind: widgets.CallButtonEnd, Tapped: g.Ignore,
	}
	join := widgets.CallAction{
		Icon: assets.IconPhone, Text: tr.L("Join"), Kind: widgets.CallButtonAnswer, Tapped: func() { g.JoinRinging(false) },
	}
	with := widgets.CallAction{
		Icon: assets.IconVideo, Text: tr.L("Join with video"), Tapped: func() { g.JoinRinging(true) },
	}
	if g.states[group].Video {
		with.Kind, join.Kind = widgets.CallButtonAnswer, widgets.CallButtonPlain
	}
	d.Actions = []widgets.CallAction{ignore, join, with}
	return d
}

// meetingData is the call in which this device takes part.
func (s *GroupScreen) meetingData(t *meeting) widgets.MeetingData {
	g := s.groups
	d := widgets.MeetingData{
		Face: s.face(t.group), Title: g.m.cfg.GroupName(t.group), Status: g.Words(), Note: g.Problem(),
		Large: t.large != nil, Pages: t.pages(), Actions: s.actions(t),
	}
	if t.inside() {
		d.Status = peopleWords(len(t.all())) + " · " + d.Status
	}
	seen := t.seen()
	d.Page = t.page
	if t.large != nil {
		seen = append([]*seat{t.large}, seen...)
	}
	for _, x := range seen {
		d.Tiles = append(d.Tiles, s.tile(x))
	}
	if t.sharing {
		d.Waiting = sharingBanner(g.ToggleScreen)
	}
	if group := g.ringing(); group != 0 {
		d.Waiting = widgets.BannerData{
			Kind: widgets.BannerGreen, Text: g.ringWords(group),
			Actions: []widgets.Action{
				{Text: tr.L("Leave and join"), Tapped: func() { g.JoinRinging(false) }},
				{Text: tr.L("Ignore"), Tapped: g.Ignore},
			},
		}
	}
	return d
}

func (s *GroupScreen) tile(x *seat) widgets.Tile {
	address := x.GetAddress()
	films := x.films()
	x.shown = x.shown && films
	return widgets.Tile{
		Key: x.key, Name: s.groups.tileName(x), Note: x.note(), Muted: x.muted(),
		Talking: x.publishes && x.IsTalking(), Video: films && x.shown,
		Face: widgets.Face{
			Key: strings.ToLower(address), Name: s.on.PersonName(address), Picture: s.on.Picture(address),
		},
	}
}

// actions are the buttons during a call.
func (s *GroupScreen) actions(t *meeting) []widgets.CallAction {
	g := s.groups
	mute := muteButton(g.Muted(), g.ToggleMute)
	camera := cameraButton(g.CameraOff(), g.ToggleCamera)
	share := shareButton(t.sharing, s.share)
	mute.Disabled, share.Disabled = !t.can(), !t.can()
	camera.Disabled = t.sharing || !t.can()
	list := []widgets.CallAction{mute, camera, share}
	if g.m.cfg.Devices.Microphones != nil {
		list = append(list, widgets.CallAction{Icon: assets.IconSettings, Text: tr.L("Devices"), Tapped: s.on.Devices})
	}
	return append(list, widgets.CallAction{
		Icon: assets.IconHangUp, Text: tr.X("Leave", "call"), Kind: widgets.CallButtonEnd, Tapped: g.Leave,
	})
}

// share shows the others a screen, or no longer.
func (s *GroupScreen) share() {
	t := s.groups.meeting
	switch {
	case t == nil:
	case t.sharing:
		s.groups.ToggleScreen()
	default:
		s.groups.m.askScreen(s.window, func() {
			if s.groups.meeting == t && !t.sharing {
				s.groups.ToggleScreen()
			}
		})
	}
}

// enlarge makes a participant large, or all tiles of the same size again.
func (s *GroupScreen) enlarge(key string) {
	s.with(func(t *meeting) {
		x := t.find(key)
		if t.large == x {
			x = nil
		}
		t.large, t.page = x, 0
	})
}

// tileMenu shows what can be done with a participant.
func (s *GroupScreen) tileMenu(key string, at fyne.Position) {
	t := s.groups.meeting
	if s.window == nil || t == nil || t.find(key) == nil {
		return
	}
	x := t.find(key)
	size := tr.L("Make large")
	if t.large == x {
		size = tr.L("Make small")
	}
	items := []*widgets.MenuItem{widgets.NewMenuItem(size, func() { s.enlarge(key) })}
	if !x.own {
		items = append(items, s.adminItems(t, x)...)
	}
	widgets.ShowMenu(s.window, at, items...)
}

// adminItems are what the rights of this user allow with another participant.
func (s *GroupScreen) adminItems(t *meeting, x *seat) []*widgets.MenuItem {
	var items []*widgets.MenuItem
	mute, remove := t.call.HasAdminPermissions()
	if mute {
		microphone := widgets.NewMenuItem(tr.L("Turn the microphone off"), func() { s.try(x.AdminMute(true, false)) })
		microphone.Disabled = !x.publishes || x.muted()
		camera := widgets.NewMenuItem(tr.L("Turn the camera off"), func() { s.try(x.AdminMute(false, true)) })
		camera.Disabled = !x.films()
		items = append(items, microphone, camera)
	}
	if remove {
		item := widgets.NewMenuItem(tr.L("Remove from the call"), nil)
		words := tr.L("Remove {{.Name}} until the call ends", "Name", s.groups.tileName(x))
		item.Sub = []*widgets.MenuItem{widgets.NewMenuItem(words, func() { s.try(x.AdminHangup()) }).Dangerous()}
		items = append(items, item)
	}
	return items
}

// try shows why something was not done.
func (s *GroupScreen) try(err error) {
	if err != nil {
		s.groups.m.cfg.Notify(s.groups.m.explain(err))
	}
}

// Key handles the keys of a call: Enter joins, Esc ignores or leaves, M and V switch microphone and camera.
func (s *GroupScreen) Key(e *fyne.KeyEvent) {
	g := s.groups
	if g.Rings() && s.guard.ignores() {
		return
	}
	t := g.meeting
	switch e.Name {
	case fyne.KeyReturn, fyne.KeyEnter:
		switch {
		case g.Rings():
			g.JoinRinging(g.states[g.ringing()].Video)
		case t != nil && t.mayReturn():
			g.Again()
		}
	case fyne.KeyEscape:
		switch {
		case s.on.Escape():
		case g.Rings():
			g.Ignore()
		case t != nil && t.large != nil:
			s.with(func(t *meeting) { t.large, t.page = nil, 0 })
		default:
			g.Leave()
		}
	case fyne.KeyM:
		g.ToggleMute()
	case fyne.KeyV:
		g.ToggleCamera()
	}
}
