package chat

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/widgets"
)

// Callbacks are what the screen asks of the window around it.
type Callbacks struct {
	// Back goes back to the list, in a narrow window.
	Back func()
	// Notify shows a line for a moment.
	Notify func(words string)
	// Copy puts text on the clipboard.
	Copy func(text string)
	// OpenLink opens a web address.
	OpenLink func(address string)
	// Menu shows the conversation's menu at a position in the window.
	Menu func(at fyne.Position)
	// Shortcut is asked about keys that the screen does not know.
	Shortcut func(fyne.Shortcut) bool
}

// Screen shows one conversation at a time: header, banner, messages, composer.
type Screen struct {
	ui    Dispatcher
	on    Callbacks
	model *Model // nil when none is open
	dirty bool

	header   *widgets.Header
	banner   *widgets.Banner
	list     *widgets.MessageList
	greeting *widgets.EmptyState
	composer *widgets.Composer
	root     *fyne.Container
}

// NewScreen makes a screen without a conversation.
func NewScreen(ui Dispatcher, on Callbacks) *Screen {
	s := &Screen{ui: ui, on: on}
	s.buildHeader()
	s.buildList()
	s.composer = widgets.NewComposer("")
	s.composer.OnSend = s.send
	s.composer.OnChanged = func(text string) {
		if s.model != nil {
			s.model.SetDraft(text)
		}
	}
	s.composer.OnEscape = s.escape
	s.composer.OnShortcut = on.Shortcut
	s.composer.OnPage = func(direction int) {
		if direction < 0 {
			s.list.PageUp()
		} else {
			s.list.PageDown()
		}
	}
	s.banner = widgets.NewBanner(widgets.BannerData{})
	s.banner.Hide()
	s.greeting = widgets.NewEmptyState(widgets.ColorChatBackground, widgets.EmptyData{})
	s.greeting.Hide()
	s.root = widgets.NewColumn([]fyne.CanvasObject{s.header, s.banner}, container.NewStack(s.list, s.greeting),
		[]fyne.CanvasObject{s.composer})
	s.composer.OnResized = s.root.Refresh
	return s
}

func (s *Screen) buildHeader() {
	var menu *widgets.IconButton
	menu = widgets.NewIconButton(assets.IconMenu, func() {
		at := fyne.CurrentApp().Driver().AbsolutePositionForObject(menu)
		s.on.Menu(at.AddXY(0, menu.Size().Height))
	})
	s.header = widgets.NewHeader(menu)
	s.header.OnBack = s.on.Back
}

func (s *Screen) buildList() {
	l := widgets.NewMessageList()
	l.OnViewChanged = s.viewed
	l.OnJumpEnd = func() { s.with((*Model).JumpToEnd) }
	l.OnBarDrag = func(position float64) { s.with(func(m *Model) { m.JumpToPlace(position) }) }
	l.OnMenu = s.messageMenu
	l.OnLink = s.on.OpenLink
	l.OnRetry = func(key int64) { s.with(func(m *Model) { m.Retry(messageKey(key)) }) }
	l.OnDelete = func(key int64) { s.with(func(m *Model) { m.Withdraw(messageKey(key)) }) }
	l.OnCopied = func() { s.on.Notify("Copied") }
	l.OnTyped = func(r rune) {
		s.composer.Focus()
		s.composer.TypeRune(r)
	}
	l.OnEscape = s.escape
	l.OnShortcut = s.on.Shortcut
	s.list = l
}

// The list counts its keys as signed numbers; both conversions keep every bit.
func itemKey(key uint64) int64    { return int64(key) }
func messageKey(key int64) uint64 { return uint64(key) }

// Object is what to put into the window.
func (s *Screen) Object() fyne.CanvasObject { return s.root }

// Model is the open conversation, nil when there is none.
func (s *Screen) Model() *Model { return s.model }

// Open shows a conversation in place of the one before, which must have been left. cfg.Changed is called beside the screen's own
// work. The messages are there when it returns.
func (s *Screen) Open(cfg Config) {
	changed := cfg.Changed
	cfg.Changed = func() {
		s.changed()
		changed()
	}
	s.model = NewModel(cfg)
	s.composer.SetPlaceholder(placeholder(s.model))
	s.composer.SetText(s.model.Draft())
	s.greeting.Set(s.greetingData())
	s.refresh()
}

func placeholder(m *Model) string {
	if m.Saved() {
		return "Write a note…"
	}
	return "Message " + m.Title() + "…"
}

// Leave closes the conversation; its draft is saved.
func (s *Screen) Leave() {
	if s.model != nil {
		s.model.Close()
		s.model = nil
	}
}

// Focus gives the keyboard to the composer, in the window that shows the screen. What is typed from then on arrives there, even
// before the first frame.
func (s *Screen) Focus(window fyne.Canvas) { s.composer.FocusIn(window) }

// ShowBack shows or hides the arrow back to the list.
func (s *Screen) ShowBack(visible bool) { s.header.ShowBack(visible) }

// Rename gives the open conversation another title.
func (s *Screen) Rename(title string) { s.with(func(m *Model) { m.Rename(title) }) }

// Refresh shows everything anew, for another day.
func (s *Screen) Refresh() { s.refresh() }

// SetBanner shows what is wrong over the messages; without words nothing is.
func (s *Screen) SetBanner(d widgets.BannerData) {
	s.banner.Set(d)
	if shown := d.Text != ""; shown != s.banner.Visible() {
		if shown {
			s.banner.Show()
		} else {
			s.banner.Hide()
		}
		s.root.Refresh()
	}
}

func (s *Screen) with(f func(*Model)) {
	if s.model != nil {
		f(s.model)
	}
}

func (s *Screen) send(text string) {
	if s.model != nil && s.model.Send(text) {
		s.composer.SetText("")
		s.refresh()
	}
}

func (s *Screen) escape() {
	if m := s.model; m != nil && (m.Below() > 0 || !s.list.AtEnd()) {
		m.JumpToEnd()
		return
	}
	s.on.Back()
}

func (s *Screen) viewed() {
	if s.model == nil {
		return
	}
	first, last := s.list.VisibleRange()
	s.list.SetBar(s.model.Place(messageKey(first), messageKey(last)))
	s.model.Viewed(messageKey(first), messageKey(last), s.list.AtEnd())
}

func (s *Screen) changed() {
	if !s.dirty {
		s.dirty = true
		s.ui.Post(s.refresh)
	}
}

func (s *Screen) refresh() {
	s.dirty = false
	m := s.model
	if m == nil {
		return
	}
	s.header.Set(widgets.HeaderData{
		Face:     widgets.Face{Key: m.FaceKey(), Name: m.Title(), Saved: m.Saved(), Robot: m.Echo()},
		Title:    m.Title(),
		Subtitle: m.Subtitle(),
	})
	s.list.SetHasNewer(!m.AtEnd())
	s.list.SetNewCount(m.Below())
	s.list.SetItems(s.items())
	switch v := m.TakeView(); v.Kind {
	case ViewEnd:
		s.list.ScrollToEnd()
	case ViewTop:
		s.list.ScrollToKey(itemKey(v.Key), widgets.AlignTop)
	case ViewMessage:
		s.list.ScrollToKey(itemKey(v.Key), widgets.AlignThird)
	case ViewKeep:
	}
	if empty := len(m.Messages()) == 0; empty != s.greeting.Visible() {
		if empty {
			s.greeting.Show()
		} else {
			s.greeting.Hide()
		}
	}
	s.viewed()
	if words := m.TakeNotice(); words != "" {
		s.on.Notify(words)
	}
}

// items makes what the list shows of the model's messages.
func (s *Screen) items() []widgets.MessageItem {
	rows := s.model.Messages()
	now := s.ui.Now()
	divider, dividerWords := s.model.Divider()
	list := make([]widgets.MessageItem, len(rows))
	var day time.Time // of the message before
	var dayWords string
	for i, m := range rows {
		if m.At.YearDay() != day.YearDay() || m.At.Year() != day.Year() {
			day, dayWords = m.At, DateWords(m.At, now)
		}
		list[i] = widgets.MessageItem{
			Key:   itemKey(m.Key()),
			Own:   m.Out,
			Text:  m.Text,
			At:    m.At.Unix(),
			Time:  m.At.Format("15:04"),
			Day:   dayWords,
			State: state(m),
		}
		if m.Failed() {
			list[i].FailedReason = Reason(m.Status)
		}
		if divider != 0 && m.Key() == divider {
			list[i].Divider = dividerWords
		}
	}
	return list
}

func state(m Message) widgets.MessageState {
	switch {
	case !m.Out:
		return widgets.StateNone
	case m.Failed():
		return widgets.StateFailed
	}
	switch m.Status {
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

// greetingData stands where the messages will be.
func (s *Screen) greetingData() widgets.EmptyData {
	m := s.model
	hello := func(text string) []widgets.Action {
		return []widgets.Action{{Text: text, Tapped: func() { s.send(text) }}}
	}
	switch {
	case m.Saved():
		return widgets.EmptyData{
			Icon: assets.IconBookmark, Text: "Keep notes here",
			Detail: "What you write reaches nobody but your own devices.",
		}
	case m.Echo():
		return widgets.EmptyData{
			Icon: assets.IconRobot, Text: "Write something to Echo",
			Detail:  "It answers with your own words, so you can see how messages are sent, delivered and read.",
			Actions: hello("Hello"),
		}
	default:
		return widgets.EmptyData{Icon: assets.IconChat, Text: "Say hello to " + m.Title(), Actions: hello("👋")}
	}
}

// messageMenu is what can be done with one message.
func (s *Screen) messageMenu(key int64, at fyne.Position) {
	c := fyne.CurrentApp().Driver().CanvasForObject(s.root)
	if s.model == nil || c == nil {
		return
	}
	m := s.model
	msg, ok := m.Message(messageKey(key))
	if !ok {
		return
	}
	text := msg.Text
	if marked := s.list.Selected(); marked != "" {
		text = marked
	}
	items := []*fyne.MenuItem{fyne.NewMenuItem("Copy", func() {
		s.on.Copy(text)
		s.on.Notify("Copied")
	})}
	switch {
	case msg.Waits():
		items = append(items, fyne.NewMenuItem("Cancel sending", func() { m.Withdraw(msg.Key()) }))
	case msg.Failed():
		items = append(items,
			fyne.NewMenuItem("Retry", func() { m.Retry(msg.Key()) }),
			fyne.NewMenuItem("Delete", func() { m.Withdraw(msg.Key()) }))
	}
	widget.ShowPopUpMenuAtPosition(fyne.NewMenu("", items...), c, at)
}
