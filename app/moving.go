package app

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/app/chat"
	"github.com/parley-chat/parley/app/contacts"
	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/widgets"
)

const (
	movingEvery = 250 * time.Millisecond // the panel is drawn anew this often
	movingWidth = 340
)

// moving lists the files of all conversations that are sent or fetched just now, on a panel over the footer.
type moving struct {
	home  *home
	files []movingFile // in the order they began
	panel *widget.PopUp
	list  *widgets.AttachmentList
	timer func() // set for a moment after the panel was drawn
}

type movingFile struct {
	id   contacts.ID
	key  uint64 // of the message
	file *mesibo.FileInfo
}

func newMoving(h *home) *moving { return &moving{home: h} }

// progress takes in how far a file is; listeners of the SDK share nothing with others, so it is only read here.
func (m *moving) progress(id contacts.ID, f *mesibo.FileInfo) {
	key := chat.Message{Mid: f.Mid, Out: f.Params.IsOutgoing()}.Key()
	at := slices.IndexFunc(m.files, func(o movingFile) bool { return o.key == key && o.id.Is(id) })
	kept := *f // the conversation keeps the other
	switch runs := f.Status == mesibo.FileStatusInProgress; {
	case runs && at < 0 && m.gone(f.Mid): // it was told of before its message was withdrawn
	case runs && at < 0:
		m.files = append(m.files, movingFile{id, key, &kept})
		m.home.linkChanged()
	case runs:
		before := m.files[at].file
		kept.Progress, kept.Transferred = max(kept.Progress, before.Progress), max(kept.Transferred, before.Transferred)
		m.files[at].file = &kept
	case at >= 0:
		m.files = slices.Delete(m.files, at, at+1)
		m.home.linkChanged()
	}
	m.refresh()
}

// gone tells whether a message is not here any more.
func (m *moving) gone(mid uint64) bool {
	found, err := m.home.session.Client.FindMessage(mid)
	return errors.Is(err, mesibo.ErrNotFound) || err == nil && found.IsDeleted()
}

// updated takes in that messages of a conversation may be gone.
func (m *moving) updated(id contacts.ID) {
	m.files = slices.DeleteFunc(m.files, func(o movingFile) bool { return o.id.Is(id) && m.gone(o.file.Mid) })
	m.refresh()
}

// action is what the footer offers while several files move, or one that is not to be seen in the open chat.
func (m *moving) action() widgets.Action {
	n := len(m.files)
	elsewhere := slices.ContainsFunc(m.files, func(o movingFile) bool { return m.home.here(o.id) == nil })
	switch {
	case n == 0, n == 1 && !elsewhere:
		return widgets.Action{}
	case n == 1:
		return widgets.Action{Text: "1 transfer", Tapped: m.show}
	}
	return widgets.Action{Text: fmt.Sprintf("%d transfers", n), Tapped: m.show}
}

// show shows the panel over the lower left corner of the window.
func (m *moving) show() {
	m.list = widgets.NewAttachmentList()
	m.list.OnRemove = m.stop
	m.list.SetItems(m.items())
	title := newText("Transfers", theme.SizeNameText, widgets.ColorText, true)
	c := m.home.app.window.Canvas()
	m.panel = widget.NewPopUp(container.New(&movingLayout{c}, title, m.list), c)
	m.panel.Show()
	m.place()
}

// place puts the panel where it belongs, as high as its rows.
func (m *moving) place() {
	size := m.panel.MinSize()
	m.panel.Resize(size)
	m.panel.Move(fyne.NewPos(movingMargin, max(movingMargin, m.home.app.window.Canvas().Size().Height-size.Height-widgets.FooterHeight-movingMargin)))
}

// movingLayout puts the list under the title. It is as high as its rows, or as the window has room for.
type movingLayout struct{ canvas fyne.Canvas }

const (
	movingMargin = 8  // around the panel
	movingGap    = 8  // between title and list
	movingPad    = 24 // of the panel, both sides
)

// Layout implements fyne.Layout.
func (l *movingLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	title, list := objects[0], objects[1]
	top := title.MinSize().Height + movingGap
	title.Resize(fyne.NewSize(size.Width, title.MinSize().Height))
	list.Move(fyne.NewPos(0, top))
	list.Resize(fyne.NewSize(size.Width, max(0, size.Height-top)))
}

// MinSize implements fyne.Layout.
func (l *movingLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	window := l.canvas.Size()
	wanted := objects[0].MinSize().Height + movingGap + objects[1].MinSize().Height
	room := window.SubtractWidthHeight(2*movingMargin+movingPad, 2*movingMargin+movingPad+widgets.FooterHeight)
	return fyne.NewSize(min(movingWidth, room.Width), min(wanted, room.Height))
}

// fill lists what moves now.
func (m *moving) fill() {
	m.list.SetItems(m.items())
	m.place()
}

func (m *moving) items() []widgets.Attachment {
	items := make([]widgets.Attachment, len(m.files))
	for i, o := range m.files {
		words := "From "
		if o.file.Mode == mesibo.FileModeUpload {
			words = "To "
		}
		words += m.home.contacts.Model().Title(o.id)
		if m.home.link.health() != healthy {
			words = chat.WaitingWords
		}
		items[i] = widgets.Attachment{
			Name: o.file.Title, Icon: assets.IconFile, Detail: chat.PartWords(chat.Transferred(o.file), o.file.Size) + " · " + words,
		}
	}
	return items
}

// refresh draws the panel anew, but not too often; without anything left it goes.
func (m *moving) refresh() {
	switch {
	case m.panel == nil || !m.panel.Visible():
		return
	case len(m.files) == 0:
		m.panel.Hide()
		return
	case m.timer != nil:
		return
	}
	m.fill()
	m.timer = m.home.app.cfg.UI.After(movingEvery, func() {
		m.timer = nil
		if m.panel.Visible() && len(m.files) > 0 {
			m.fill()
		}
	})
}

// stop ends a transfer: an upload takes its message back, a download can be begun again.
func (m *moving) stop(i int) {
	if i < 0 || i >= len(m.files) {
		return
	}
	h, o := m.home, m.files[i]
	if open := h.here(o.id); open != nil {
		if _, ok := open.Message(o.key); ok {
			open.PressRing(o.key)
			return
		}
	}
	var err error
	if o.file.Mode == mesibo.FileModeUpload {
		err = h.session.Client.Cancel(o.id.Params(), uint32(o.file.Mid))
	} else {
		stopped := *o.file
		err = h.session.Client.StopFileTransfer(&stopped)
	}
	if err != nil {
		h.failed(err)
		return
	}
	h.updated(o.id)
}

func (m *moving) close() {
	if m.timer != nil {
		m.timer()
	}
	if m.panel != nil {
		m.panel.Hide()
	}
}
