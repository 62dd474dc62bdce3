package contacts

import (
	"fmt"
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/widgets"
)

// Callbacks are what the screen asks of the window around it.
type Callbacks struct {
	// Open shows a conversation; write says that the user wants to type.
	Open func(peer string, write bool)
	// MainMenu shows the program's menu at a position in the window.
	MainMenu func(at fyne.Position)
	// Confirm asks before something that cannot be undone.
	Confirm func(question, text, verb string, do func())
	// Deleted tells that a conversation was removed from the list.
	Deleted func(peer string)
	// RemoveEcho takes the Echo contact away.
	RemoveEcho func()
	// Failed tells what went wrong.
	Failed func(err error)
	// Shortcut is asked about keys that the screen does not know.
	Shortcut func(fyne.Shortcut) bool
}

// barHeight is that of the bar over the list; the chat's header beside it is as high.
const barHeight = widgets.HeaderHeight

// Screen shows the Model: a bar with search and buttons, the list, the connection's footer. The picker for a new chat takes the
// place of bar and list.
type Screen struct {
	model *Model
	on    Callbacks
	clock Dispatcher
	dirty bool

	root   *fyne.Container
	chats  fyne.CanvasObject
	list   *widgets.ChatList
	search *widgets.Field
	none   *widgets.EmptyState
	footer *widgets.ConnectionFooter
	picker *picker
}

// NewScreen makes the screen and its Model; cfg.Changed is called beside the screen's own work.
func NewScreen(cfg Config, on Callbacks) (*Screen, error) {
	s := &Screen{on: on, clock: cfg.Dispatcher}
	changed := cfg.Changed
	cfg.Changed = func() {
		s.changed()
		changed()
	}
	var err error
	if s.model, err = NewModel(cfg); err != nil {
		return nil, err
	}
	s.footer = widgets.NewConnectionFooter()
	s.build()
	s.picker = newPicker(s)
	s.root = widgets.NewColumn(nil, s.chats, []fyne.CanvasObject{s.footer})
	s.refresh()
	return s, nil
}

func (s *Screen) build() {
	s.list = widgets.NewChatList()
	s.list.OnSelected = func(key string) { s.on.Open(key, s.list.Hovered()) }
	s.list.OnActivated = func(key string) { s.on.Open(key, true) }
	s.list.OnHover = s.model.Hover
	s.list.OnMenu = s.rowMenu
	s.list.OnShortcut = s.on.Shortcut

	s.search = widgets.NewSearchField("Search")
	s.search.OnChanged = s.model.Filter
	s.search.OnEscape = func() {
		if s.search.Text == "" && s.model.Selected() != "" {
			s.on.Open(s.model.Selected(), true)
		}
		s.search.SetText("")
	}
	s.search.OnArrow = s.list.Step
	s.search.OnSubmitted = func(string) {
		if rows := s.model.Rows(); len(rows) > 0 {
			s.search.SetText("")
			s.on.Open(rows[0].Peer, true)
		}
	}
	s.search.OnShortcut = s.on.Shortcut

	s.none = widgets.NewEmptyState(widgets.ColorPane, widgets.EmptyData{})
	s.none.Hide()
	var menu *widgets.IconButton
	menu = widgets.NewIconButton(assets.IconMenu, func() {
		at := fyne.CurrentApp().Driver().AbsolutePositionForObject(menu)
		s.on.MainMenu(at.AddXY(0, menu.Size().Height))
	})
	write := widgets.NewIconButton(assets.IconNewChat, s.NewChat)
	s.chats = widgets.NewColumn([]fyne.CanvasObject{bar(menu, s.search, write)}, container.NewStack(s.list, s.none), nil)
}

// bar lays out the row over a list: a button, a field, and perhaps another button.
func bar(left fyne.CanvasObject, middle fyne.CanvasObject, right fyne.CanvasObject) fyne.CanvasObject {
	height := canvas.NewRectangle(color.Transparent)
	height.SetMinSize(fyne.NewSize(0, barHeight))
	row := container.New(layout.NewCustomPaddedLayout(0, 0, 8, 8),
		container.NewBorder(nil, nil, centred(left), centred(right), centredWide(middle)))
	return container.NewStack(newPane(), height, row)
}

func centred(o fyne.CanvasObject) fyne.CanvasObject {
	if o == nil {
		return nil
	}
	return container.NewCenter(o)
}

// centredWide keeps an object's height and lets it be as wide as there is room.
func centredWide(o fyne.CanvasObject) fyne.CanvasObject {
	return container.NewVBox(layout.NewSpacer(), o, layout.NewSpacer())
}

// Object is what to put into the window.
func (s *Screen) Object() fyne.CanvasObject { return s.root }

// Model is the list's state.
func (s *Screen) Model() *Model { return s.model }

// NewChat shows the picker of somebody to write to.
func (s *Screen) NewChat() { s.picker.open() }

// Search gives the keyboard to the search field.
func (s *Screen) Search() { s.focus(s.search) }

// ClosePicker takes the picker away; it tells whether it was there.
func (s *Screen) ClosePicker() bool {
	if !s.picker.shown() {
		return false
	}
	s.show(s.chats)
	return true
}

// SetFooter shows how the connection is. retry is nil when there is nothing to retry.
func (s *Screen) SetFooter(link widgets.Link, words string, retry func()) {
	action := widgets.Action{}
	if retry != nil {
		action = widgets.Action{Text: "Retry", Tapped: retry}
	}
	s.footer.Set(link, words, action)
}

func (s *Screen) show(o fyne.CanvasObject) {
	s.root.Objects[0] = o
	s.root.Refresh()
}

func (s *Screen) focus(w fyne.Focusable) {
	if c := fyne.CurrentApp().Driver().CanvasForObject(s.root); c != nil {
		c.Focus(w)
	}
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
	now := s.clock.Now()
	shown := make([]widgets.ChatRow, len(rows))
	for i, r := range rows {
		shown[i] = widgets.ChatRow{
			Key:     r.Peer,
			Face:    face(r),
			Name:    r.Name,
			Time:    TimeWords(r.Line.At, now),
			Preview: r.Preview(),
			Draft:   s.draft(r),
			State:   state(r.Line),
			Unread:  r.Unread,
		}
	}
	s.list.SetRows(shown)
	s.list.SetSelected(s.model.Selected())
	s.refreshNone(len(rows) == 0)
}

// draft is shown in the row unless the conversation is the open one, where it stands in the composer.
func (s *Screen) draft(r Row) string {
	if fold(r.Peer) == fold(s.model.Selected()) {
		return ""
	}
	return OneLine(r.Draft)
}

func (s *Screen) refreshNone(none bool) {
	if none == s.none.Visible() {
		return
	}
	if !none {
		s.none.Hide()
		return
	}
	s.none.Set(widgets.EmptyData{
		Icon:    assets.IconSearch,
		Text:    fmt.Sprintf("Nothing for “%s”", s.search.Text),
		Actions: []widgets.Action{{Text: "Clear", Tapped: func() { s.search.SetText("") }}},
	})
	s.none.Show()
}

func face(r Row) widgets.Face {
	return widgets.Face{Key: fold(r.Peer), Name: r.Name, Saved: r.Saved, Robot: r.Echo}
}

func state(l Line) widgets.MessageState {
	switch {
	case l.Mid == 0 || !l.Out:
		return widgets.StateNone
	case l.Status.IsFailed():
		return widgets.StateFailed
	}
	switch l.Status {
	case mesibo.MsgStatusSent:
		return widgets.StateSent
	case mesibo.MsgStatusDelivered:
		return widgets.StateDelivered
	case mesibo.MsgStatusRead:
		return widgets.StateRead
	default:
		return widgets.StateWaiting
	}
}

// rowMenu is what can be done with one conversation from the list.
func (s *Screen) rowMenu(key string, at fyne.Position) {
	c := fyne.CurrentApp().Driver().CanvasForObject(s.root)
	if c == nil {
		return
	}
	items := []*fyne.MenuItem{fyne.NewMenuItem("Open", func() { s.on.Open(key, true) })}
	if more := s.ChatMenu(key); len(more) > 0 {
		items = append(items, fyne.NewMenuItemSeparator())
		items = append(items, more...)
	}
	widget.ShowPopUpMenuAtPosition(fyne.NewMenu("", items...), c, at)
}

// ChatMenu are the entries of a menu that end a conversation in one way or another.
func (s *Screen) ChatMenu(peer string) []*fyne.MenuItem {
	r, ok := s.model.Row(peer)
	if !ok {
		return nil
	}
	var items []*fyne.MenuItem
	if !r.Empty() {
		items = append(items, fyne.NewMenuItem("Delete messages…", func() {
			s.on.Confirm("Delete all messages of this chat?",
				fmt.Sprintf("They are removed from this device. %s keeps what was received.", r.other()),
				"Delete messages", func() { s.delete(peer) })
		}))
	}
	if r.Echo {
		items = append(items, fyne.NewMenuItem("Remove Echo…", func() {
			s.on.Confirm("Remove Echo?", "Echo answers no more and leaves the list.", "Remove Echo", s.on.RemoveEcho)
		}))
	}
	return items
}

// other names who else has the messages.
func (r Row) other() string {
	if r.Saved {
		return "Your other device"
	}
	return r.Name
}

func (s *Screen) delete(peer string) {
	if err := s.model.Delete(peer); err != nil {
		s.on.Failed(err)
		return
	}
	s.on.Deleted(peer)
}
