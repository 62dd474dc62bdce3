package app

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/app/chat"
	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/widgets"
)

// lookWithin is how long it may take to look at files before that is said: large pictures take a while.
const lookWithin = 400 * time.Millisecond

// sending is the sheet with the files that are about to be sent.
type sending struct {
	home    *home
	model   *chat.Model
	files   []chat.Attachment
	list    *widgets.AttachmentList
	caption *widgets.Field
	total   *widget.RichText
	problem *widget.RichText
	trouble fyne.CanvasObject // the problem as it is laid out; hidden without one

	pictures *widget.Check    // they are sent as pictures
	means    *widget.RichText // what that means
	choice   *fyne.Container  // both; only shown with pictures
}

// sendFiles shows the sheet with these files, or adds them to the sheet that is shown.
func (h *home) sendFiles(paths []string) { h.sendThese(paths, true) }

// sendThese is sendFiles; asPictures says how pictures are to be sent, unless the sheet is shown.
func (h *home) sendThese(paths []string, asPictures bool) {
	m := h.chat.Model()
	if m == nil {
		return
	}
	if words := m.FilesRefused(); words != "" {
		h.app.notify(words)
		return
	}
	have := 0
	if h.app.sending != nil {
		have = len(h.app.sending.files)
	}
	if have+len(paths) > chat.AttachLimit {
		h.app.notify(fmt.Sprintf("At most %d files can be sent at once.", chat.AttachLimit))
		return
	}
	late := h.app.cfg.UI.After(lookWithin, func() { h.app.notify("Looking at " + fileCount(len(paths)) + "…") })
	m.Attach(paths, func(list []chat.Attachment) {
		late()
		if s := h.app.sending; s != nil && s.model == m {
			s.files = append(s.files, list...)
			s.refresh()
			return
		}
		h.showSending(m, list, "").pictures.SetChecked(asPictures)
	})
}

func (h *home) showSending(m *chat.Model, files []chat.Attachment, caption string) *sending {
	s := &sending{
		home: h, model: m, files: files, list: widgets.NewAttachmentList(), caption: widgets.NewField("Caption"),
		total:   wrapped(richText("", theme.SizeNameCaptionText, widgets.ColorSecondary, false)),
		problem: wrapped(richText("", theme.SizeNameCaptionText, widgets.ColorError, false)),
		means:   wrapped(richText("", theme.SizeNameCaptionText, widgets.ColorSecondary, false)),
	}
	s.pictures = widget.NewCheck("Compress pictures", func(bool) { s.refresh() })
	s.pictures.Checked = true
	s.choice = container.New(layout.NewCustomPaddedVBoxLayout(0), widgets.NewCheckBox(s.pictures), bare(s.means))
	s.trouble = bare(s.problem)
	s.list.OnRemove = s.remove
	s.list.OnMove = s.move
	s.caption.SetText(caption)
	s.caption.OnEscape = h.app.closeSheet
	s.caption.OnSubmitted = func(string) {
		if s.send() {
			h.app.closeSheet()
		}
	}
	s.refresh()
	title := "Send to " + m.Title()
	if m.Saved() {
		title = "Save files"
	}
	h.app.showSheet(sheetContent{
		title: title, verb: "Send", do: s.send, focus: s.caption, also: &widgets.Action{Text: "Add…", Tapped: h.attach},
		gives: true, content: widgets.NewPile(8, 0, s.list, bare(s.total), s.choice, s.caption, s.trouble),
	})
	h.app.sending = s
	return s
}

// move changes the order: it is kept at the other side.
func (s *sending) move(i, by int) {
	if j := i + by; i >= 0 && j >= 0 && i < len(s.files) && j < len(s.files) {
		s.files[i], s.files[j] = s.files[j], s.files[i]
		s.refresh()
	}
}

// remove takes a file off the sheet; without any left there is nothing to send.
func (s *sending) remove(i int) {
	if i < 0 || i >= len(s.files) {
		return
	}
	s.files = slices.Delete(s.files, i, i+1)
	if len(s.files) == 0 {
		s.home.app.closeSheet()
		return
	}
	s.refresh()
}

// refresh shows the files and what they come to.
func (s *sending) refresh() {
	items := make([]widgets.Attachment, len(s.files))
	size, good := int64(0), 0
	for i, f := range s.files {
		items[i] = widgets.Attachment{Name: f.Name, Detail: chat.SizeWords(f.Size), Photo: f.Photo, Icon: assets.IconFile}
		if f.Problem != "" {
			items[i].Detail, items[i].Alarm = f.Problem, true
			continue
		}
		if f.Size == 0 {
			items[i].Detail = chat.EmptyWords
		}
		size += f.Size
		good++
	}
	s.list.SetItems(items)
	parts := []string{fileCount(good)}
	if size > 0 {
		parts = append(parts, chat.SizeWords(size)+" in total")
	}
	if limit := s.model.FileLimit(); limit > 0 {
		parts = append(parts, "at most "+chat.SizeWords(limit)+" each")
	}
	setText(s.total, strings.Join(parts, " · "))
	words := ""
	switch bad := len(s.files) - good; {
	case bad == 1:
		words = "1 file can't be sent and is left out."
	case bad > 1:
		words = fmt.Sprintf("%d files can't be sent and are left out.", bad)
	}
	s.warn(words)
	s.explainPictures()
	s.relayout()
}

// warn says what is wrong; nothing when nothing is.
func (s *sending) warn(words string) {
	setText(s.problem, words)
	if words == "" {
		s.trouble.Hide()
	} else {
		s.trouble.Show()
	}
	s.relayout()
}

// relayout is called when something on the sheet has another height.
func (s *sending) relayout() {
	if s.home.app.sheet != nil {
		s.home.app.sheet.object.Refresh()
	}
}

// explainPictures says what becomes of the pictures among the files.
func (s *sending) explainPictures() {
	if !slices.ContainsFunc(s.files, chat.Attachment.Pictured) {
		s.choice.Hide()
		return
	}
	s.choice.Show()
	words := fmt.Sprintf("At most %d pixels wide or high, without place and camera.", chat.PictureSide)
	if !s.pictures.Checked {
		words = "Sent as files, untouched, with all that the camera wrote."
	}
	setText(s.means, words)
}

// send sends the files; it tells whether the sheet may close. They are put into the outbox in their order, away from the user
// interface, and shown one after another.
func (s *sending) send() bool {
	h := s.home
	if h.chat.Model() != s.model {
		s.warn("The chat is not open any more.")
		return false
	}
	caption := strings.TrimSpace(s.caption.Text)
	out := s.model.FilesToSend(s.files, caption, s.pictures.Checked)
	if len(out) == 0 {
		s.warn("None of these files can be sent.")
		return false
	}
	id := h.current()
	h.app.cfg.UI.Post(func() { h.chat.Focus(h.app.window.Canvas()) }) // when the sheet is gone
	sent := 0
	var err error
	stored := make(chan struct{})
	h.sends = append(h.sends, stored)
	h.app.cfg.UI.Async(func(context.Context) {
		defer close(stored)
		for _, o := range out {
			if err = o.Send(); err != nil {
				return
			}
			sent++
			h.app.cfg.UI.Post(func() { s.model.FileSent(o) })
		}
	}, func() {
		h.sends = slices.DeleteFunc(h.sends, func(c chan struct{}) bool { return c == stored })
		switch {
		case h.closed:
		case h.chat.Model() == s.model:
			h.updated(id)
		default:
			h.forwarded(id) // the chat may have been opened anew
		}
		if err != nil {
			s.refused(out[sent:], caption, sent == 0, err)
		}
	})
	return true
}

// refused shows the files that were not sent again, with the reason.
func (s *sending) refused(left []*chat.Outgoing, caption string, all bool, err error) {
	h := s.home
	h.app.cfg.Logger.Warn("files not sent", errorAttr(err))
	for _, o := range left {
		s.model.FileRefused(o)
	}
	if h.closed {
		return
	}
	if h.chat.Model() != s.model || h.app.sheet != nil {
		h.app.notify(fmt.Sprintf("%s was not sent to %s. %s", fileCount(len(left)), s.model.Title(), Explain(err)))
		return
	}
	files := make([]chat.Attachment, len(left))
	for i, o := range left {
		files[i] = o.Attachment
	}
	if !all { // the caption went with the first
		caption = ""
	}
	again := h.showSending(s.model, files, caption)
	again.pictures.SetChecked(s.pictures.Checked)
	again.warn(Explain(err))
}

func fileCount(n int) string {
	if n == 1 {
		return "1 file"
	}
	return fmt.Sprintf("%d files", n)
}
