package chat

import (
	"context"
	"log/slog"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"github.com/parley-chat/parley/app/format"
	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/widgets"
)

// SharedKind is a kind of what was shared in a chat.
type SharedKind int

// The kinds, in the order of their buttons.
const (
	SharedPhotos SharedKind = iota // pictures and videos
	SharedFiles
	SharedLinks
	SharedVoice // voice messages and music
	sharedKinds
)

func (k SharedKind) words() (button, none string) {
	switch k {
	case SharedPhotos:
		return tr.L("Photos"), tr.L("No photos and videos yet")
	case SharedFiles:
		return tr.L("Files"), tr.L("No files yet")
	case SharedLinks:
		return tr.L("Links"), tr.L("No links yet")
	case SharedVoice, sharedKinds:
	}
	return tr.X("Voice", "messages"), tr.L("No voice messages yet")
}

// sharedMost is how many messages are looked at.
const sharedMost = 5000

// SharedConfig is what a Shared is made of.
type SharedConfig struct {
	Backend    Backend
	Dispatcher Dispatcher
	Window     fyne.Canvas
	Peer       string
	GroupID    uint32
	Logger     *slog.Logger
	Name       func(address string) string // of a user
	Title      string                      // of the chat
	// View shows a picture that is here, Open opens a file that is here, OpenLink an address.
	View     func(key uint64)
	Open     func(path string)
	OpenLink func(address string)
	// Menu offers what can be done with a message.
	Menu func(msg Message, at fyne.Position)
	// Show shows a message in its chat.
	Show func(mid uint64)
	// Close is called for the Escape key.
	Close func()
}

// Shared is what was shared in a chat: pictures, files, links and voice messages, newest first.
type Shared struct {
	cfg     SharedConfig
	kind    SharedKind
	found   [sharedKinds][]sharedEntry
	loaded  bool
	album   *album
	list    *widgets.SharedList
	none    *widgets.EmptyState
	buttons [sharedKinds]*widgets.ActionButton
	root    *fyne.Container
}

// sharedEntry is a message with a file, or with a link.
type sharedEntry struct {
	msg  Message
	link string
}

// NewShared makes it and starts to look for what was shared.
func NewShared(cfg SharedConfig) *Shared {
	s := &Shared{cfg: cfg, list: widgets.NewSharedList()}
	s.album = newAlbum(cfg.Backend.LoadImage, cfg.Dispatcher, cfg.Logger, s.showPhotos, cfg.Window.Scale)
	s.list.OnChosen, s.list.OnMenu, s.list.OnEscape = s.choose, s.menu, cfg.Close
	s.list.OnVisible = s.visible
	s.none = widgets.NewEmptyState(widgets.ColorChatPane, widgets.EmptyData{})
	bar := widgets.NewHBox()
	for kind := range sharedKinds {
		s.buttons[kind] = widgets.NewActionButton(widgets.Action{})
		s.buttons[kind].OnEscape = cfg.Close
		bar.Add(s.buttons[kind])
	}
	s.root = container.NewBorder(bar, nil, nil, nil, container.NewStack(s.list, s.none))
	s.refresh()
	s.load()
	return s
}

// Object is what to put on a sheet.
func (s *Shared) Object() fyne.CanvasObject { return s.root }

// Input is what gets the keyboard.
func (s *Shared) Input() fyne.Focusable { return s.list }

// End drops the pictures.
func (s *Shared) End() { s.album.end() }

func (s *Shared) load() {
	var files, texts []Message
	var err, linkErr error
	s.cfg.Dispatcher.Async(func(context.Context) {
		files, err = s.cfg.Backend.ReadShared(s.cfg.Peer, s.cfg.GroupID, sharedMost)
		texts, linkErr = s.cfg.Backend.ReadLinks(s.cfg.Peer, s.cfg.GroupID, sharedMost)
	}, func() {
		for _, e := range []error{err, linkErr} {
			if e != nil {
				s.cfg.Logger.Warn("shared messages not read", slog.Any("error", e))
			}
		}
		s.sort(files, texts)
		s.loaded = true
		for s.kind < sharedKinds-1 && len(s.found[s.kind]) == 0 {
			s.kind++
		}
		if len(s.found[s.kind]) == 0 {
			s.kind = SharedPhotos
		}
		s.refresh()
	})
}

func (s *Shared) sort(files, texts []Message) {
	for _, msg := range files {
		if msg.File == nil || msg.Deleted {
			continue
		}
		kind := SharedFiles
		if t := msg.File.Type; t == mesibo.FileTypeImage || t == mesibo.FileTypeVideo {
			kind = SharedPhotos
		} else if t == mesibo.FileTypeAudio {
			kind = SharedVoice
		}
		s.found[kind] = append(s.found[kind], sharedEntry{msg: msg})
	}
	for _, msg := range texts {
		for _, link := range widgets.WebLinks(msg.Text) {
			s.found[SharedLinks] = append(s.found[SharedLinks], sharedEntry{msg: msg, link: link})
		}
	}
}

func (s *Shared) refresh() {
	for kind, b := range s.buttons {
		words, _ := SharedKind(kind).words()
		if n := len(s.found[kind]); n > 0 {
			words = words + " " + strconv.Itoa(n)
		}
		b.SetAction(widgets.Action{Text: words, Primary: s.kind == SharedKind(kind), Tapped: func() {
			s.kind = SharedKind(kind)
			s.refresh()
			s.cfg.Window.Focus(s.list)
		}})
	}
	entries := s.found[s.kind]
	items := make([]widgets.SharedItem, len(entries))
	for i, e := range entries {
		items[i] = s.item(e)
	}
	_, none := s.kind.words()
	if !s.loaded {
		none = tr.L("Looking for what was shared…")
	}
	s.none.Set(widgets.EmptyData{Icon: assets.IconImage, Text: none})
	s.none.Hidden = len(items) > 0
	s.list.SetItems(items, s.kind == SharedPhotos)
	s.root.Refresh()
}

func (s *Shared) item(e sharedEntry) widgets.SharedItem {
	now := s.cfg.Dispatcher.Now()
	from := s.Author(e.msg) + ", " + format.Date(e.msg.At, now)
	if e.link != "" {
		host := e.link
		if u, err := url.Parse(e.link); err == nil {
			host = u.Host
		}
		return widgets.SharedItem{
			Title: strings.TrimPrefix(host, "www."), Detail: e.link, Icon: assets.IconLink,
		}
	}
	f := e.msg.File
	it := widgets.SharedItem{
		Title: orElse(f.Title, tr.L("File")), Detail: fileSize(f) + " · " + from,
		Icon: iconOf(f.Type), Photo: s.album.get(e.msg.Key()),
	}
	switch {
	case f.Type == mesibo.FileTypeVideo:
		it.Icon, it.Label = assets.IconVideo, tr.L("Video")
		if f.Duration > 0 {
			it.Label = clockWords(f.Duration)
		}
	case f.Type == mesibo.FileTypeAudio && f.Duration > 0:
		it.Icon, it.Detail = assets.IconPlay, clockWords(f.Duration)+" · "+from
	case f.Type == mesibo.FileTypeAudio:
		it.Icon = assets.IconPlay
	}
	return it
}

// Author is who wrote a message.
func (s *Shared) Author(msg Message) string {
	switch {
	case msg.Out:
		return tr.L("You")
	case msg.Sender != "":
		return s.cfg.Name(msg.Sender)
	case msg.Stranger() != "":
		return msg.Stranger()
	default:
		return s.cfg.Title
	}
}

// visible loads the pictures in view.
func (s *Shared) visible(first, end int) {
	entries := s.found[s.kind]
	rows := make([]Message, 0, end-first)
	for _, e := range entries[min(first, len(entries)):min(end, len(entries))] {
		rows = append(rows, e.msg)
	}
	s.album.want(rows)
}

func (s *Shared) showPhotos() {
	for i, e := range s.found[s.kind] {
		if p := s.album.get(e.msg.Key()); p != nil {
			s.list.SetPhoto(i, p)
		}
	}
}

func (s *Shared) choose(i int) {
	e := s.found[s.kind][i]
	path, here := e.msg.HasFile()
	switch {
	case e.link != "":
		s.cfg.OpenLink(e.link)
	case here && e.msg.Pictured():
		s.cfg.View(e.msg.Key())
	case here:
		s.cfg.Open(path)
	default: // it can be downloaded there
		s.cfg.Show(e.msg.Mid)
	}
}

func (s *Shared) menu(i int, at fyne.Position) {
	if e := s.found[s.kind][i]; s.cfg.Menu != nil {
		s.cfg.Menu(e.msg, at)
	}
}

// Messages are the pictures, oldest first.
func (s *Shared) Messages() []Message {
	rows := make([]Message, 0, len(s.found[SharedPhotos]))
	for _, e := range slices.Backward(s.found[SharedPhotos]) {
		rows = append(rows, e.msg)
	}
	return rows
}

// Message finds a picture by its key.
func (s *Shared) Message(key uint64) (Message, bool) {
	for _, e := range s.found[SharedPhotos] {
		if e.msg.Key() == key {
			return e.msg, true
		}
	}
	return Message{}, false
}

// Hidden reports whether a message is not shown: none is.
func (s *Shared) Hidden(uint64) bool { return false }

// Photo is a picture as far as it is loaded.
func (s *Shared) Photo(key uint64) *widgets.Photo { return s.album.get(key) }
