package app

import (
	"context"

	"fyne.io/fyne/v2"

	"github.com/parley-chat/parley/app/sheet"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/widgets"
)

// Proxy is how servers are reached. Its methods may be called on any goroutine.
type Proxy interface {
	// Check returns a setting in full; an error when it is not the address of a proxy.
	Check(setting string) (string, error)
	// Set sets the proxy of connections from now on: empty for that of the environment, ProxyNone, or an address.
	Set(setting string) error
}

// ProxyNone is the setting of a Proxy for none at all.
const ProxyNone = "direct"

// The choices of proxies.
const (
	proxySystem = iota
	proxyNone
	proxyGiven
)

// networkPage has the server, the proxy, and how fast files move.
func (a *App) networkPage(set setParts) {
	var parts []fyne.CanvasObject
	h := a.home
	if h != nil {
		h.connectionRow = widgets.NewInfoPair(tr.L("Connection"), h.connection.FooterWords())
		parts = append(parts, widgets.NewInfoPair(tr.L("Server"), h.session.serverName()), h.connectionRow)
	}
	if a.cfg.Proxy != nil {
		parts = append(parts, a.proxyParts()...)
	}
	if h != nil {
		parts = append(parts, widgets.NewInfoSection(tr.X("Speed", "of files")))
		parts = append(parts, h.files.SpeedSettings(h.choice)...)
	}
	set(parts...)
}

func (a *App) proxyParts() []fyne.CanvasObject {
	kind := proxyGiven
	switch a.prefs.proxy() {
	case "":
		kind = proxySystem
	case ProxyNone:
		kind = proxyNone
	}
	if a.givingProxy {
		kind = proxyGiven
	}
	choices := []sheet.Choice{
		{Label: tr.L("As the system"), Value: proxySystem},
		{Label: tr.X("None", "proxy"), Value: proxyNone},
		{Label: tr.X("This one", "proxy"), Value: proxyGiven},
	}
	row := a.newChoice("", tr.L("Proxy"), choices, int64(kind), func(v int64) {
		a.givingProxy = v == proxyGiven
		switch v {
		case proxySystem:
			a.setProxy("")
		case proxyNone:
			a.setProxy(ProxyNone)
		}
		a.refreshSettings(pageNetwork)
	})
	title := widgets.NewInfoSection(tr.L("Proxy"))
	if a.home == nil { // it is the first part
		title = widgets.NewInfoTitle(tr.L("Proxy"))
	}
	parts := []fyne.CanvasObject{title, row}
	if kind == proxyGiven {
		given := a.prefs.proxy()
		if given == ProxyNone {
			given = ""
		}
		field := widgets.NewInfoEdit(tr.X("Address", "of a proxy"), given, tr.L("socks5://host:port or http://host:port"), 0)
		field.OnSave = func(text string) {
			full, err := a.cfg.Proxy.Check(text)
			if err != nil {
				field.SetError(tr.L("This is not the address of a proxy. Write it like socks5://localhost:9050."))
				return
			}
			a.setProxy(full)
			a.refreshSettings(pageNetwork)
		}
		parts = append(parts, field)
	}
	return append(parts, widgets.NewInfoText(tr.L("Messages and files go through it. The sound and video of calls do not.")))
}

// setProxy sets the proxy, stores it, and connects anew.
func (a *App) setProxy(setting string) {
	if setting == a.prefs.proxy() {
		return
	}
	if err := a.cfg.Proxy.Set(setting); err != nil {
		a.notify(Explain(err))
		return
	}
	a.prefs.setProxy(setting)
	for _, h := range a.homes() {
		h.redial()
	}
}

// useProxy sets the stored proxy.
func (a *App) useProxy() error {
	if a.cfg.Proxy == nil {
		return nil
	}
	return a.cfg.Proxy.Set(a.prefs.proxy())
}

// redial connects anew, unless that would end a call.
func (h *home) redial() {
	if h.session.Redial == nil || h.calls.model.Visible() || h.calls.model.Groups().Group() != 0 {
		return
	}
	var err error
	h.app.cfg.UI.Async(func(ctx context.Context) { err = h.session.Redial(ctx) }, func() {
		if err != nil {
			h.failed(err)
		}
	})
}
