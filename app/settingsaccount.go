package app

import (
	"errors"
	"strings"

	"fyne.io/fyne/v2"

	"github.com/parley-chat/parley/app/contacts"
	"github.com/parley-chat/parley/app/info"
	"github.com/parley-chat/parley/app/sheet"
	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/widgets"
)

// ownProfile is this user's profile, to look at and to change.
func (h *home) ownProfile() *info.Model {
	m := info.NewModel(info.Config{Backend: h.session.Client, Clock: h.app.cfg.UI, Name: h.name})
	m.Show(info.Self, h.contacts.Model().Self(), 0)
	return m
}

// accountPage has the profile that others see.
func (h *home) accountPage(set setParts) {
	a, m := h.app, h.ownProfile()
	profile := m.Profile()
	head := widgets.NewInfoHead(h.ownHead(m))
	changed := func() { head.Set(h.ownHead(m)) }
	head.OnAvatarTapped = func(at fyne.Position) { h.ownPictureMenu(m, at, changed) }
	name := widgets.NewInfoEdit(tr.L("Name"), profile.Name, tr.L("Name"), info.NameLimit)
	h.saves(name, m.Rename, changed)
	about := widgets.NewInfoEdit(tr.X("About", "person"), m.Status(), tr.L("A line about you"), info.StatusLimit)
	about.SetOptional(true)
	h.saves(about, m.Describe, changed)
	address := widgets.NewInfoField(tr.L("Your address"), m.Address())
	address.OnCopied = func() { a.notify(tr.L("Your address was copied. Others can use it to write to you.")) }
	add := widgets.NewInfoAction(assets.IconUserPlus, tr.L("Add an account…"), func() {
		a.sheet.Close()
		a.addAccount("")
	})
	out := widgets.NewInfoDanger(assets.IconLeave, tr.L("Sign out…"), h.askSignOut)
	parts := []fyne.CanvasObject{head, name, about, address, widgets.NewInfoSection(""), add}
	if h.session.Move != nil && h.session.Move.Moving() { // what is to be done comes first
		parts = append(append([]fyne.CanvasObject{head}, h.moveParts()...), widgets.NewInfoSection(""), name, about, address, add)
	} else {
		parts = append(parts, h.moveParts()...)
	}
	set(append(parts, out)...)
}

// ownHead is this user's picture and name.
func (h *home) ownHead(m *info.Model) widgets.InfoHeadData {
	id := contacts.ID{Peer: m.Address()}
	face := widgets.Face{Key: id.FaceKey(), Name: m.Title(), Picture: h.gallery.get(id)}
	return widgets.InfoHeadData{Face: face, Title: m.Title(), Subtitle: h.session.serverName(), Editable: true}
}

// saves lets a field of the settings save its text.
func (h *home) saves(e *widgets.InfoEdit, save func(text string) error, saved func()) {
	e.OnSave = func(text string) {
		switch err := save(text); {
		case errors.Is(err, info.ErrNoName):
			e.SetError(tr.L("A name is needed."))
		case err != nil:
			e.SetError(Explain(err))
		default:
			e.SetError("")
			e.SetValue(strings.TrimSpace(text))
			h.app.notify(tr.L("Saved"))
			saved()
			h.app.refreshRail()
		}
	}
}

// ownPictureMenu offers what can be done with this user's picture.
func (h *home) ownPictureMenu(m *info.Model, at fyne.Position, changed func()) {
	change := func(path string) {
		if err := m.SetPicture(path); err != nil {
			h.failed(err)
		}
		changed()
	}
	items := []*widgets.MenuItem{widgets.NewMenuItem(tr.L("Choose a picture…"), func() { h.app.choosePicture(change) })}
	if len(m.Profile().Picture) > 0 {
		items = append(items, widgets.NewMenuItem(tr.L("Remove the picture"), func() { change("") }))
	}
	widgets.ShowMenu(h.app.window.Canvas(), at, items...)
}

// privacyPage has what others can see, and what can be seen at this computer.
func (h *home) privacyPage(set setParts) {
	var choices []sheet.Choice
	for _, v := range []mesibo.Visibility{mesibo.VisibilityPublic, mesibo.VisibilityContact, mesibo.VisibilityNone} {
		choices = append(choices, sheet.Choice{Label: info.VisibilityWords(v), Value: int64(v)})
	}
	now := h.session.Client.GetOnlineStatusPrivacy()
	seen := h.app.newChoice("", tr.L("Who sees when I was here"), choices, int64(now), func(v int64) {
		if err := h.session.Client.SetOnlineStatusPrivacy(mesibo.Visibility(v)); err != nil {
			h.failed(err)
			h.app.refreshSettings(pagePrivacy)
		}
	})
	adds := h.app.newChoice("", tr.L("Who may add me to groups"), choices, int64(h.session.Client.GetGroupPrivacy()),
		func(v int64) {
			if err := h.session.Client.SetGroupPrivacy(mesibo.Visibility(v)); err != nil {
				h.failed(err)
				h.app.refreshSettings(pagePrivacy)
			}
		})
	receipts := newSwitch(tr.L("Send read receipts"), h.prefs.readReceipts(), func(on bool) {
		h.prefs.setReadReceipts(on)
		h.session.Client.SetReadReceipts(on)
	})
	parts := append([]fyne.CanvasObject{seen, adds, receipts}, h.previewParts()...)
	set(append(parts, h.app.lockParts()...)...)
}
