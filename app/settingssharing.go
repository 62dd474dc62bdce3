package app

import (
	"context"
	"slices"
	"strconv"

	"fyne.io/fyne/v2"

	"github.com/parley-chat/parley/app/sheet"
	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/widgets"
)

// sharingPage lets others on the network join the server in this program.
func (h *home) sharingPage(set setParts) {
	set(widgets.NewInfoText(tr.L("Looking at the network…")))
	h.withNetwork(func(s NetworkState) { set(h.sharingParts(s)...) }, func(err error) {
		set(widgets.NewInfoProblem(Explain(err)))
	})
}

// withNetwork finds out how others reach the server in this program.
func (h *home) withNetwork(found func(NetworkState), failed func(error)) {
	var state NetworkState
	var err error
	h.app.cfg.UI.Async(func(ctx context.Context) {
		select {
		case <-h.connected: // the server runs from then on
		case <-ctx.Done():
		}
		state, err = h.session.Network.State(ctx)
	}, func() {
		if err != nil {
			h.app.cfg.Logger.Warn("network not known", errorAttr(err))
			failed(err)
			return
		}
		found(state)
	})
}

func (h *home) sharingParts(s NetworkState) []fyne.CanvasObject {
	hosts := s.Hosts
	if s.Host != "" && !slices.Contains(hosts, s.Host) {
		hosts = append(slices.Clone(hosts), s.Host)
	}
	host := s.Host
	if host == "" && len(hosts) > 0 {
		host = hosts[0]
	}
	about := widgets.NewInfoText(tr.L("Others who have Parley can join you here, from the same network and with an invite of yours. " +
		"They reach you while Parley runs on this computer."))
	if host == "" {
		return []fyne.CanvasObject{about, widgets.NewInfoProblem(tr.L("This computer is in no network at the moment."))}
	}
	parts := []fyne.CanvasObject{newSwitch(tr.L("Let others on this network join"), s.Open, func(on bool) {
		h.changeNetwork(func(ctx context.Context) error {
			if on {
				return h.session.Network.Open(ctx, host)
			}
			return h.session.Network.Close(ctx)
		})
	}), about}
	if !s.Open {
		return parts
	}
	var choices []sheet.Choice
	for i, name := range hosts {
		choices = append(choices, sheet.Choice{Label: name, Value: int64(i)})
	}
	parts = append(parts,
		h.app.newChoice("", tr.L("Address of this computer"), choices, int64(slices.Index(hosts, host)), func(i int64) {
			h.changeNetwork(func(ctx context.Context) error { return h.session.Network.Open(ctx, hosts[i]) })
		}))
	port := strconv.Itoa(s.Port)
	if s.Problem != nil {
		parts = append(parts, widgets.NewInfoProblem(tr.L("Nobody can join at the moment: this computer does not have the address "+
			"{{.Address}} now, or another program uses port {{.Port}} of it.", "Address", host, "Port", port)))
	}
	return append(parts,
		widgets.NewInfoText(tr.L("A firewall on this computer keeps others out unless it lets them connect to port {{.Port}} (TCP).",
			"Port", port)),
		widgets.NewInfoAction(assets.IconUserPlus, tr.L("Invite people"), h.invitePeople),
		widgets.NewInfoAction(assets.IconComputer, tr.L("Sign in on another device"), h.inviteDevice),
		widgets.NewInfoText(tr.L("When the address of this computer changes, those who have joined enter the new one: Settings, "+
			"Account, Server address.")))
}

// changeNetwork changes how others reach the server, and shows the page anew.
func (h *home) changeNetwork(change func(ctx context.Context) error) {
	var err error
	h.app.cfg.UI.Async(func(ctx context.Context) { err = change(ctx) }, func() {
		if err != nil {
			h.app.cfg.Logger.Warn("network not changed", errorAttr(err))
			h.app.notify(tr.L("That did not work: this address cannot be used now."))
		}
		h.app.refreshSettings(pageSharing)
	})
}

// inviteHere invites people to the server in this program, once it is open to them.
func (h *home) inviteHere() {
	h.withNetwork(func(s NetworkState) {
		if s.Open {
			h.invitePeople()
			return
		}
		h.app.showSettings(pageSharing)
	}, h.failed)
}
