package app

import (
	"fmt"

	"github.com/parley-chat/parley/widgets"
)

// retitle writes unread count and conversation into the window's title.
func (h *home) retitle() {
	if h.contacts == nil || h.closed {
		return
	}
	title := productName
	if m := h.chat.Model(); m != nil {
		title = m.Title() + " – " + title
	}
	if n := h.contacts.Model().Unread(); n > 0 {
		title = fmt.Sprintf("(%d) %s", n, title)
	}
	if h.app.window.Title() != title {
		h.app.window.SetTitle(title)
	}
}

// linkChanged shows how the connection is.
func (h *home) linkChanged() {
	if h.contacts == nil || h.closed {
		return
	}
	action := h.moving.action()
	if h.link.CanRetry() {
		action = widgets.Action{Text: "Retry", Tapped: h.link.Retry}
	}
	h.largest.ask(h)
	h.moving.refresh()
	dot := widgets.LinkOffline
	switch h.link.health() {
	case healthy:
		dot = widgets.LinkOnline
	case working:
		dot = widgets.LinkTrying
	case signedOut, broken:
		dot = widgets.LinkRefused
	case troubled:
	}
	h.contacts.SetFooter(dot, h.link.FooterWords(), action)
	h.chat.SetBanner(h.bannerData())
}

// bannerData is the banner over the messages; without words there is none.
func (h *home) bannerData() widgets.BannerData {
	d := widgets.BannerData{Kind: widgets.BannerAmber, Text: h.link.BannerWords()}
	switch {
	case h.link.health() == signedOut:
		d.Kind = widgets.BannerRed
		d.Actions = []widgets.Action{{Text: "Sign in", Tapped: h.app.signIn}}
	case h.link.health() == broken:
		d.Kind = widgets.BannerRed
		d.Actions = []widgets.Action{{Text: "Quit", Tapped: h.app.quit}}
	case h.link.health() == healthy:
		d.Kind = widgets.BannerNeutral
	case h.link.CanRetry():
		d.Actions = []widgets.Action{{Text: "Retry now", Tapped: h.link.Retry}}
	}
	return d
}
