package files

import (
	"context"
	"log/slog"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"

	"github.com/parley-chat/parley/app/format"
	"github.com/parley-chat/parley/app/sheet"
	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/widgets"
)

// sendSheet is the sheet with the files that are about to be sent.
type sendSheet struct {
	screen  *Screen
	chat    Chat
	files   []attachment
	list    *widgets.AttachmentList
	caption *widgets.Field
	total   *widgets.Words
	problem *widgets.Words
	warning fyne.CanvasObject // the problem as it is laid out; hidden without one

	pictures    *widgets.Check // pictures are sent as pictures
	explanation *widgets.Words
	choice      *fyne.Container // both; hidden without pictures
}

// showSendSheet replaces the sheet that is shown.
func (s *Screen) showSendSheet(c Chat, files []attachment, caption string) *sendSheet {
	small := func(ink fyne.ThemeColorName) *widgets.Words {
		return sheet.Wrap(sheet.NewRichText("", theme.SizeNameCaptionText, ink, false))
	}
	f := &sendSheet{
		screen: s, chat: c, files: files, list: widgets.NewAttachmentList(),
		caption: s.cfg.Sheet.NewField(tr.L("Caption")),
		total:   small(widgets.ColorSecondary), problem: small(widgets.ColorError), explanation: small(widgets.ColorSecondary),
	}
	f.pictures = widgets.NewCheck(tr.L("Compress pictures"), func(bool) { f.refresh() })
	f.pictures.Checked = true
	f.choice = container.New(layout.NewCustomPaddedVBoxLayout(0),
		widgets.NewCheckBox(f.pictures), sheet.Bare(f.explanation))
	f.warning = sheet.Bare(f.problem)
	f.list.OnRemove = f.remove
	f.list.OnMove = f.move
	f.caption.SetText(caption)
	f.caption.OnSubmitted = func(string) {
		if f.send() {
			s.cfg.Sheet.Close()
		}
	}
	f.refresh()
	title := tr.L("Send to {{.Chat}}", "Chat", c.Title())
	if c.Saved() {
		title = tr.L("Save files")
	}
	s.cfg.Sheet.Show(sheet.Content{
		Title: title, Verb: tr.L("Send"), Do: f.send, Focus: f.caption,
		Extra: &widgets.Action{Text: tr.L("Add…"), Tapped: s.Attach}, Shrinks: true,
		Body:   widgets.NewPile(8, 0, f.list, sheet.Bare(f.total), f.choice, f.caption, f.warning),
		Closed: func() { s.sheet = nil },
	})
	s.sheet = f
	return f
}

// move changes the order, which is also the order in which the files arrive.
func (f *sendSheet) move(i, by int) {
	if j := i + by; i >= 0 && j >= 0 && i < len(f.files) && j < len(f.files) {
		f.files[i], f.files[j] = f.files[j], f.files[i]
		f.refresh()
	}
}

// remove removes a file. Without any left, the sheet closes.
func (f *sendSheet) remove(i int) {
	if i < 0 || i >= len(f.files) {
		return
	}
	f.files = slices.Delete(f.files, i, i+1)
	if len(f.files) == 0 {
		f.screen.cfg.Sheet.Close()
		return
	}
	f.refresh()
}

// refresh shows the files and their total.
func (f *sendSheet) refresh() {
	items := make([]widgets.Attachment, len(f.files))
	size, good := int64(0), 0
	for i, a := range f.files {
		items[i] = widgets.Attachment{Name: a.name, Detail: format.Size(a.size), Photo: a.photo, Icon: assets.IconFile}
		if a.problem != "" {
			items[i].Detail, items[i].Alarm = a.problem, true
			continue
		}
		if a.size == 0 {
			items[i].Detail = format.Empty()
		}
		size += a.size
		good++
	}
	f.list.SetItems(items)
	parts := []string{tr.N("{{.N}} file", "{{.N}} files", good)}
	if size > 0 {
		parts = append(parts, tr.L("{{.Size}} in total", "Size", format.Size(size)))
	}
	if limit := f.screen.model.largestFile(); limit > 0 {
		parts = append(parts, tr.L("at most {{.Size}} each", "Size", format.Size(limit)))
	}
	f.total.SetText(strings.Join(parts, " · "))
	problem := ""
	if bad := len(f.files) - good; bad > 0 {
		problem = tr.N("{{.N}} file can't be sent and is left out.", "{{.N}} files can't be sent and are left out.", bad)
	}
	f.warn(problem)
	f.explainPictures()
	f.screen.cfg.Sheet.Relayout()
}

// warn says what is wrong; empty for nothing.
func (f *sendSheet) warn(problem string) {
	f.problem.SetText(problem)
	if problem == "" {
		f.warning.Hide()
	} else {
		f.warning.Show()
	}
	f.screen.cfg.Sheet.Relayout()
}

// explainPictures says what happens to the pictures among the files.
func (f *sendSheet) explainPictures() {
	if !slices.ContainsFunc(f.files, attachment.isPicture) {
		f.choice.Hide()
		return
	}
	f.choice.Show()
	text := tr.L("At most {{.Pixels}} pixels wide or high, without camera data.", "Pixels", pictureSide)
	if !f.pictures.Checked {
		text = tr.L("Sent unchanged as files, with all camera data.")
	}
	f.explanation.SetText(text)
}

// send sends the files; it reports whether the sheet may close. They are put into the outbox in order on another
// goroutine, and shown one after another.
func (f *sendSheet) send() bool {
	s := f.screen
	if s.on.Chat() != f.chat {
		f.warn(tr.L("The chat is not open any more."))
		return false
	}
	caption := strings.TrimSpace(f.caption.Text)
	out := prepare(f.chat, f.files, caption, f.pictures.Checked)
	if len(out) == 0 {
		f.warn(tr.L("None of these files can be sent."))
		return false
	}
	s.cfg.Dispatcher.Post(s.on.FocusChat) // when the sheet is gone
	sent := 0
	var err error
	stored := make(chan struct{})
	s.queues = append(s.queues, stored)
	s.cfg.Dispatcher.Async(func(context.Context) {
		defer close(stored)
		for _, o := range out {
			if err = o.send(s.cfg.Backend, s.cfg.Logger); err != nil {
				return
			}
			sent++
			s.cfg.Dispatcher.Post(func() { f.chat.FileSent(o.params, o.id, &o.file) })
		}
	}, func() {
		s.queues = slices.DeleteFunc(s.queues, func(c chan struct{}) bool { return c == stored })
		switch {
		case s.closed:
		case s.on.Chat() == f.chat:
			s.on.Updated(f.chat.Peer(), f.chat.GroupID())
		default: // it may have been opened again
			s.on.SentElsewhere(f.chat.Peer(), f.chat.GroupID())
		}
		if err != nil {
			f.refused(out[sent:], caption, sent == 0, err)
		}
	})
	return true
}

// refused shows the files that were not sent again, with the reason.
func (f *sendSheet) refused(left []*outgoing, caption string, all bool, err error) {
	s := f.screen
	s.cfg.Logger.Warn("files not sent", slog.Any("error", err))
	for _, o := range left {
		f.chat.FileRefused(o.id)
	}
	if s.closed {
		return
	}
	if s.on.Chat() != f.chat || s.cfg.Sheet.Shown() {
		words := tr.N("{{.N}} file was not sent to {{.Chat}}.", "{{.N}} files were not sent to {{.Chat}}.", len(left),
			"Chat", f.chat.Title())
		s.cfg.Notify(words + " " + s.cfg.Explain(err))
		return
	}
	files := make([]attachment, len(left))
	for i, o := range left {
		files[i] = o.attachment
	}
	if !all { // the caption went with the first
		caption = ""
	}
	again := s.showSendSheet(f.chat, files, caption)
	again.pictures.SetChecked(f.pictures.Checked)
	again.warn(s.cfg.Explain(err))
}
