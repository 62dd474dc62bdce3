package app

import (
	"context"
	"strings"
	"time"

	"fyne.io/fyne/v2/container"

	"github.com/parley-chat/parley/app/chat"
	"github.com/parley-chat/parley/app/sheet"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/mesibo"
)

// reportsBackend is what reports need of the SDK. It is called on other goroutines.
type reportsBackend interface {
	ReportMessage(ctx context.Context, mid uint64, reason mesibo.ReportReason, text string) error
	ReportUser(ctx context.Context, address string, reason mesibo.ReportReason, text string) error
}

// reportTimeout is how long the server has to answer.
const reportTimeout = 20 * time.Second

// reportMessage asks why a message is reported.
func (h *home) reportMessage(key uint64) {
	m := h.chat.Model()
	if m == nil {
		return
	}
	if msg, ok := m.Message(key); ok && m.Can(msg).Report {
		h.askReport(m.SenderOf(msg), &msg)
	}
}

// askReport asks why a user, or a message of the user, is reported.
func (h *home) askReport(address string, msg *chat.Message) {
	name := h.name(address)
	title, what := tr.L("Report {{.Name}}?", "Name", name), tr.L("Whoever runs the server gets your report. {{.Name}} is not told.", "Name", name)
	if msg != nil {
		title = tr.L("Report this message?")
		what = tr.L("Whoever runs the server gets your report, with what the message says. {{.Name}} is not told.", "Name", name)
	}
	reason := mesibo.ReportSpam
	reasons := h.app.sheet.NewSelect([]sheet.Choice{
		{Label: tr.X("Spam", "report"), Value: int64(mesibo.ReportSpam)},
		{Label: tr.X("Insults or threats", "report"), Value: int64(mesibo.ReportAbuse)},
		{Label: tr.X("Something illegal", "report"), Value: int64(mesibo.ReportIllegal)},
		{Label: tr.X("Something else", "report"), Value: int64(mesibo.ReportOther)},
	}, int64(reason), func(value int64) { reason = mesibo.ReportReason(value) })
	words := h.app.sheet.NewField(tr.L("What happened? (optional)"))
	words.OnSubmitted = func(string) { h.app.sheet.Submit() }
	body := container.NewVBox(sheet.NewParagraph(what), sheet.NewRow(tr.L("Reason"), reasons), words)
	block := false
	if p, ok := h.session.Client.GetProfile(address, 0); !ok || !p.IsBlocked() {
		body.Add(h.app.sheet.NewCheck(tr.L("Also block {{.Name}}", "Name", name), func(on bool) { block = on }))
	}
	h.app.sheet.Show(sheet.Content{
		Title: title, Body: body, Verb: tr.X("Report", "verb"), Focus: reasons, Shrinks: true,
		Do: func() bool {
			h.report(address, msg, reason, shorten(strings.TrimSpace(words.Text)), block)
			return true
		},
	})
}

// shorten cuts what is longer than a report may be.
func shorten(text string) string {
	const most = 1000
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "")
	}
	return text
}

func (h *home) report(address string, msg *chat.Message, reason mesibo.ReportReason, text string, block bool) {
	if block {
		h.block(address)
	}
	var err error
	h.app.cfg.UI.Async(func(ctx context.Context) {
		ctx, cancel := context.WithTimeout(ctx, reportTimeout)
		defer cancel()
		if msg != nil {
			err = h.session.Client.ReportMessage(ctx, msg.Mid, reason, text)
		} else {
			err = h.session.Client.ReportUser(ctx, address, reason, text)
		}
	}, func() {
		if err != nil {
			h.failed(err)
			return
		}
		h.app.notify(tr.L("Reported. Whoever runs the server looks at it."))
	})
}
