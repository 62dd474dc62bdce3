package app

import (
	"fmt"
	"slices"
	"strings"

	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/app/chat"
	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/widgets"
)

// sending is the sheet with the files that are about to be sent.
type sending struct {
	home    *home
	model   *chat.Model
	files   []chat.Attachment
	list    *widgets.AttachmentList
	caption *widgets.Field
	total   *widget.RichText
	problem *widget.RichText
}

// sendFiles shows the sheet with these files, or adds them to the sheet that is shown.
func (h *home) sendFiles(paths []string) {
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
	m.Attach(paths, func(list []chat.Attachment) {
		if s := h.app.sending; s != nil && s.model == m {
			s.files = append(s.files, list...)
			s.refresh()
			return
		}
		h.showSending(m, list)
	})
}

func (h *home) showSending(m *chat.Model, files []chat.Attachment) {
	s := &sending{
		home: h, model: m, files: files, list: widgets.NewAttachmentList(), caption: widgets.NewField("Caption"),
		total:   richText("", theme.SizeNameCaptionText, widgets.ColorSecondary, false),
		problem: richText("", theme.SizeNameCaptionText, widgets.ColorError, false),
	}
	s.list.OnRemove = s.remove
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
		title: title, verb: "Send", do: s.send, focus: s.caption,
		content: container.New(layout.NewCustomPaddedVBoxLayout(8), s.list, bare(s.total), s.caption, bare(s.problem)),
	})
	h.app.sending = s
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
			items[i].Detail = "Empty"
		}
		size += f.Size
		good++
	}
	s.list.SetItems(items)
	words := "1 file"
	if good != 1 {
		words = fmt.Sprintf("%d files", good)
	}
	parts := []string{words}
	if size > 0 {
		parts = append(parts, chat.SizeWords(size)+" in total")
	}
	if limit := s.model.FileLimit(); limit > 0 {
		parts = append(parts, "at most "+chat.SizeWords(limit)+" each")
	}
	setText(s.total, strings.Join(parts, " · "))
	words = ""
	switch bad := len(s.files) - good; {
	case bad == 1:
		words = "1 file can't be sent and is left out."
	case bad > 1:
		words = fmt.Sprintf("%d files can't be sent and are left out.", bad)
	}
	setText(s.problem, words)
	if s.home.app.sheet != nil {
		s.home.app.sheet.object.Refresh() // its content may have another height
	}
}

// send sends the files; it tells whether the sheet may close.
func (s *sending) send() bool {
	h := s.home
	if h.chat.Model() != s.model {
		setText(s.problem, "The chat is not open any more.")
		return false
	}
	if !slices.ContainsFunc(s.files, func(f chat.Attachment) bool { return f.Problem == "" }) {
		setText(s.problem, "None of these files can be sent.")
		return false
	}
	left, err := s.model.SendFiles(s.files, strings.TrimSpace(s.caption.Text))
	if err == nil {
		return true
	}
	if len(left) < len(s.files) { // the caption went with the first
		s.caption.SetText("")
	}
	s.files = left
	s.refresh()
	setText(s.problem, Explain(err))
	return false
}
