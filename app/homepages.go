package app

import (
	"context"

	"fyne.io/fyne/v2"

	"github.com/parley-chat/parley/app/chat"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/widgets"
)

// pages returns what opens the pages that this user's texts link to; nil unless it was switched on.
func (h *home) pages() chat.OpenPage {
	open := h.app.cfg.OpenPage
	if open == nil || !h.prefs.linkPreviews() {
		return nil
	}
	return func(ctx context.Context, link string) (*mesibo.LinkPreview, error) {
		return open(ctx, link, h.session.Server)
	}
}

// previewParts switch previews of links on and off.
func (h *home) previewParts() []fyne.CanvasObject {
	if h.app.cfg.OpenPage == nil {
		return nil
	}
	on := newSwitch(tr.L("Previews of links"), h.prefs.linkPreviews(), func(on bool) {
		h.prefs.setLinkPreviews(on)
		h.chat.FollowLinks()
	})
	return []fyne.CanvasObject{on, widgets.NewInfoText(tr.L("When you type the address of a page, this device opens it, to send its " +
		"title and picture with your message. The others see what you send and open nothing."))}
}
