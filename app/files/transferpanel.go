package files

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/app/format"
	"github.com/parley-chat/parley/app/sheet"
	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/widgets"
)

const (
	panelEvery  = 250 * time.Millisecond // the panel is refreshed at most this often
	panelWidth  = 340
	panelMargin = 8  // around the panel
	panelGap    = 8  // between title and list
	panelPad    = 24 // of the panel, both sides
)

// transferPanel lists the transfers of all chats over the lower left corner of the window.
type transferPanel struct {
	screen *Screen
	popup  *widget.PopUp // nil before it is shown the first time
	list   *widgets.AttachmentList
	timer  func() // cancels the next refresh; nil when none is due
}

func (p *transferPanel) show() {
	p.list = widgets.NewAttachmentList()
	p.list.OnRemove = p.stop
	p.list.SetItems(p.items())
	title := sheet.NewText(tr.L("Transfers"), theme.SizeNameText, widgets.ColorText, true)
	c := p.screen.cfg.Window
	p.popup = widget.NewPopUp(container.New(&panelLayout{c}, title, p.list), c)
	p.popup.Show()
	p.place()
}

// place moves the panel to its corner, as high as its rows.
func (p *transferPanel) place() {
	size := p.popup.MinSize()
	p.popup.Resize(size)
	top := p.screen.cfg.Window.Size().Height - size.Height - widgets.FooterHeight - panelMargin
	left := float32(panelMargin)
	if tr.RightToLeft() {
		left = p.screen.cfg.Window.Size().Width - size.Width - left
	}
	p.popup.Move(fyne.NewPos(left, max(panelMargin, top)))
}

// fill lists the transfers of now.
func (p *transferPanel) fill() {
	p.list.SetItems(p.items())
	p.place()
}

func (p *transferPanel) items() []widgets.Attachment {
	s := p.screen
	items := make([]widgets.Attachment, len(s.model.transfers))
	for i, f := range s.model.transfers {
		chat := s.on.Title(f.Params.Peer, f.Params.GroupID)
		state := tr.L("From {{.Chat}}", "Chat", chat)
		switch {
		case !s.on.Online():
			state = format.Offline()
		case f.Mode == mesibo.FileModeUpload:
			state = tr.L("To {{.Chat}}", "Chat", chat)
		}
		items[i] = widgets.Attachment{
			Name: f.Title, Icon: assets.IconFile, Detail: format.Part(format.Transferred(f), f.Size) + " · " + state,
		}
	}
	return items
}

// refresh shows the transfers of now, but not too often. Without any left the panel goes.
func (p *transferPanel) refresh() {
	switch {
	case p.popup == nil || !p.popup.Visible():
		return
	case len(p.screen.model.transfers) == 0:
		p.popup.Hide()
		return
	case p.timer != nil:
		return
	}
	p.fill()
	p.timer = p.screen.cfg.Dispatcher.After(panelEvery, func() {
		p.timer = nil
		if p.popup.Visible() && len(p.screen.model.transfers) > 0 {
			p.fill()
		}
	})
}

// stop ends the transfer of a row.
func (p *transferPanel) stop(i int) {
	s := p.screen
	if i < 0 || i >= len(s.model.transfers) {
		return
	}
	f := s.model.transfers[i]
	if c := s.open(f.Params); c != nil && c.StopFile(f) {
		return
	}
	if err := s.model.stop(f); err != nil {
		s.failed("stop transfer", err)
		return
	}
	s.on.Updated(f.Params.Peer, f.Params.GroupID)
}

func (p *transferPanel) close() {
	if p.timer != nil {
		p.timer()
	}
	if p.popup != nil {
		p.popup.Hide()
	}
}

// panelLayout puts the list under the title. It is as high as its rows, or as the window allows.
type panelLayout struct{ window fyne.Canvas }

// Layout implements fyne.Layout.
func (l *panelLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	title, list := objects[0], objects[1]
	top := title.MinSize().Height + panelGap
	title.Resize(fyne.NewSize(size.Width, title.MinSize().Height))
	list.Move(fyne.NewPos(0, top))
	list.Resize(fyne.NewSize(size.Width, max(0, size.Height-top)))
}

// MinSize implements fyne.Layout.
func (l *panelLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	wanted := objects[0].MinSize().Height + panelGap + objects[1].MinSize().Height
	room := l.window.Size().SubtractWidthHeight(2*panelMargin+panelPad, 2*panelMargin+panelPad+widgets.FooterHeight)
	return fyne.NewSize(min(panelWidth, room.Width), min(wanted, room.Height))
}
