package chat

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/widgets"
	"github.com/parley-chat/parley/widgets/messages"
)

// Callbacks are what the screen asks of the window around it.
type Callbacks struct {
	// Back goes back to the list, in a narrow window.
	Back func()
	// Notify shows a line for a moment.
	Notify func(words string)
	// Copy puts text on the clipboard.
	Copy func(text string)
	// OpenLink opens an address; OpenHidden shows it first, because the text has other words for it.
	OpenLink   func(address string)
	OpenHidden func(words, address string)
	// Menu shows the chat's menu at a position in the window.
	Menu func(at fyne.Position)
	// Call calls the other party of the chat.
	Call func(video bool)
	// Info shows the profile or group of the chat, Person the profile of a user.
	Info   func()
	Person func(address string)
	// Delete asks whether to delete so many messages here or, if can allows, recall them; then it calls do.
	Delete func(count int, can Actions, do func(everyone bool))
	// Forward asks which chats to forward messages to.
	Forward func(keys []uint64)
	// Report asks why a message is reported to the operator of the server.
	Report func(key uint64)
	// MessageInfo shows who received and who read a message.
	MessageInfo func(key uint64)
	// Picture returns the picture of a user or group, nil without one.
	Picture func(peer string, groupID uint32) *widgets.Picture
	// OpenFile opens a file, ShowFile shows it in its folder, SaveFile asks where to save a copy of it.
	OpenFile, ShowFile, SaveFile func(path string)
	// SaveFiles asks for a folder and saves copies of files there.
	SaveFiles func(paths []string)
	// View shows the picture of a message in the whole window.
	View func(key uint64)
	// Attach asks which files to send.
	Attach func()
	// CopyPicture puts a picture on the clipboard; nil where that is impossible.
	CopyPicture func(path string)
	// RecentEmoji returns the emoji used last, and EmojiUsed is called when one was chosen. Language is one like de, in
	// which emoji are found too.
	RecentEmoji func() []string
	EmojiUsed   func(emoji string)
	Language    string
	// Paste may handle a paste before the composer does; it reports whether it did.
	Paste func(*fyne.ShortcutPaste) bool
	// Later asks when to send a text, and keeps it until then; kept is called when that was done.
	Later func(text string, keep func(due time.Time) Later, kept func())
	// ShowLater lists what is to be sent later in the chat.
	ShowLater func()
	// AnswerRequest does something with the stranger who has written.
	AnswerRequest func(answer RequestAnswer)
	// TooLong is called with a pasted text that is too long for a message.
	TooLong func(text string)
	// Shortcut handles keys that the screen does not know; it reports whether it did.
	Shortcut func(fyne.Shortcut) bool
}

// Screen shows one chat at a time: header, banner, messages, composer.
type Screen struct {
	ui     Dispatcher
	window fyne.Canvas
	on     Callbacks
	model  *Model // nil when none is open
	dirty  bool

	header     *widgets.Header
	selectBar  *widgets.SelectBar    // in place of the header
	phones     []*widgets.IconButton // call the other party
	pinned     *widgets.PinnedBar
	banner     *widgets.Banner
	findBar    *widgets.FindBar
	list       *messages.List
	greeting   *widgets.EmptyState
	completion *completion
	waiting    *widgets.Banner // says what is to be sent later
	request    *widgets.Banner // asks what to do with a stranger
	composer   *widgets.Composer
	chooser    *chooser
	album      *album            // of the open chat
	player     *Player           // likewise
	covered    bool              // the window shows something else
	stickers   []sticker         // that were used last
	albums     map[uint64]uint64 // of messages that are shown together: the key of the last one
	root       *fyne.Container

	placeholder, refused string // what the composer shows
}

// NewScreen makes a screen without a chat, for the window with this canvas.
func NewScreen(ui Dispatcher, window fyne.Canvas, on Callbacks) *Screen {
	s := &Screen{ui: ui, window: window, on: on, albums: map[uint64]uint64{}}
	s.completion = newCompletion(s)
	s.buildHeader()
	s.buildSelectBar()
	s.pinned = widgets.NewPinnedBar()
	s.pinned.OnTapped = func() {
		s.with((*Model).ShowPinned)
		s.Focus()
	}
	s.pinned.OnUnpin = func() {
		s.with((*Model).unpinShown)
		s.Focus()
	}
	s.pinned.Hide()
	s.buildList()
	s.buildComposer()
	s.banner = widgets.NewBanner(widgets.BannerData{})
	s.banner.Hide()
	s.waiting = widgets.NewBanner(widgets.BannerData{})
	s.waiting.Hide()
	s.request = widgets.NewBanner(widgets.BannerData{})
	s.request.Hide()
	s.greeting = widgets.NewEmptyState(widgets.ColorChatBackground, widgets.EmptyData{})
	s.greeting.Hide()
	s.chooser = newChooser(s)
	s.root = widgets.NewColumn([]fyne.CanvasObject{s.header, s.selectBar, s.pinned, s.banner, s.findBar},
		container.NewStack(s.chooser, s.list, s.greeting), []fyne.CanvasObject{s.completion.list, s.waiting, s.request, s.composer})
	s.composer.OnResized = s.root.Refresh
	return s
}

func (s *Screen) buildHeader() {
	var menu *widgets.IconButton
	menu = widgets.NewIconButton(assets.IconMenu, tr.L("More"), func() {
		s.on.Menu(widgets.Below(menu))
	})
	search := widgets.NewIconButton(assets.IconSearch, tr.L("Search in the chat"), s.Find)
	voice := widgets.NewIconButton(assets.IconPhone, tr.X("Call", "verb"), func() { s.on.Call(false) })
	video := widgets.NewIconButton(assets.IconVideo, tr.L("Video call"), func() { s.on.Call(true) })
	s.phones = []*widgets.IconButton{voice, video}
	s.header = widgets.NewHeader(voice, video, search, menu)
	s.header.OnBack = s.on.Back
	s.header.OnTapped = s.on.Info
	s.findBar = widgets.NewFindBar()
	s.findBar.OnChanged = func(query string) { s.with(func(m *Model) { m.findText(query) }) }
	s.findBar.OnStep = func(direction int) { s.with(func(m *Model) { m.findStep(direction) }) }
	s.findBar.OnClose = func() {
		s.with((*Model).closeFind)
		s.Focus()
	}
	s.findBar.OnShortcut, s.findBar.OnFocus = s.on.Shortcut, s.window.Focus
	s.findBar.Hide()
}

func (s *Screen) buildList() {
	l := messages.NewList()
	l.OnViewChanged = s.viewed
	l.OnJumpEnd = func() { s.with((*Model).JumpToEnd) }
	l.OnBarDrag = func(position float64) { s.with(func(m *Model) { m.jumpToPlace(position) }) }
	l.OnMenu = s.messageMenu
	l.OnReact = s.showReactions
	l.OnReply = func(key int64) { s.reply(messageKey(key)) }
	l.OnQuoteTapped = func(key int64) { s.with(func(m *Model) { m.showQuoted(messageKey(key)) }) }
	l.OnReactionTapped = func(key int64, emoji string) { s.with(func(m *Model) { m.react(messageKey(key), emoji) }) }
	l.OnTicksTapped = func(key int64) { s.on.MessageInfo(messageKey(key)) }
	l.OnFileTapped = func(key int64) { s.tapFile(messageKey(key)) }
	l.OnRingTapped = func(key int64) { s.with(func(m *Model) { m.pressRing(messageKey(key)) }) }
	l.OnSoundTapped = func(key int64) { s.with(func(m *Model) { m.pressSound(messageKey(key)) }) }
	l.OnSoundSeek = func(key int64, part float32) {
		s.with(func(m *Model) { m.seekSound(messageKey(key), float64(part)) })
	}
	l.OnSoundSpeed = func(key int64) { s.with(func(m *Model) { m.speedSound(messageKey(key)) }) }
	l.OnMentionTapped = s.mentionTapped
	l.OnVote = func(key int64, option int) { s.with(func(m *Model) { m.vote(messageKey(key), option) }) }
	l.OnSenderTapped = s.senderTapped
	l.OnLink, l.OnHiddenLink = s.on.OpenLink, s.on.OpenHidden
	l.OnRetry = func(key int64) { s.with(func(m *Model) { m.retry(messageKey(key)) }) }
	l.OnDelete = func(key int64) { s.with(func(m *Model) { m.withdraw(messageKey(key)) }) }
	s.list = l
	s.buildListKeys()
}

// buildListKeys connects what of the list is not about one part of a message.
func (s *Screen) buildListKeys() {
	l := s.list
	l.OnMark = func(key int64, through bool) { s.mark(messageKey(key), through) }
	l.OnJumpMention = func() { s.with((*Model).JumpToMention) }
	l.OnCopied = func() { s.on.Notify(tr.L("Copied")) }
	l.OnTyped = func(r rune) {
		if s.composer.Focus() {
			s.composer.TypeRune(r)
		}
	}
	l.OnEscape, l.OnFocus = s.escape, s.window.Focus
	l.OnShortcut = func(k fyne.Shortcut) bool {
		if p, ok := k.(*fyne.ShortcutPaste); ok {
			s.Paste(p)
			return true
		}
		return s.on.Shortcut(k)
	}
}

func (s *Screen) buildComposer() {
	s.composer = widgets.NewComposer("")
	s.composer.OnSend = s.send
	s.composer.OnSendMenu = s.sendMenu
	s.composer.OnChanged = func(text string) {
		s.with(func(m *Model) {
			m.setDraft(text)
			m.followLink(text)
		})
		s.completion.follow(text)
	}
	s.composer.OnTyping = func() { s.with((*Model).typed) }
	s.composer.OnStripClose = func() { s.with((*Model).cancelStrip) }
	s.composer.OnPreviewClose = func() {
		s.with((*Model).dropPreview)
		s.Focus()
	}
	s.composer.OnUpInEmpty = func() { s.with(func(m *Model) { m.editLast() }) }
	s.composer.OnAttach = s.on.Attach
	s.composer.OnPaste = s.on.Paste
	s.composer.OnTooLong = s.on.TooLong
	s.composer.OnEmoji = s.showEmoji
	s.composer.OnCompletionKey = s.completion.key
	s.composer.OnEscape = s.escape
	s.composer.OnRecordEnd = s.endRecording
	s.composer.OnShortcut, s.composer.OnFocus = s.on.Shortcut, s.window.Focus
	s.composer.OnEnd = s.ShowEnd
	s.composer.OnPage = func(direction int) {
		if direction < 0 {
			s.list.PageUp()
		} else {
			s.list.PageDown()
		}
	}
}

// The list's keys are signed; both conversions keep every bit.
func itemKey(key uint64) int64    { return int64(key) }
func messageKey(key int64) uint64 { return uint64(key) }

// Object is what to put into the window.
func (s *Screen) Object() fyne.CanvasObject { return s.root }

// Model is the open chat, nil without one.
func (s *Screen) Model() *Model { return s.model }

// Open shows a chat in place of the one before, which must have been left. cfg.Changed is called in addition to the
// screen's own work. The messages are loaded when it returns.
func (s *Screen) Open(cfg Config) {
	changed := cfg.Changed
	cfg.Changed = func() {
		s.changed()
		changed()
	}
	s.album = newAlbum(cfg.Backend.LoadImage, s.ui, cfg.Logger, s.changed, s.scale)
	s.player = NewPlayer(cfg.Backend.LoadAnimation, s.ui, cfg.Logger, func(key uint64, frame *widgets.Photo) {
		s.list.SetFrame(itemKey(key), frame)
	}, s.changed)
	s.model = NewModel(cfg)
	s.chooser.drop()
	s.composer.OnRecord = nil
	if s.model.canRecord() {
		s.composer.OnRecord = s.Record
	}
	s.showPhones()
	s.composer.SetRecording(nil)
	s.composer.SetText(s.model.draftText())
	s.model.followLink(s.model.draftText())
	s.greeting.Set(s.greetingData())
	s.refresh()
}

// SetCallable sets whether the other party, or the group, of the open chat can be called.
func (s *Screen) SetCallable(callable bool) {
	if s.model != nil && s.model.cfg.Callable != callable {
		s.model.cfg.Callable = callable
		s.showPhones()
		s.changed()
	}
}

func (s *Screen) showPhones() {
	for _, b := range s.phones {
		b.Hidden = !s.model.cfg.Callable
	}
	s.header.Refresh()
}

// Leave closes the chat and saves its draft.
func (s *Screen) Leave() {
	if s.model != nil {
		s.model.close()
		s.model = nil
		s.album.end()
		s.player.End()
	}
	s.completion.close()
	s.chooser.drop()
}

// Focus focuses the composer, or the messages when nothing can be written. Text typed from then on arrives there, even
// before the first frame.
func (s *Screen) Focus() {
	if !s.composer.Focus() {
		s.list.FocusQuietly()
	}
}

// ShowEnd shows the oldest (-1) or the newest message (1).
func (s *Screen) ShowEnd(direction int) {
	if direction < 0 {
		s.with((*Model).JumpToStart)
	} else {
		s.with((*Model).JumpToEnd)
	}
}

// ShowBack shows or hides the arrow back to the list.
func (s *Screen) ShowBack(visible bool) { s.header.ShowBack(visible) }

// Refresh shows everything again: the day or pictures changed.
func (s *Screen) Refresh() { s.changed() }

// Find opens the search bar.
func (s *Screen) Find() {
	if s.model == nil {
		return
	}
	s.model.openFind()
	s.refresh()
	s.findBar.Focus()
}

// SetBanner shows a banner above the messages; without text there is none.
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
	if s.model.send(text) {
		s.composer.SetText("")
		s.completion.close()
	}
	s.refresh()
}

// Paste pastes into the composer, for keys pressed elsewhere.
func (s *Screen) Paste(p *fyne.ShortcutPaste) {
	if s.model != nil {
		s.composer.PasteFrom(p)
	}
}

// Insert inserts a text at the caret, as if pasted.
func (s *Screen) Insert(text string) { s.composer.Paste(text) }

// Record starts a voice message.
func (s *Screen) Record() { s.with((*Model).record) }

func (s *Screen) endRecording(send bool) {
	if send {
		s.with((*Model).sendRecording)
	} else {
		s.with((*Model).cancelRecording)
	}
}

// SendPlace sends a location.
func (s *Screen) SendPlace(l mesibo.Location) bool { return s.model != nil && s.model.sendPlace(l) }

// escape closes one layer: completion, recording, search, strip, preview. Then it scrolls to the end, and then leaves to the
// list.
func (s *Screen) escape() {
	m := s.model
	if m == nil || s.completion.close() {
		return
	}
	_, strip := m.strip()
	switch {
	case len(m.marking.rows) > 0:
		s.EndSelecting()
	case m.recording() != nil:
		m.cancelRecording()
	case m.findOpen():
		m.closeFind()
	case strip:
		m.cancelStrip()
	case m.preview.shown():
		m.dropPreview()
	case m.unreadBelow() > 0 || !s.list.AtEnd():
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
	s.list.SetBar(s.model.place(messageKey(first), messageKey(last)))
	s.album.want(s.model.hist.around(messageKey(first), messageKey(last), albumAhead))
	s.play(s.model.hist.around(messageKey(first), messageKey(last), 0))
	s.model.viewed(messageKey(first), messageKey(last), s.list.AtEnd())
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
	s.refreshSelection()
	pinned, shown := m.pinnedData()
	s.pinned.Set(pinned)
	s.setShown(s.pinned, shown)
	s.refreshComposer()
	s.refreshRequest()
	s.list.SetHasNewer(!m.atEnd())
	s.list.SetNewCount(m.unreadBelow())
	s.list.SetMentionCount(len(m.mentions))
	s.list.SetItems(s.items())
	s.list.SetFind(m.query())
	s.list.SetFlash(itemKey(s.shownKey(s.highlighted())))
	switch v := m.takeView(); v.Kind {
	case ViewEnd:
		s.list.ScrollToEnd()
	case ViewTop:
		s.list.ScrollToKey(itemKey(s.shownKey(v.Key)), messages.AlignTop)
	case ViewMessage:
		s.list.ScrollToKey(itemKey(s.shownKey(v.Key)), messages.AlignThird)
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
	if words := m.takeNotice(); words != "" {
		s.on.Notify(words)
	}
}

// highlighted is the chosen message, or the one that was jumped to.
func (s *Screen) highlighted() uint64 {
	if s.chooser.key != 0 {
		return s.chooser.key
	}
	return s.model.flashed()
}

func (s *Screen) refreshHeader() {
	m := s.model
	s.header.Set(widgets.HeaderData{
		Face: s.face(), Title: m.Title(), Subtitle: m.subtitle(), Active: m.othersType(),
	})
	s.setShown(s.findBar, m.findOpen())
	if m.findOpen() {
		if m.query() != s.findBar.Query() && s.findBar.Query() == "" {
			s.findBar.SetQuery(m.query())
		}
		s.findBar.SetCount(m.findCount())
	} else if s.findBar.Query() != "" {
		s.findBar.SetQuery("")
	}
}

func (s *Screen) face() widgets.Face {
	m := s.model
	f := widgets.Face{
		Key: m.faceKey(), Name: m.Title(), Saved: m.Saved(), Robot: m.echo(), Shield: m.isServer(), Group: m.GroupID() != 0,
	}
	if !m.Saved() && !m.echo() {
		f.Picture = s.on.Picture(m.Peer(), m.GroupID())
	}
	return f
}

func (s *Screen) refreshComposer() {
	m := s.model
	if text, ok := m.takeText(); ok {
		s.composer.SetText(text)
		m.followLink(text)
		s.Focus()
	}
	if s.composer.SetRecording(m.recording()) && (m.recording() != nil || s.writes()) {
		s.Focus()
	}
	if words := placeholder(m); words != s.placeholder {
		s.placeholder = words
		s.composer.SetPlaceholder(words)
	}
	if words := m.Refused(); words != s.refused {
		s.refused = words
		s.composer.SetRefused(words)
		s.root.Refresh()
		if s.writes() {
			s.Focus()
		}
	}
	var strip *widgets.Strip
	if d, ok := m.strip(); ok {
		strip = &widgets.Strip{Icon: assets.IconReply, Title: d.Title, Text: d.Text}
		if d.Edit {
			strip.Icon = assets.IconEdit
		}
	}
	if other(s.composer.Strip(), strip) {
		s.composer.SetStrip(strip)
		s.root.Refresh()
	}
	if page := m.previewStrip(); other(s.composer.Preview(), page) {
		s.composer.SetPreview(page)
		s.root.Refresh()
	}
}

// other reports whether two strips differ.
func other(a, b *widgets.Strip) bool { return (a == nil) != (b == nil) || a != nil && *a != *b }

// writes reports whether the composer has the keyboard, or gets it when what lies over the window is gone, or nothing
// has it.
func (s *Screen) writes() bool {
	f := s.window.Focused()
	return f == nil || s.composer.Holds(f) || s.window.Overlays().Top() != nil
}

func placeholder(m *Model) string {
	if m.Saved() {
		return tr.L("Write a note…")
	}
	return tr.L("Message {{.Name}}…", "Name", m.Title())
}

// scale is how many pixels a unit has.
func (s *Screen) scale() float32 {
	return s.window.Scale()
}
