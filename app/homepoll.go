package app

import (
	"strings"

	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"github.com/parley-chat/parley/app/chat"
	"github.com/parley-chat/parley/app/sheet"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/widgets"
)

// newPoll asks for a question and its options, and sends the poll.
func (h *home) newPoll() {
	if m := h.chat.Model(); m == nil || m.Refused() != "" {
		return
	}
	question := h.app.sheet.NewField(tr.L("Question"))
	problem := sheet.NewRichText("", theme.SizeNameCaptionText, widgets.ColorError, false)
	fields := container.NewVBox()
	var options []*widgets.Field
	enter := func(from int) { // Enter goes to the next field, from an empty option or the last one it sends
		if from == len(options) || from > 0 && strings.TrimSpace(options[from-1].Text) == "" {
			h.app.sheet.Submit()
			return
		}
		h.app.window.Canvas().Focus(options[from])
	}
	question.OnEnter = func(bool) { enter(0) }
	add := func() *widgets.Field {
		f := h.app.sheet.NewField(tr.L("Option {{.Number}}", "Number", len(options)+1))
		options = append(options, f)
		number := len(options)
		f.OnEnter = func(bool) { enter(number) }
		fields.Add(f)
		return f
	}
	for range chat.LeastOptions + 1 {
		add()
	}
	more := widgets.NewTextButton(widgets.Action{Text: tr.L("Add an option"), Tapped: func() {
		if len(options) < chat.MostOptions {
			f := add()
			h.app.sheet.Relayout()
			h.app.window.Canvas().Focus(f)
		}
	}})
	send := func() bool {
		poll := chat.Poll{Question: strings.TrimSpace(question.Text)}
		for _, f := range options {
			if words := strings.TrimSpace(f.Text); words != "" {
				poll.Options = append(poll.Options, words)
			}
		}
		switch {
		case poll.Question == "":
			problem.SetText(tr.L("A poll needs a question."))
			return false
		case len(poll.Options) < chat.LeastOptions:
			problem.SetText(tr.L("A poll needs two options."))
			return false
		}
		return h.chat.SendPoll(poll)
	}
	h.app.sheet.Show(sheet.Content{
		Title: tr.L("New poll"), Verb: tr.L("Send"), Focus: question, Shrinks: true,
		Body: container.NewVBox(question, fields, widgets.NewHBox(more), sheet.Bare(problem),
			sheet.NewParagraph(tr.L("Everyone in the chat has one vote. Votes are not secret."))),
		Do: func() bool {
			if send() {
				h.app.sheet.Close()
				h.focus()
			}
			return false
		},
	})
}
