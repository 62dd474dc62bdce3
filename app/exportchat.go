package app

import (
	"context"
	"errors"
	"path/filepath"
	"strconv"
	"time"

	"github.com/parley-chat/parley/app/chat"
	"github.com/parley-chat/parley/app/contacts"
	"github.com/parley-chat/parley/app/export"
	"github.com/parley-chat/parley/internal/tr"
)

const exportPage = 500 // messages that are read at once

// exporting is the export of one chat. Pages are read and written on other goroutines; between, they are put into words
// on that of the user interface, which knows the names.
type exporting struct {
	home   *home
	model  *chat.Model // words of notices
	id     contacts.ID
	writer *export.Writer
	folder string
	*progress
}

// askExport asks for a folder and exports the open chat.
func (h *home) askExport() {
	m, id := h.chat.Model(), h.current()
	if m == nil || id.IsZero() {
		return
	}
	h.app.chooseFolder(func(folder string) {
		if folder == "" {
			return
		}
		name := m.Title() + " " + h.app.cfg.UI.Now().Format(time.DateOnly)
		e := &exporting{home: h, model: m, id: id, folder: freeName(folder, fileWords(name))}
		e.start()
	})
}

// exportShown exports the chat that the panel is about.
func (h *home) exportShown() {
	if id := h.infoID(); id != h.current() {
		h.open(id, true)
	}
	h.askExport()
}

func (e *exporting) start() {
	a := e.home.app
	e.progress = a.showProgress(tr.L("Exporting…"), tr.L("You can go on chatting meanwhile."))
	c := export.Chat{
		Title: e.model.Title(), Address: e.id.Peer, Group: e.id.Group, Time: a.cfg.UI.Now(),
		Own: e.person(e.home.contacts.Model().Self()),
	}
	e.work(func() (err error) {
		e.writer, err = export.Create(e.folder, c)
		return err
	}, func() { e.read(0) })
}

// work works on another goroutine, then calls done. What fails, is cancelled, or meets the end of the program leaves
// nothing behind.
func (e *exporting) work(work func() error, done func()) {
	var err error
	e.home.app.cfg.UI.Async(func(ctx context.Context) {
		defer context.AfterFunc(ctx, e.cancel)()
		err = errors.Join(work(), e.ctx.Err())
		if err != nil && e.writer != nil {
			err = errors.Join(err, e.writer.Discard())
		}
	}, func() {
		if err != nil {
			e.failed(err)
			return
		}
		done()
	})
}

// read reads the page after a message, and goes on with it.
func (e *exporting) read(after uint64) {
	h := e.home
	var page []chat.Message
	e.work(func() (err error) {
		page, err = h.session.Client.ReadPage(chat.Query{
			Peer: e.id.Peer, GroupID: e.id.Group, Dir: chat.Newer, Mid: after, Count: exportPage,
		})
		return err
	}, func() { e.write(page) })
}

func (e *exporting) write(page []chat.Message) {
	list := make([]export.Message, len(page))
	for i, m := range page {
		list[i] = e.convert(m)
	}
	last := len(page) < exportPage
	e.work(func() error {
		if err := e.writer.Add(e.ctx, list); err != nil {
			return err
		}
		if last && e.ctx.Err() == nil {
			return e.writer.Close()
		}
		return nil
	}, func() {
		if last {
			e.end()
			e.home.app.notify(tr.N("{{.N}} message exported to {{.Folder}}.", "{{.N}} messages exported to {{.Folder}}.",
				e.writer.Count(), "Folder", filepath.Base(e.folder)))
			return
		}
		e.say(tr.N("{{.N}} message", "{{.N}} messages", e.writer.Count()))
		e.read(page[len(page)-1].Mid)
	})
}

func (e *exporting) failed(err error) {
	a := e.home.app
	e.end()
	if errors.Is(err, context.Canceled) {
		a.notify(tr.L("Nothing was exported: it was cancelled."))
		return
	}
	a.cfg.Logger.Warn("chat not exported", errorAttr(err))
	a.notify(tr.L("Nothing was exported.") + " " + Explain(err))
}

// person is a user under the name that the window shows, also this one.
func (e *exporting) person(address string) export.Person {
	id := contacts.ID{Peer: address}
	if id.Is(contacts.ID{Peer: e.home.contacts.Model().Self()}) {
		return export.Person{Address: address, Name: e.home.ownName()}
	}
	return export.Person{Address: address, Name: e.home.name(address)}
}

// author is who wrote a message.
func (e *exporting) author(m chat.Message) export.Person {
	switch {
	case m.Out:
		return e.person(e.home.contacts.Model().Self())
	case m.Sender != "":
		return e.person(m.Sender)
	case m.Stranger() != "":
		return export.Person{Name: m.Stranger()}
	default:
		return e.person(e.id.Peer)
	}
}

func messageID(mid uint64) string {
	if mid == 0 {
		return ""
	}
	return strconv.FormatUint(mid, 10)
}

// convert puts a message into words.
func (e *exporting) convert(m chat.Message) export.Message {
	out := export.Message{
		ID: messageID(m.Mid), Kind: export.KindMessage, Time: m.At, From: e.author(m), Own: m.Out, Text: m.Text,
		RefID: messageID(m.RefID), Edited: m.Edited, Deleted: m.Deleted, Forwarded: m.Forwarded,
		Unsent: m.Waits() || m.Failed(),
	}
	if m.Origin != "" {
		origin := e.person(m.Origin)
		out.Origin = &origin
	}
	if m.Imported != nil && m.Imported.Origin != "" {
		out.Origin = &export.Person{Name: m.Imported.Origin}
	}
	switch {
	case m.Call != nil:
		out.Kind, out.Text = export.KindCall, m.Call.What
		if m.Call.How != "" {
			out.Text += ", " + m.Call.How
		}
		return out
	case m.Change != nil, m.Pin != nil, m.Stay != nil:
		out.Kind, out.Text = export.KindNotice, e.model.NoticeText(m)
		return out
	}
	if m.Poll != nil {
		out.Text, out.Poll = "", e.poll(m)
	} else {
		for _, r := range m.Reactions {
			out.Reactions = append(out.Reactions, export.Reaction{Emoji: r.Emoji, From: e.person(r.Address)})
		}
	}
	if f := m.File; f != nil && !m.Deleted {
		out.File = &export.File{Name: f.Title, Size: f.Size, MIME: f.MimeType}
		if path, here := m.HasFile(); here {
			out.File.Source = path
			if out.File.Name == "" {
				out.File.Name = filepath.Base(path)
			}
		}
	}
	out.Page, out.Place = pageOf(m), placeOf(m)
	return out
}

// pageOf is the page that a message links to, nil for none.
func pageOf(m chat.Message) *export.Page {
	l := m.Page()
	if l == nil {
		return nil
	}
	return &export.Page{URL: l.URL, Title: l.Title, Description: l.Description, Site: l.Site}
}

// placeOf is the place that a message carries, nil for none.
func placeOf(m chat.Message) *export.Place {
	p := m.Place
	if p == nil {
		return nil
	}
	return &export.Place{Lat: p.Lat, Lon: p.Lon, Title: p.Title, Address: p.Message}
}

// poll is a poll with its votes, which are reactions with the number of an option.
func (e *exporting) poll(m chat.Message) *export.Poll {
	p := &export.Poll{Question: m.Poll.Question}
	for i, words := range m.Poll.Options {
		option := export.Option{Text: words}
		for _, r := range m.Reactions {
			if r.Emoji == strconv.Itoa(i+1) {
				option.Votes = append(option.Votes, e.person(r.Address))
			}
		}
		p.Options = append(p.Options, option)
	}
	return p
}
