package app

import (
	"context"
	"errors"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"github.com/parley-chat/parley/app/sheet"
	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/widgets"
)

// Move brings an account to another server, or to another address of its server. What is on this computer stays. Its
// methods but Moving and Folder may take seconds.
type Move interface {
	// Moving reports whether the server in this program has stopped, so that another one can take over its folder.
	Moving() bool
	// Folder is that folder.
	Folder() string
	// Begin stops the server for that; Undo lets it go on here.
	Begin(ctx context.Context) error
	Undo(ctx context.Context) error
	// SetServer sets the address of the server that has the account, as its operator wrote it. It returns an
	// error with mesibo.ResultAuthFail when that server does not know the account. Afterwards the session is to be closed;
	// the next Resume is at the new address.
	SetServer(ctx context.Context, address string) error
}

// ErrServerAddress is in the error of Move.SetServer when that is not the address of a server.
var ErrServerAddress = errors.New("not the address of a server")

// moveParts are the part of the page about the account that says where its server is.
func (h *home) moveParts() []fyne.CanvasObject {
	m := h.session.Move
	switch {
	case m == nil:
		return nil
	case !h.session.Local:
		return []fyne.CanvasObject{widgets.NewInfoAction(assets.IconGlobe, tr.L("Server address…"), h.askServer)}
	case !m.Moving():
		return []fyne.CanvasObject{widgets.NewInfoAction(assets.IconGlobe, tr.L("Move to a server…"), h.askMove)}
	}
	folder := widgets.NewInfoField(tr.L("Folder that moves"), m.Folder())
	folder.OnCopied = func() { h.app.notify(tr.L("Copied")) }
	return []fyne.CanvasObject{
		widgets.NewInfoSection(tr.L("Moving to a server")),
		widgets.NewInfoText(tr.L("The server on this computer has stopped. Copy this folder to the machine of the new server, " +
			"run “parleyd import FOLDER” there, start it, and enter the address that “parleyd address” prints.")),
		folder,
		widgets.NewInfoAction(assets.IconGlobe, tr.L("Server address…"), h.askServer),
		widgets.NewInfoAction(assets.IconBack, tr.L("Do not move, go on here"), func() {
			h.changeMove(m.Undo)
		}),
	}
}

// askMove asks before the server on this computer stops.
func (h *home) askMove() {
	words := tr.L("The server on this computer stops, so that one elsewhere can take over everything it has: people, chats, files. " +
		"You are offline until then; what you write waits. You can go back at any time.")
	h.app.sheet.Show(sheet.Content{
		Title: tr.L("Move to a server?"), Verb: tr.L("Stop it and move"), Body: sheet.NewParagraph(words),
		Do: func() bool {
			h.app.sheet.Close()
			h.changeMove(h.session.Move.Begin)
			return false
		},
	})
}

// changeMove starts to move, or ends it, and shows the page about the account.
func (h *home) changeMove(change func(ctx context.Context) error) {
	var err error
	h.app.cfg.UI.Async(func(ctx context.Context) {
		select {
		case <-h.connected:
		case <-ctx.Done():
		}
		err = change(ctx)
	}, func() {
		if err != nil {
			h.failed(err)
		}
		h.app.showSettings(pageAccount)
	})
}

// askServer asks for the address of the server that has the account.
func (h *home) askServer() {
	a := h.app
	field := a.sheet.NewField("https://chat.example.org")
	problem := sheet.NewRichText("", theme.SizeNameCaptionText, widgets.ColorError, false)
	asking := false
	apply := func() {
		if asking {
			return
		}
		asking = true
		var err error
		a.cfg.UI.Async(func(ctx context.Context) { err = h.session.Move.SetServer(ctx, field.Text) }, func() {
			asking = false
			if err == nil {
				a.sheet.Close()
				a.reopen(h.account, nil, func() { a.notify(tr.L("The account is at its new address.")) })
				return
			}
			a.cfg.Logger.Info("server not changed", errorAttr(err))
			problem.SetText(explainServer(err))
			a.sheet.Relayout()
			a.window.Canvas().Focus(field)
		})
	}
	field.OnSubmitted = func(string) { apply() }
	words := tr.L("Whoever runs the server knows its address. Your chats and files on this computer stay.")
	a.sheet.Show(sheet.Content{
		Title: tr.L("Server address"), Verb: tr.L("Connect there"), Focus: field,
		Body: container.NewVBox(sheet.NewParagraph(words), field, sheet.Bare(problem)),
		Do: func() bool {
			apply()
			return false
		},
	})
}

// explainServer says why an account is not at another address.
func explainServer(err error) string {
	switch {
	case errors.Is(err, ErrServerAddress):
		return tr.L("This is not the address of a server. Copy all of it.")
	case errors.Is(err, mesibo.ResultAuthFail):
		return tr.L("This server does not know your account. Nothing was changed.")
	default:
		return Explain(err)
	}
}
