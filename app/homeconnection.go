package app

import (
	"strconv"

	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/widgets"
)

// updateTitle shows the unread count and the chat in the window's title.
func (h *home) updateTitle() {
	if h.contacts == nil || h.closed {
		return
	}
	h.notifications.prune()
	h.app.refreshTray()
	h.app.refreshRail()
	if shown := h.app.home; shown != nil {
		shown.showTitle()
	}
}

// showTitle shows the title of the window, which shows this account.
func (h *home) showTitle() {
	title := productName
	if m := h.chat.Model(); m != nil {
		title = m.Title() + " – " + title
	}
	if h.app.locked() {
		title = productName
	}
	if n := h.app.unread(); n > 0 {
		title = "(" + strconv.Itoa(n) + ") " + title
	}
	if h.app.window.Title() != title {
		h.app.window.SetTitle(title)
	}
}

// refreshConnection shows the state of the connection.
func (h *home) refreshConnection() {
	if h.calls == nil || h.closed {
		return
	}
	action := h.files.Action()
	if h.connection.CanRetry() {
		action = widgets.Action{Text: tr.L("Retry"), Tapped: h.connection.Retry}
	}
	if h.connection.health() == healthy {
		h.files.Connected()
	}
	h.files.Refresh()
	dot := widgets.LinkOffline
	switch h.connection.health() {
	case healthy:
		dot = widgets.LinkOnline
	case connecting:
		dot = widgets.LinkTrying
	case suspended, signedOut, broken:
		dot = widgets.LinkRefused
	case troubled:
	}
	words := h.connection.FooterWords()
	if h.app.several() && h.connection.health() == healthy {
		words = tr.L("Connected as {{.Name}}", "Name", h.ownName())
	}
	h.contacts.SetFooter(dot, words, action)
	h.contacts.SetBanner(h.listBanner())
	if h.connectionRow != nil {
		h.connectionRow.SetRight(h.connection.FooterWords())
	}
	h.chat.SetBanner(h.bannerData())
}

// listBanner is the banner above the list, about the call whose window was closed, where no chat is shown that has it.
func (h *home) listBanner() widgets.BannerData {
	d := h.calls.banner()
	switch narrow := h.panes.Mode() == widgets.PanesOnlyLeft; {
	case narrow:
	case h.chat.Model() != nil:
		return widgets.BannerData{}
	default:
		d.Actions = d.Actions[:1] // the list is not wide enough for both
	}
	return d
}

// bannerData is the banner above the messages; without text there is none.
func (h *home) bannerData() widgets.BannerData {
	d := widgets.BannerData{Kind: widgets.BannerAmber, Text: h.connection.BannerWords()}
	switch {
	case h.connection.health() == suspended:
		d.Kind = widgets.BannerRed
	case h.connection.health() == signedOut:
		d.Kind = widgets.BannerRed
		d.Actions = []widgets.Action{{Text: tr.L("Sign in"), Tapped: h.app.signIn}}
	case h.connection.health() == broken:
		d.Kind = widgets.BannerRed
		d.Actions = []widgets.Action{{Text: tr.L("Quit"), Tapped: h.app.quit}}
	case h.calls.model.BannerWords() != "":
		return h.calls.banner()
	case h.connection.health() == healthy && h.groupOnWords() != "":
		return h.calls.groupBanner(h.current().Group)
	case h.connection.health() == healthy:
		d.Kind = widgets.BannerNeutral
	case h.connection.CanRetry():
		d.Actions = []widgets.Action{{Text: tr.L("Retry now"), Tapped: h.connection.Retry}}
	}
	return d
}

// groupOnWords say that a call of the open group is on, in which this device takes no part; empty for none.
func (h *home) groupOnWords() string {
	words, _ := h.calls.model.Groups().OnWords(h.current().Group)
	return words
}
