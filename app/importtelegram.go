package app

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/parley-chat/parley/app/contacts"
	"github.com/parley-chat/parley/app/telegram"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/mesibo"
)

// telegramChat is a chat of an export of Telegram, and where it goes.
type telegramChat struct {
	telegram.Chat

	title string
	to    contacts.ID // the zero ID: it is not imported
}

// telegramCount is what an import has done so far.
type telegramCount struct {
	mesibo.ImportResult

	refused int // messages that could not be stored
	chats   map[contacts.ID]bool
}

// telegramImport imports chats of an export. What is in it is used on another goroutine while run works.
type telegramImport struct {
	home   *home
	export *telegram.Export
	chats  []*telegramChat
	own    string // the ID of this user where the export does not say
	done   telegramCount
}

// askTelegram lets the user choose the folder of an export, and shows what is in it.
func (h *home) askTelegram() {
	a := h.app
	a.chooseFolder(func(folder string) {
		if folder == "" {
			a.backToStorage()
			return
		}
		h.readTelegram(folder)
	})
}

func (h *home) readTelegram(folder string) {
	i := &telegramImport{home: h}
	p := h.app.showProgress(tr.L("Reading the export…"), tr.L("You can go on chatting meanwhile."))
	var found []telegram.Chat
	p.run(func(ctx context.Context) (err error) {
		if i.export, err = telegram.Open(folder); err != nil {
			return err
		}
		size := i.export.Size()
		found, err = i.export.Chats(ctx, func(bytes int64) { p.report(bytes, size) })
		return err
	}, func(err error) {
		switch {
		case h.closed || errors.Is(err, context.Canceled):
			i.close()
			return
		case err == nil && len(found) == 0:
			err = telegram.ErrNoExport
		}
		if err != nil {
			i.close()
			h.app.cfg.Logger.Warn("export of Telegram not read", errorAttr(err))
			h.app.tell(tr.L("Nothing was imported"), explainTelegram(err))
			return
		}
		i.add(found)
		i.ask()
	})
}

func (i *telegramImport) close() {
	if i.export == nil {
		return
	}
	if err := i.export.Close(); err != nil {
		i.home.app.cfg.Logger.Debug("export of Telegram not closed", errorAttr(err))
	}
	i.export = nil
}

// add takes the chats of the export, each with the chat of the same name here.
func (i *telegramImport) add(found []telegram.Chat) {
	list := i.home.contacts.Model()
	for _, c := range found {
		t := &telegramChat{Chat: c, title: cmp.Or(c.Name, tr.L("Deleted account"))}
		if c.Type == telegram.TypeSaved {
			t.title, t.to = contacts.SavedTitle(), contacts.ID{Peer: list.Self()}
		} else if c.Name != "" {
			for _, place := range i.home.places() {
				id := contacts.ParseID(place.Key)
				if strings.EqualFold(place.Name, c.Name) && (id.Group != 0) != c.IsPersonal() {
					t.to = id
				}
			}
		}
		i.chats = append(i.chats, t)
	}
	for _, s := range i.senders() {
		if strings.EqualFold(s.Name, i.home.ownName()) {
			i.own = s.ID
		}
	}
}

// senders are those who may be this user, where the export does not say who is; the most diligent first.
func (i *telegramImport) senders() []telegram.Sender {
	const most = 20
	var list []telegram.Sender
	for _, c := range i.chats {
		if c.Own != "" || c.IsPersonal() {
			continue
		}
		for _, s := range c.Senders {
			if s.Name != "" && !slices.ContainsFunc(list, func(o telegram.Sender) bool { return o.ID == s.ID }) {
				list = append(list, s)
			}
		}
	}
	slices.SortStableFunc(list, func(a, b telegram.Sender) int { return cmp.Compare(b.Messages, a.Messages) })
	return list[:min(len(list), most)]
}

// run imports what was chosen.
func (i *telegramImport) run() {
	h := i.home
	p := h.app.showProgress(tr.L("Importing…"), tr.L("You can go on chatting meanwhile."))
	p.run(func(ctx context.Context) error {
		size := i.export.Size()
		return i.work(ctx, func(bytes int64) { p.report(bytes, size) })
	}, func(err error) {
		i.close()
		if h.closed {
			return
		}
		open := h.current()
		for id := range i.done.chats {
			h.updated(id)
			if open.Is(id) {
				h.enter(id, 0)
			}
		}
		i.tell(err)
	})
}

const importBatch = 250 // messages in one transaction

// work reads the export and stores its messages, on another goroutine.
func (i *telegramImport) work(ctx context.Context, progress telegram.Progress) error {
	i.done.chats = map[contacts.ID]bool{}
	var batch []mesibo.ImportedMessage
	var to contacts.ID
	flush := func() error {
		list := batch
		batch = batch[:0]
		return i.store(ctx, to, list)
	}
	err := i.export.Messages(ctx, func(c *telegram.Chat) bool { return i.chat(c) != nil }, progress,
		func(c *telegram.Chat, m *telegram.Message) error {
			chosen := i.chat(c)
			if len(batch) == importBatch || len(batch) > 0 && to != chosen.to {
				if err := flush(); err != nil {
					return err
				}
			}
			to = chosen.to
			batch = append(batch, i.convert(chosen, m))
			return nil
		})
	if err != nil {
		return err
	}
	return flush()
}

// chat is the chosen chat that is read, nil for one that is not imported.
func (i *telegramImport) chat(c *telegram.Chat) *telegramChat {
	for _, one := range i.chats {
		if one.ID == c.ID && one.Type == c.Type && !one.to.IsZero() {
			return one
		}
	}
	return nil
}

// store stores messages. What the SDK refuses, because the export claims what cannot be, is left out.
func (i *telegramImport) store(ctx context.Context, to contacts.ID, list []mesibo.ImportedMessage) error {
	if len(list) == 0 {
		return nil
	}
	done, err := i.home.session.Client.ImportMessages(ctx, to.Params(), list)
	switch {
	case err == nil:
		d := &i.done
		d.Added, d.Known, d.Files, d.Missing = d.Added+done.Added, d.Known+done.Known, d.Files+done.Files, d.Missing+done.Missing
		d.chats[to] = d.chats[to] || done.Added > 0
		return nil
	case ctx.Err() != nil || !errors.Is(err, mesibo.ResultBadRequest):
		return err
	case len(list) == 1:
		i.done.refused++
		i.home.app.cfg.Logger.Warn("message of Telegram not imported", errorAttr(err))
		return nil
	}
	half := len(list) / 2
	if err := i.store(ctx, to, list[:half]); err != nil {
		return err
	}
	return i.store(ctx, to, list[half:])
}

const longestImport = 60_000 // bytes of a text

// convert makes a message of Parley of one of Telegram.
func (i *telegramImport) convert(c *telegramChat, m *telegram.Message) mesibo.ImportedMessage {
	out := mesibo.ImportedMessage{
		Source: c.Source(m.ID), Own: c.IsOwn(m, cmp.Or(c.Own, i.own)), Time: m.Time, Edited: m.Edited, Forwarded: m.Forwarded,
		Origin: m.Origin, Text: m.Text,
	}
	if len(out.Text) > longestImport {
		out.Text = strings.ToValidUTF8(out.Text[:longestImport], "")
	}
	if m.ReplyTo != 0 {
		out.Answers = c.Source(m.ReplyTo)
	}
	self := i.home.contacts.Model().Self()
	switch {
	case out.Own:
	case c.IsPersonal() && c.to.Group == 0 && !c.to.Is(contacts.ID{Peer: self}):
		out.Address = c.to.Peer
	default:
		out.Author = cmp.Or(m.From, tr.L("Deleted account"))
	}
	if p := m.Place; p != nil {
		out.Location = &mesibo.Location{Lat: p.Lat, Lon: p.Lon, Title: p.Title, Message: p.Address}
	}
	if m.File != nil {
		out.File = i.file(m)
	}
	return out
}

// file makes a file of Parley of one of Telegram.
func (i *telegramImport) file(m *telegram.Message) *mesibo.ImportedFile {
	f := m.File
	out := &mesibo.ImportedFile{
		Open:  func() (fs.File, error) { return i.export.File(f.Path) },
		Title: cmp.Or(f.Name, path.Base(f.Path)), MimeType: f.MIME, Width: f.Width, Height: f.Height, Duration: f.Duration,
	}
	switch f.Kind {
	case telegram.KindPhoto:
		out.Type, out.Missing = mesibo.FileTypeImage, tr.L("Photo (not in the export)")
	case telegram.KindSticker:
		out.Missing = tr.L("Sticker (not in the export)")
	case telegram.KindVoice:
		out.Type, out.Missing = mesibo.FileTypeAudio, tr.L("Voice message (not in the export)")
		out.Title = "Voice message" + m.Time.Format(" 2006-01-02 15-04-05") + filepath.Ext(f.Path)
	case telegram.KindVideo, telegram.KindAnimation:
		out.Missing = tr.L("Video (not in the export)")
	case telegram.KindAudio:
		out.Type, out.Missing = mesibo.FileTypeAudio, tr.L("Sound (not in the export)")
	case telegram.KindDocument:
		out.Missing = tr.L("File (not in the export)")
		if f.Name != "" {
			out.Missing = tr.L("{{.File}} (not in the export)", "File", f.Name)
		}
	}
	return out
}
