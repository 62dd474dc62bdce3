package app

import (
	"context"

	"github.com/parley-chat/parley/app/chat"
	"github.com/parley-chat/parley/app/format"
	"github.com/parley-chat/parley/app/sheet"
	"github.com/parley-chat/parley/widgets"
)

// viewSide is how many pixels the longer side of a full-window picture has at most.
const viewSide = 2560

// pictures are the messages that a viewer goes through: those of the open chat, or all that were shared in a chat.
type pictures interface {
	Messages() []chat.Message // oldest first
	Message(key uint64) (chat.Message, bool)
	Hidden(key uint64) bool
	Author(msg chat.Message) string
}

// viewer shows the pictures of a chat, one at a time, over the whole window.
type viewer struct {
	home   *home
	of     pictures
	key    uint64 // of the message
	path   string
	widget *widgets.PhotoViewer
	data   widgets.PhotoViewerData
	quiet  func() // cancels the timer that hides the note
	loaded func(key uint64) *widgets.Photo
	left   func()
	player *chat.Player
	still  *widgets.Photo // of a picture that moves
}

// viewPicture shows the picture of a message in the whole window.
func (h *home) viewPicture(key uint64) {
	if m := h.chat.Model(); m != nil {
		h.view(m, key, h.chat.Photo, func(key uint64) { h.askForward([]uint64{key}) }, h.focus)
	}
}

// view shows one of some pictures in the whole window. loaded returns pictures as far as they are loaded, left is called when
// the window is as before.
func (h *home) view(of pictures, key uint64, loaded func(uint64) *widgets.Photo, forward func(uint64), left func()) {
	if h.app.viewer != nil {
		return
	}
	v := &viewer{home: h, of: of, loaded: loaded, left: left, widget: widgets.NewPhotoViewer()}
	v.player = chat.NewPlayer(h.session.Client.LoadAnimation, h.app.cfg.UI, h.app.cfg.Logger, v.frame, func() {})
	v.widget.OnClose = h.app.closeViewer
	v.widget.OnStep = v.step
	v.widget.OnSave = func() {
		h.app.window.Canvas().Focus(v.widget) // the button took the keyboard
		h.saveFile(v.path)
	}
	if h.app.cfg.Desktop != nil {
		v.widget.OnCopy = func() {
			h.app.window.Canvas().Focus(v.widget)
			h.files.CopyPicture(v.path)
		}
	}
	v.widget.OnForward = func() {
		key := v.key
		h.app.closeViewer()
		forward(key)
	}
	h.app.viewer = v
	h.chat.SetCovered(true)
	h.updateFocus()
	v.widget.Tips = widgets.NewTips(h.app.cfg.UI.After)
	v.widget.Tips.Attach()
	widgets.AddLayer(h.app.window.Canvas(), v.widget)
	v.show(key)
}

// closeViewer closes the viewer, if any.
func (a *App) closeViewer() {
	if a.viewer == nil {
		return
	}
	a.viewer.widget.Tips.Detach()
	widgets.RemoveLayer(a.window.Canvas(), a.viewer.widget)
	if a.viewer.quiet != nil {
		a.viewer.quiet()
	}
	v := a.viewer
	a.viewer = nil
	v.player.End()
	v.home.chat.SetCovered(false)
	v.home.updateFocus()
	v.left()
}

// say shows a note under the title for a few seconds.
func (v *viewer) say(words string) {
	if v.quiet != nil {
		v.quiet()
	}
	v.data.Note = words
	v.widget.Set(v.data)
	v.quiet = v.home.app.cfg.UI.After(sheet.ToastTime, func() {
		v.quiet, v.data.Note = nil, ""
		v.widget.Set(v.data)
	})
}

// neighbour returns the next message with a picture before or after the one shown; 0 without one.
func (v *viewer) neighbour(direction int) uint64 {
	rows, at := v.of.Messages(), -1
	for i := range rows {
		if rows[i].Key() == v.key {
			at = i
		}
	}
	if at < 0 {
		return 0
	}
	for i := at + direction; i >= 0 && i < len(rows); i += direction {
		if _, here := rows[i].HasFile(); here && rows[i].Pictured() && !v.of.Hidden(rows[i].Key()) {
			return rows[i].Key()
		}
	}
	return 0
}

func (v *viewer) step(direction int) {
	if key := v.neighbour(direction); key != 0 {
		v.show(key)
	}
}

// show shows the loaded picture of a message, and then a sharp one.
func (v *viewer) show(key uint64) {
	h := v.home
	msg, ok := v.of.Message(key)
	path, here := msg.HasFile()
	if !ok || !here {
		h.app.closeViewer()
		return
	}
	v.player.Only(nil)
	v.key, v.path, v.still = key, path, v.loaded(key)
	v.data = widgets.PhotoViewerData{
		Photo: v.loaded(key), Title: msg.File.Title,
		Detail: v.of.Author(msg) + ", " + moment(msg.At, h.app.cfg.UI.Now()),
		Before: v.neighbour(-1) != 0, Behind: v.neighbour(1) != 0,
	}
	v.widget.Set(v.data)
	h.app.window.Canvas().Focus(v.widget)
	var photo *widgets.Photo
	var err error
	h.app.cfg.UI.Async(func(context.Context) {
		img, failed := h.session.Client.LoadImage(path, viewSide)
		if err = failed; err == nil {
			photo = widgets.NewPhoto(img)
		}
	}, func() {
		switch {
		case h.app.viewer != v || v.key != key:
		case err != nil:
			h.app.closeViewer()
			h.failed(err)
		default:
			v.data.Photo, v.still = photo, photo
			v.widget.Set(v.data)
			if format.MayMove(msg.File) && !v.player.Again(key) {
				v.player.Want(key, path, viewSide)
			}
		}
	})
}

// frame shows a frame of the picture, or the picture itself for nil.
func (v *viewer) frame(key uint64, frame *widgets.Photo) {
	if key != v.key {
		return
	}
	if frame == nil {
		frame = v.still
	}
	if v.data.Photo != frame {
		v.data.Photo = frame
		v.widget.Set(v.data)
	}
}
