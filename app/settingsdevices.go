package app

import (
	"cmp"
	"context"
	"strings"

	"fyne.io/fyne/v2"

	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/widgets"
)

// devicesBackend is what the page about devices needs of the SDK. It is called on other goroutines.
type devicesBackend interface {
	GetDevices(ctx context.Context) ([]mesibo.Device, error)
	RemoveDevice(ctx context.Context, id string) error
}

// devicesPage lists the devices that are signed in.
func (h *home) devicesPage(set setParts) {
	set(widgets.NewInfoText("Asking the server…"))
	var list []mesibo.Device
	var err error
	h.app.cfg.UI.Async(func(ctx context.Context) { list, err = h.session.Client.GetDevices(ctx) }, func() {
		if err != nil {
			h.app.cfg.Logger.Info("devices not listed", errorAttr(err))
			set(widgets.NewInfoProblem("The server does not say which devices are signed in. " + Explain(err)))
			return
		}
		set(h.deviceParts(list)...)
	})
}

func (h *home) deviceParts(list []mesibo.Device) []fyne.CanvasObject {
	var own, others []fyne.CanvasObject
	for _, d := range list {
		name := cmp.Or(d.Label, d.App, "Device")
		since := "since " + d.Created.Format("2 Jan 2006")
		if d.Current {
			own = append(own, widgets.NewInfoPair(strings.TrimSuffix("This device: "+cmp.Or(d.Label, d.App), ": "), since))
			continue
		}
		row := widgets.NewInfoDanger(assets.IconLeave, "Sign out “"+name+"”, signed in "+since, func() {
			h.askRemoveDevice(d, name)
		})
		others = append(others, row)
	}
	if len(others) == 0 {
		return append(own, widgets.NewInfoText("No other device is signed in to this account."))
	}
	return append(append(own, widgets.NewInfoSection("Other devices")), others...)
}

// askRemoveDevice asks before another device is signed out.
func (h *home) askRemoveDevice(d mesibo.Device, name string) {
	h.app.sheet.Confirm("Sign out “"+name+"”?",
		"It needs a new invite to sign in again. What it has on its disk stays there.", "Sign out", func() {
			var err error
			h.app.cfg.UI.Async(func(ctx context.Context) { err = h.session.Client.RemoveDevice(ctx, d.ID) }, func() {
				if err != nil {
					h.failed(err)
				}
				h.app.showSettings(pageDevices)
			})
		})
}
