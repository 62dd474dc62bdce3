package app

import (
	"cmp"
	"context"
	"strings"

	"fyne.io/fyne/v2"

	"github.com/parley-chat/parley/app/format"
	"github.com/parley-chat/parley/app/sheet"
	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/widgets"
)

// devicesBackend is what the page about devices needs of the SDK. It is called on other goroutines.
type devicesBackend interface {
	GetDevices(ctx context.Context) ([]mesibo.Device, error)
	RemoveDevice(ctx context.Context, id string) error
	SetDeviceLabel(ctx context.Context, id, label string) error
}

// devicesPage lists the devices that are signed in.
func (h *home) devicesPage(set setParts) {
	set(widgets.NewInfoText(tr.L("Asking the server…")))
	var list []mesibo.Device
	var err error
	h.app.cfg.UI.Async(func(ctx context.Context) { list, err = h.session.Client.GetDevices(ctx) }, func() {
		if err != nil {
			h.app.cfg.Logger.Info("devices not listed", errorAttr(err))
			set(widgets.NewInfoProblem(tr.L("The server does not say which devices are signed in.") + " " + Explain(err)))
			return
		}
		set(h.deviceParts(list)...)
	})
}

func (h *home) deviceParts(list []mesibo.Device) []fyne.CanvasObject {
	var own, others []fyne.CanvasObject
	for _, d := range list {
		name := cmp.Or(d.Label, d.App, tr.L("Device"))
		since := format.ShortDay(d.Created)
		if d.Current {
			words := tr.L("This device")
			if label := cmp.Or(d.Label, d.App); label != "" && !h.session.Local {
				words = tr.L("This device: {{.Name}}", "Name", label)
			}
			own = append(own, widgets.NewInfoPair(words, tr.L("since {{.Date}}", "Date", since)),
				widgets.NewInfoAction(assets.IconEdit, tr.L("Name this device"), func() { h.nameDevice(d) }))
			continue
		}
		words := tr.L("Sign out “{{.Name}}”, signed in since {{.Date}}", "Name", name, "Date", since)
		row := widgets.NewInfoDanger(assets.IconLeave, words, func() {
			h.askRemoveDevice(d, name)
		})
		others = append(others, row)
		if seen := deviceSeen(&d); seen != "" {
			others = append(others, widgets.NewInfoText(seen))
		}
		if !d.Expires.IsZero() {
			others = append(others, widgets.NewInfoText(tr.L("Signed in until {{.Date}}", "Date", format.ShortDay(d.Expires))))
		}
	}
	if !h.session.Local { // of a server on this computer it is on the page about the network
		own = append(own, widgets.NewInfoAction(assets.IconPlus, tr.L("Sign in on another device"), h.inviteDevice))
	}
	if h.session.TokenInFile {
		own = append(own, widgets.NewInfoText(tr.L(
			"This computer has no keyring, so the key to this account is in a file. Other users cannot read it; programs of yours can.")))
	}
	if len(others) == 0 {
		return append(own, widgets.NewInfoText(tr.L("No other device is signed in to this account.")))
	}
	return append(append(own, widgets.NewInfoSection(tr.L("Other devices"))), others...)
}

// deviceSeen says when and where from another device was connected, empty if that is not known.
func deviceSeen(d *mesibo.Device) string {
	switch {
	case d.Seen.IsZero():
		return ""
	case d.Online:
		return tr.L("Connected now, from {{.Place}}", "Place", d.Place)
	default:
		return tr.L("Last connected {{.Date}}, from {{.Place}}", "Date", format.ShortDay(d.Seen), "Place", d.Place)
	}
}

// nameDevice asks what this device is called in lists.
func (h *home) nameDevice(d mesibo.Device) {
	name := h.app.sheet.NewField(tr.L("Name"))
	name.SetText(d.Label)
	apply := func() bool {
		label := strings.TrimSpace(name.Text)
		var err error
		h.app.cfg.UI.Async(func(ctx context.Context) { err = h.session.Client.SetDeviceLabel(ctx, d.ID, label) }, func() {
			if err != nil {
				h.failed(err)
			}
			h.app.showSettings(pageDevices)
		})
		return true
	}
	name.OnSubmitted = func(string) {
		if apply() {
			h.app.sheet.Close()
		}
	}
	h.app.sheet.Show(sheet.Content{
		Title: tr.L("Name this device"), Body: name, Verb: tr.L("Save"), Do: apply, Focus: name,
	})
}

// askRemoveDevice asks before another device is signed out.
func (h *home) askRemoveDevice(d mesibo.Device, name string) {
	h.app.sheet.Confirm(tr.L("Sign out “{{.Name}}”?", "Name", name),
		tr.L("It needs a new invite to sign in again. What it has on its disk stays there."), tr.L("Sign out"), func() {
			var err error
			h.app.cfg.UI.Async(func(ctx context.Context) { err = h.session.Client.RemoveDevice(ctx, d.ID) }, func() {
				if err != nil {
					h.failed(err)
				}
				h.app.showSettings(pageDevices)
			})
		})
}
