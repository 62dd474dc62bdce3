package app

import (
	"cmp"
	"context"
	"errors"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"github.com/parley-chat/parley/app/sheet"
	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/internal/qr"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/widgets"
)

// invitesBackend is what inviting needs of the SDK. It is called on other goroutines.
type invitesBackend interface {
	// MayInvite reports whether this user may invite others. It may be called on any goroutine.
	MayInvite() bool
	CreateInvite(ctx context.Context, p mesibo.InviteParams) (mesibo.Invite, error)
}

// codeSide is the width of a QR code.
const codeSide = 260

// invitePeople makes an invite for a new user and shows it.
func (h *home) invitePeople() {
	words := tr.L("Whoever opens this link first joins {{.Server}} as a new user. It is valid for seven days.",
		"Server", h.session.serverName())
	if h.session.Local {
		words = tr.L("Whoever opens this link in Parley first, on the same network, joins you as a new user. " +
			"It is valid for seven days.")
	}
	h.makeInvite(mesibo.InviteParams{}, tr.L("Invite people"), words)
}

// inviteDevice makes an invite for another device of this user and shows it.
func (h *home) inviteDevice() {
	h.makeInvite(mesibo.InviteParams{Address: h.contacts.Model().Self()}, tr.L("Sign in on another device"),
		tr.L("The device that opens this link first is signed in to your account. Show it to no one else."))
}

func (h *home) makeInvite(p mesibo.InviteParams, title, words string) {
	var (
		invite mesibo.Invite
		err    error
	)
	h.app.cfg.UI.Async(func(ctx context.Context) { invite, err = h.session.Client.CreateInvite(ctx, p) }, func() {
		switch {
		case errors.Is(err, mesibo.ResultDenied):
			h.app.cfg.Logger.Info("invite refused", errorAttr(err))
			h.app.notify(tr.L("On this server only administrators invite people. Ask one of them."))
		case err != nil:
			h.failed(err)
		default:
			h.showInvite(&invite, title, words)
		}
	})
}

// showInvite shows an invite as a QR code, and copies its link.
func (h *home) showInvite(invite *mesibo.Invite, title, words string) {
	code, err := qr.New(invite.Link)
	if err != nil {
		h.failed(err)
		return
	}
	picture := canvas.NewImageFromImage(code.Image(1))
	picture.FillMode = canvas.ImageFillContain
	picture.ScaleMode = canvas.ImageScalePixels
	picture.SetMinSize(fyne.NewSquareSize(codeSide))
	h.app.sheet.Show(sheet.Content{
		Title: title, Verb: tr.L("Copy link"),
		Body: container.NewVBox(sheet.NewParagraph(words), container.NewCenter(picture)),
		Do: func() bool {
			h.app.cfg.FyneApp.Clipboard().SetContent(cmp.Or(invite.Page, invite.Link))
			h.app.notify(tr.L("The link was copied."))
			return false
		},
	})
}

// inviteMenu invites people to the account's server; nil where no one else reaches it.
func (a *App) inviteMenu() *widgets.MenuItem {
	if a.home == nil || a.home.session.Local && a.home.session.Network == nil {
		return nil
	}
	if !a.home.session.Local && !a.home.session.Client.MayInvite() {
		return nil
	}
	invite := (*home).invitePeople
	if a.home.session.Local {
		invite = (*home).inviteHere
	}
	return widgets.NewMenuItem(tr.L("Invite people"), func() { a.atHome(invite) }).With(assets.IconUserPlus)
}
