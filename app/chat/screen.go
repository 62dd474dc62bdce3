package chat

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

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
	// Info shows who the conversation is with; Person somebody of a group.
	Info   func()
	Person func(address string)
	// Delete asks whether a message is deleted here only or for everyone, as far as that can be, and then calls do.
	Delete func(can Actions, do func(everyone bool))
	// Forward asks where a message should go as well.
	Forward func(key uint64)
	// MessageInfo shows who has a message and who read it.
	MessageInfo func(key uint64)
	// Picture finds the picture of a user or group, nil when there is none.
	Picture func(peer string, groupID uint32) *widgets.Picture
	// OpenFile opens a file of a message, ShowFile shows it in its folder, SaveFile asks where to save a copy of it.
	OpenFile, ShowFile, SaveFile func(path string)
	// View shows the picture of a message in the whole window.
	View func(key uint64)
	// Attach asks which files to send.
	Attach func()
	// CopyPicture puts a picture on the clipboard; nil where nothing can.
	CopyPicture func(path string)
	// Paste is asked about what is pasted, before the composer; true means that it was handled.
	Paste func(*fyne.ShortcutPaste) bool
	// TooLong is told of a pasted text that does not fit into a message.
	TooLong func(text string)
	// Shortcut is asked about keys that the screen does not know.
	Shortcut func(fyne.Shortcut) bool
}

// Screen shows one conversation at a time: header, banner, messages, composer.
type Screen struct {
	ui    Dispatcher
	on    Callbacks
	model *Model // nil when none is open
	dirty bool

	header     *widgets.Header
	banner     *widgets.Banner
	findBar    *widgets.FindBar
	list       *widgets.MessageList
	greeting   *widgets.EmptyState
	completion *completion
	composer   *widgets.Composer
	chooser    *chooser
	album      *album // of the open conversation
	root       *fyne.Container

	placeholder, refused string // what the composer was given last
}

// NewScreen makes a screen without a conversation.
func NewScreen(ui Dispatcher, on Callbacks) *Screen {
	s := &Screen{ui: ui, on: on}
	s.buildHeader()
	s.buildList()
	s.buildComposer()
	s.banner = widgets.NewBanner(widgets.BannerData{})
	s.banner.Hide()
	s.greeting = widgets.NewEmptyState(widgets.ColorChatBackground, widgets.EmptyData{})
	s.greeting.Hide()
	s.chooser = newChooser(s)
	s.completion = newCompletion(s)
	s.root = widgets.NewColumn([]fyne.CanvasObject{s.header, s.banner, s.findBar},
		container.NewStack(s.chooser, s.list, s.greeting), []fyne.CanvasObject{s.completion.object, s.composer})
	s.composer.OnResized = s.root.Refresh
	return s
}

func (s *Screen) buildHeader() {
	var menu *widgets.IconButton
	menu = widgets.NewIconButton(assets.IconMenu, func() {
		at := fyne.CurrentApp().Driver().AbsolutePositionForObject(menu)
		s.on.Menu(at.AddXY(0, menu.Size().Height))
	})
	search := widgets.NewIconButton(assets.IconSearch, s.Find)
	s.header = widgets.NewHeader(search, menu)
	s.header.OnBack = s.on.Back
	s.header.OnTapped = s.on.Info
	s.findBar = widgets.NewFindBar()
	s.findBar.OnChanged = func(query string) { s.with(func(m *Model) { m.Find(query) }) }
	s.findBar.OnStep = func(direction int) { s.with(func(m *Model) { m.FindStep(direction) }) }
	s.findBar.OnClose = func() {
		s.with((*Model).CloseFind)
		s.composer.Focus()
	}
	s.findBar.OnShortcut = s.on.Shortcut
	s.findBar.Hide()
}

func (s *Screen) buildList() {
	l := widgets.NewMessageList()
	l.OnViewChanged = s.viewed
	l.OnJumpEnd = func() { s.with((*Model).JumpToEnd) }
	l.OnBarDrag = func(position float64) { s.with(func(m *Model) { m.JumpToPlace(position) }) }
	l.OnMenu = s.messageMenu
	l.OnReact = s.showReactions
	l.OnReply = func(key int64) { s.reply(messageKey(key)) }
	l.OnQuoteTapped = func(key int64) { s.with(func(m *Model) { m.ShowQuoted(messageKey(key)) }) }
	l.OnReactionTapped = func(key int64, emoji string) { s.with(func(m *Model) { m.React(messageKey(key), emoji) }) }
	l.OnTicksTapped = func(key int64) { s.on.MessageInfo(messageKey(key)) }
	l.OnFileTapped = func(key int64) { s.openFile(messageKey(key)) }
	l.OnRingTapped = func(key int64) { s.with(func(m *Model) { m.PressRing(messageKey(key)) }) }
	l.OnSoundTapped = func(key int64) { s.with(func(m *Model) { m.PressSound(messageKey(key)) }) }
	l.OnSoundSeek = func(key int64, part float32) {
		s.with(func(m *Model) { m.SeekSound(messageKey(key), float64(part)) })
	}
	l.OnSoundSpeed = func(key int64) { s.with(func(m *Model) { m.SpeedSound(messageKey(key)) }) }
	l.OnPlaceTapped = func(key int64) { s.openPlace(messageKey(key)) }
	l.OnMentionTapped = s.mentionTapped
	l.OnSenderTapped = s.senderTapped
	l.OnLink = s.on.OpenLink
	l.OnRetry = func(key int64) { s.with(func(m *Model) { m.Retry(messageKey(key)) }) }
	l.OnDelete = func(key int64) { s.with(func(m *Model) { m.Withdraw(messageKey(key)) }) }
	l.OnCopied = func() { s.on.Notify("Copied") }
	l.OnTyped = func(r rune) {
		s.composer.Focus()
		s.composer.TypeRune(r)
	}
	l.OnEscape = s.escape
	l.OnShortcut = func(k fyne.Shortcut) bool {
		if p, ok := k.(*fyne.ShortcutPaste); ok {
			s.Paste(p)
			return true
		}
		return s.on.Shortcut(k)
	}
	s.list = l
}

func (s *Screen) buildComposer() {
	s.composer = widgets.NewComposer("")
	s.composer.OnSend = s.send
	s.composer.OnChanged = func(text string) {
		s.with(func(m *Model) { m.SetDraft(text) })
		s.completion.follow(text)
	}
	s.composer.OnTyping = func() { s.with((*Model).Typed) }
	s.composer.OnStripClose = func() { s.with((*Model).CancelStrip) }
	s.composer.OnUpInEmpty = func() { s.with(func(m *Model) { m.EditLast() }) }
	s.composer.OnAttach = s.on.Attach
	s.composer.OnPaste = s.on.Paste
	s.composer.OnTooLong = s.on.TooLong
	s.composer.OnEmoji = s.showEmoji
	s.composer.OnEscape = s.escape
	s.composer.OnRecordEnd = s.endRecording
	s.composer.OnShortcut = s.on.Shortcut
	s.composer.OnPage = func(direction int) {
		if direction < 0 {
			s.list.PageUp()
		} else {
			s.list.PageDown()
		}
	}
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
	s.album = newAlbum(cfg.Backend.LoadImage, s.ui, cfg.Logger, s.changed, s.scale)
	s.model = NewModel(cfg)
	s.chooser.drop()
	s.composer.OnRecord = nil
	if s.model.Records() {
		s.composer.OnRecord = s.Record
	}
	s.composer.SetRecording(nil)
	s.composer.SetText(s.model.Draft())
	s.greeting.Set(s.greetingData())
	s.refresh()
}

// Leave closes the conversation; its draft is saved.
func (s *Screen) Leave() {
	if s.model != nil {
		s.model.Close()
		s.model = nil
		s.album.end()
	}
	s.completion.close()
	s.chooser.drop()
}

// Focus gives the keyboard to the composer, in the window that shows the screen. What is typed from then on arrives there, even
// before the first frame.
func (s *Screen) Focus(window fyne.Canvas) { s.composer.FocusIn(window) }

// ShowBack shows or hides the arrow back to the list.
func (s *Screen) ShowBack(visible bool) { s.header.ShowBack(visible) }

// Refresh shows everything anew, for another day, or when pictures came.
func (s *Screen) Refresh() { s.changed() }

// Find opens the bar that searches the conversation.
func (s *Screen) Find() {
	if s.model == nil {
		return
	}
	s.model.OpenFind()
	s.refresh()
	s.findBar.Focus()
}

// SetBanner shows what is wrong over the messages; without words nothing is.
func (s *Screen) SetBanner(d widgets.BannerData) {
	s.banner.Set(d)
	s.setShown(s.banner, d.Text != "")
}

// setShown shows or hides a part of the column.
func (s *Screen) setShown(o fyne.CanvasObject, shown bool) {
	if shown == o.Visible() {
		return
	}
	if shown {
		o.Show()
	} else {
		o.Hide()
	}
	s.root.Refresh()
}

func (s *Screen) with(f func(*Model)) {
	if s.model != nil {
		f(s.model)
	}
}

func (s *Screen) send(text string) {
	if s.model == nil || s.completion.choose() {
		return
	}
	if s.model.Send(text) {
		s.composer.SetText("")
		s.completion.close()
	}
	s.refresh()
}

// Paste pastes into the composer, for keys that were pressed elsewhere.
func (s *Screen) Paste(p *fyne.ShortcutPaste) {
	if s.model != nil {
		s.composer.PasteFrom(p)
	}
}

// Insert writes a text where the caret is, as if it was pasted.
func (s *Screen) Insert(text string) { s.composer.Paste(text) }

// Record begins a voice note.
func (s *Screen) Record() { s.with((*Model).Record) }

func (s *Screen) endRecording(send bool) {
	if send {
		s.with((*Model).SendRecording)
	} else {
		s.with((*Model).CancelRecording)
	}
}

// SendPlace sends a location.
func (s *Screen) SendPlace(l mesibo.Location) bool { return s.model != nil && s.model.SendPlace(l) }

// escape closes one layer: completion, recording, search, strip; then it goes to the end, and back to the list.
func (s *Screen) escape() {
	m := s.model
	if m == nil || s.completion.close() {
		return
	}
	_, strip := m.Strip()
	switch {
	case m.Recording() != nil:
		m.CancelRecording()
	case m.FindOpen():
		m.CloseFind()
	case strip:
		m.CancelStrip()
	case m.Below() > 0 || !s.list.AtEnd():
		m.JumpToEnd()
	default:
		s.on.Back()
	}
}

func (s *Screen) viewed() {
	if s.model == nil {
		return
	}
	first, last := s.list.VisibleRange()
	s.list.SetBar(s.model.Place(messageKey(first), messageKey(last)))
	s.album.want(s.model.hist.around(messageKey(first), messageKey(last), albumAhead))
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
	s.refreshHeader()
	s.refreshComposer()
	s.list.SetHasNewer(!m.AtEnd())
	s.list.SetNewCount(m.Below())
	s.list.SetItems(s.items())
	s.list.SetFind(m.FindText())
	s.list.SetFlash(itemKey(s.lit()))
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

// lit is the message that is lit up: the one the keys are for, or the one that was jumped to.
func (s *Screen) lit() uint64 {
	if s.chooser.key != 0 {
		return s.chooser.key
	}
	return s.model.Flash()
}

func (s *Screen) refreshHeader() {
	m := s.model
	s.header.Set(widgets.HeaderData{
		Face: s.face(), Title: m.Title(), Subtitle: m.Subtitle(), Active: m.OthersType(),
	})
	s.setShown(s.findBar, m.FindOpen())
	if m.FindOpen() {
		if m.FindText() != s.findBar.Query() && s.findBar.Query() == "" {
			s.findBar.SetQuery(m.FindText())
		}
		s.findBar.SetCount(m.FindCount())
	} else if s.findBar.Query() != "" {
		s.findBar.SetQuery("")
	}
}

func (s *Screen) face() widgets.Face {
	m := s.model
	f := widgets.Face{Key: m.FaceKey(), Name: m.Title(), Saved: m.Saved(), Robot: m.Echo(), Group: m.GroupID() != 0}
	if !m.Saved() && !m.Echo() {
		f.Picture = s.on.Picture(m.Peer(), m.GroupID())
	}
	return f
}

func (s *Screen) refreshComposer() {
	m := s.model
	if text, ok := m.TakeText(); ok {
		s.composer.SetText(text)
		s.composer.Focus()
	}
	s.composer.SetRecording(m.Recording())
	if words := placeholder(m); words != s.placeholder {
		s.placeholder = words
		s.composer.SetPlaceholder(words)
	}
	if words := m.Refused(); words != s.refused {
		s.refused = words
		s.composer.SetRefused(words)
		s.root.Refresh()
	}
	var strip *widgets.Strip
	if d, ok := m.Strip(); ok {
		strip = &widgets.Strip{Icon: assets.IconReply, Title: d.Title, Text: d.Text}
		if d.Edit {
			strip.Icon = assets.IconEdit
		}
	}
	if now := s.composer.Strip(); (now == nil) != (strip == nil) || now != nil && *now != *strip {
		s.composer.SetStrip(strip)
		s.root.Refresh()
	}
}

func placeholder(m *Model) string {
	if m.Saved() {
		return "Write a note…"
	}
	return "Message " + m.Title() + "…"
}

// scale is how many pixels of the screen a unit has.
func (s *Screen) scale() float32 {
	if c := s.canvas(); c != nil {
		return c.Scale()
	}
	return 1
}
