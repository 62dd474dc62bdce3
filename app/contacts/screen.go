package contacts

import (
	"image/color"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"github.com/parley-chat/parley/app/format"
	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/widgets"
)

// Callbacks are what the screen asks of the window around it.
type Callbacks struct {
	// Open shows a chat; write is whether to focus the composer.
	Open func(id ID, write bool)
	// OpenAt shows a chat at one of its messages, and highlights the query.
	OpenAt func(id ID, mid uint64, query string)
	// Focus focuses the open chat, or the list without one.
	Focus func()
	// MainMenu shows the program's menu at a position in the window.
	MainMenu func(at fyne.Position)
	// Info shows the profile or group of a chat.
	Info func(id ID)
	// NewGroup makes a group, JoinGroup joins one by its code.
	NewGroup  func()
	JoinGroup func()
	// Confirm asks before something that cannot be undone.
	Confirm func(question, text, verb string, do func())
	// Deleted is called when a chat was removed from the list.
	Deleted func(id ID)
	// RemoveEcho removes the Echo contact.
	RemoveEcho func()
	// Failed shows an error.
	Failed func(err error)
	// Picture returns the picture of a user or group, nil without one.
	Picture func(id ID) *widgets.Picture
	// Shortcut handles keys that the screen does not know; it reports whether it did. Escape is called for the Escape key
	// where it closes nothing of the screen's parts.
	Shortcut func(fyne.Shortcut) bool
	Escape   func()
}

// barHeight is the height of the bar above the list, and of the chat's header beside it.
const barHeight = widgets.HeaderHeight

// content is the place in the root of what is below the banners: the list, or what replaces it.
const content = 2

// Screen shows the Model: a bar with search and buttons, the list, the connection's footer. Search results replace the
// list, the picker for a new chat replaces bar and list.
type Screen struct {
	model  *Model
	window fyne.Canvas
	on     Callbacks
	clock  Dispatcher
	dirty  bool

	root    *fyne.Container
	banner  *widgets.Banner
	invite  *widgets.Banner
	doubles map[string]bool // names that several users of the list have, in lower case
	chats   *fyne.Container
	list    *widgets.ChatList
	search  *widgets.Field
	chips   *chips
	archive *widgets.InfoAction
	stored  *fyne.Container // the row that leads to the archive, and back
	found   *results
	none    *widgets.EmptyState
	footer  *widgets.ConnectionFooter
	picker  *picker
}

// NewScreen makes the screen and its Model, for the window with this canvas; cfg.Changed is called in addition to the
// screen's own work. It is empty before Start.
func NewScreen(cfg Config, window fyne.Canvas, on Callbacks) (*Screen, error) {
	s := &Screen{window: window, on: on, clock: cfg.Dispatcher}
	changed := cfg.Changed
	cfg.Changed = func() {
		s.changed()
		changed()
	}
	var err error
	if s.model, err = NewModel(cfg); err != nil {
		return nil, err
	}
	s.footer, s.banner = widgets.NewConnectionFooter(), widgets.NewBanner(widgets.BannerData{})
	s.invite = widgets.NewBanner(widgets.BannerData{})
	s.banner.Hide()
	s.invite.Hide()
	s.build()
	s.picker = newPicker(s)
	s.root = widgets.NewColumn([]fyne.CanvasObject{s.banner, s.invite}, s.chats, []fyne.CanvasObject{s.footer})
	return s, nil
}

func (s *Screen) build() {
	s.buildList()
	s.buildSearch()
	s.none = widgets.NewEmptyState(widgets.ColorPane, widgets.EmptyData{})
	s.none.Hide()
	var menu *widgets.IconButton
	menu = widgets.NewIconButton(assets.IconMenu, tr.L("Menu"), func() {
		s.on.MainMenu(widgets.Below(menu))
	})
	write := widgets.NewIconButton(assets.IconNewChat, tr.L("New chat"), s.NewChat)
	s.chips = newChips(s.model.SetView)
	s.archive = widgets.NewInfoAction(assets.IconArchive, "", func() { s.model.ShowArchive(!s.model.InArchive()) })
	s.stored = onPane(s.archive)
	s.chats = widgets.NewColumn([]fyne.CanvasObject{bar(menu, s.search, write), s.chips.object, s.stored},
		container.NewStack(newPane(), s.list, s.none, s.found.object), nil)
}

func (s *Screen) buildList() {
	s.list = widgets.NewChatList()
	s.list.OnSelected = func(key string) { s.on.Open(ParseID(key), s.list.Hovered()) }
	s.list.OnActivated = func(key string) { s.on.Open(ParseID(key), true) }
	s.list.OnHover = s.model.Hover
	s.list.OnMenu = func(key string, at fyne.Position) { s.rowMenu(ParseID(key), at) }
	s.list.OnShortcut, s.list.OnEscape = s.on.Shortcut, s.on.Escape
}

func (s *Screen) buildSearch() {
	s.found = newResults(s)
	s.search = widgets.NewSearchField(tr.L("Search"))
	s.search.OnChanged = s.model.Search
	s.search.OnEscape = func() {
		if s.search.Text == "" && !s.model.Selected().IsZero() {
			s.on.Open(s.model.Selected(), true)
		}
		s.search.SetText("")
	}
	s.search.OnArrow = func(step int) {
		if s.model.Searching() == "" {
			s.list.Step(step)
		} else {
			s.found.list.Step(step)
		}
	}
	s.search.OnSubmitted = func(string) { s.found.list.Choose() }
	s.search.OnShortcut, s.search.OnFocus = s.on.Shortcut, s.window.Focus
}

// bar lays out the row above a list: a button, a field, and perhaps another button.
func bar(left fyne.CanvasObject, middle fyne.CanvasObject, right fyne.CanvasObject) fyne.CanvasObject {
	height := canvas.NewRectangle(color.Transparent)
	height.SetMinSize(fyne.NewSize(0, barHeight))
	left, right = centred(left), centred(right)
	objects := []fyne.CanvasObject{centredWide(middle), left}
	if right != nil {
		objects = append(objects, right)
	}
	beside := container.New(widgets.Mirrored(layout.NewBorderLayout(nil, nil, left, right)), objects...)
	row := container.New(layout.NewCustomPaddedLayout(0, 0, 8, 8), beside)
	return container.NewStack(newPane(), height, row)
}

func centred(o fyne.CanvasObject) fyne.CanvasObject {
	if o == nil {
		return nil
	}
	return container.NewCenter(o)
}

// centredWide keeps an object's height and makes it as wide as possible.
func centredWide(o fyne.CanvasObject) fyne.CanvasObject {
	return container.NewVBox(layout.NewSpacer(), o, layout.NewSpacer())
}

// Object is what to put into the window.
func (s *Screen) Object() fyne.CanvasObject { return s.root }

// Model is the list's state.
func (s *Screen) Model() *Model { return s.model }

// NewChat shows the picker for a new chat.
func (s *Screen) NewChat() { s.picker.open() }

// SetCompact makes the rows of the list low, or high again.
func (s *Screen) SetCompact(compact bool) {
	s.list.SetCompact(compact)
	s.picker.list.SetCompact(compact)
}

// Search focuses the search field.
func (s *Screen) Search() { s.window.Focus(s.search) }

// Focus focuses the list.
func (s *Screen) Focus() { s.window.Focus(s.list) }

// ClosePicker closes the picker; it reports whether it was open.
func (s *Screen) ClosePicker() bool {
	if !s.picker.shown() {
		return false
	}
	s.show(s.chats)
	s.on.Focus() // the field of the picker is gone
	return true
}

// Back ends a search, or leaves the archive; it reports whether there was anything to leave.
func (s *Screen) Back() bool {
	switch {
	case s.ClosePicker():
	case s.search.Text != "":
		s.search.SetText("")
	case s.model.InArchive():
		s.model.ShowArchive(false)
	default:
		return false
	}
	return true
}

// SetFooter shows the state of the connection, and what can be done; an action without text is none.
func (s *Screen) SetFooter(link widgets.Link, words string, action widgets.Action) {
	s.footer.Set(link, words, action)
}

// SetBanner shows a line above everything; without text there is none.
func (s *Screen) SetBanner(d widgets.BannerData) { s.setBanner(s.banner, d) }

// SetInvitation shows an invitation below it; without text there is none.
func (s *Screen) SetInvitation(d widgets.BannerData) { s.setBanner(s.invite, d) }

func (s *Screen) setBanner(b *widgets.Banner, d widgets.BannerData) {
	b.Set(d)
	if shown := d.Text != ""; shown != b.Visible() {
		setVisible(b, shown)
		s.root.Refresh()
	}
}

// Start shows the chats. It asks for names and notices, for which the owner must have the screen.
func (s *Screen) Start() { s.refresh() }

// Refresh shows everything again: pictures changed.
func (s *Screen) Refresh() { s.changed() }

func (s *Screen) show(o fyne.CanvasObject) {
	s.root.Objects[content] = o
	s.root.Refresh()
}

func (s *Screen) changed() {
	if !s.dirty {
		s.dirty = true
		s.clock.Post(s.refresh)
	}
}

func (s *Screen) refresh() {
	s.dirty = false
	rows := s.model.Rows()
	s.doubles = s.model.doubleNames()
	shown := make([]widgets.ChatRow, len(rows))
	for i, r := range rows {
		shown[i] = s.chatRow(r)
	}
	s.list.SetRows(shown)
	s.list.SetSelected(s.model.Selected().Key())
	searching := s.model.Searching() != ""
	s.found.refresh(searching)
	s.chips.show(s.model.View())
	s.refreshArchive(searching)
	s.refreshNone(len(rows) == 0 && !searching)
}

func (s *Screen) chatRow(r Row) widgets.ChatRow {
	row := widgets.ChatRow{
		Key:     r.Key(),
		Face:    s.face(r),
		Name:    s.rowName(r),
		Time:    TimeWords(r.Line.At, s.clock.Now()),
		Preview: r.Preview(s.model.Notice),
		Draft:   s.draft(r),
		Typing:  r.Typing,
		State:   tick(r.Line),
		Deleted: r.Line.Deleted,
		Call:    r.Line.Call,
		Unread:  r.Unread,
		Marked:  r.Marked,
		Mention: r.Mention,
		Muted:   r.Muted,
		Pinned:  r.Pinned,
		Calling: r.Calling,
		Server:  r.Server,
	}
	if r.Group != 0 && !r.Empty() && r.Line.Change == nil && !r.Line.Deleted {
		row.Sender = s.sender(r.Line)
	}
	return row
}

// rowName is the name of a chat, with the address beside it where another user of the list has the same name.
func (s *Screen) rowName(r Row) string {
	if r.isUser() && s.doubles[strings.ToLower(r.Name)] {
		return r.Name + " · " + r.Peer
	}
	return r.Name
}

// sender is the first name of the last message's sender in a group.
func (s *Screen) sender(l Line) string {
	if l.Out {
		return tr.L("You")
	}
	if l.Sender == "" && l.Author != "" {
		return FirstName(l.Author)
	}
	return FirstName(s.model.Title(ID{Peer: l.Sender}))
}

// draft is the draft in the row: none for the open chat, which has it in the composer.
func (s *Screen) draft(r Row) string {
	if r.Is(s.model.Selected()) {
		return ""
	}
	return OneLine(r.Draft)
}

func (s *Screen) refreshArchive(searching bool) {
	n, unread := s.model.Archived()
	words := tr.L("Archived ({{.N}})", "N", n)
	if unread > 0 {
		words += " · " + tr.N("{{.N}} unread", "{{.N}} unread", unread)
	}
	icon := assets.IconArchive
	if s.model.InArchive() {
		icon, words = assets.IconBack, tr.L("Archived chats")
	}
	s.archive.SetText(icon, words)
	visible := !searching && (s.model.InArchive() || n > 0 && s.model.View() == ViewAll)
	if visible != s.stored.Visible() || searching == s.chips.object.Visible() {
		setVisible(s.stored, visible)
		setVisible(s.chips.object, !searching)
		s.chats.Refresh()
	}
}

func setVisible(o fyne.CanvasObject, visible bool) {
	if visible {
		o.Show()
	} else {
		o.Hide()
	}
}

func (s *Screen) refreshNone(none bool) {
	if none {
		data := widgets.EmptyData{Icon: assets.IconChat, Text: tr.L("No conversations yet")}
		switch {
		case s.model.InArchive():
			data = widgets.EmptyData{Icon: assets.IconArchive, Text: tr.L("No archived chats")}
		case s.model.View() == ViewUnread:
			data = widgets.EmptyData{Icon: assets.IconCheck, Text: tr.L("Everything is read")}
		case s.model.View() == ViewGroups:
			data = widgets.EmptyData{
				Icon: assets.IconUsers, Text: tr.L("No groups yet"),
				Actions: []widgets.Action{{Text: tr.L("New group"), Tapped: s.on.NewGroup}},
			}
		}
		s.none.Set(data)
	}
	if none != s.none.Visible() {
		setVisible(s.none, none)
	}
}

func (s *Screen) face(r Row) widgets.Face {
	return widgets.Face{
		Key: r.FaceKey(), Name: r.Name, Saved: r.Saved, Robot: r.Echo, Shield: r.Server, Group: r.Group != 0, Online: r.Online,
		Picture: s.picture(r),
	}
}

func (s *Screen) picture(r Row) *widgets.Picture {
	if r.Saved || r.Echo || !r.Pictured {
		return nil
	}
	return s.on.Picture(r.ID)
}

func tick(l Line) widgets.MessageState {
	if l.Mid == 0 || !l.Out || l.Deleted || l.Imported {
		return widgets.StateNone
	}
	return format.Tick(l.Status)
}
