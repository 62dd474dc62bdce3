package chat

import (
	"fmt"
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/widgets"
	"github.com/parley-chat/parley/widgets/messages"
)

// messageMenu offers what can be done with a message.
func (s *Screen) messageMenu(key int64, at fyne.Position) {
	if s.model == nil {
		return
	}
	if msg, ok := s.model.Message(messageKey(key)); ok {
		if items := s.menuItems(msg, at); len(items) > 0 {
			widgets.ShowMenu(s.window, at, items...)
		}
	}
}

func (s *Screen) menuItems(msg Message, at fyne.Position) []*widgets.MenuItem {
	m, key := s.model, msg.Key()
	can := m.Can(msg)
	var items []*widgets.MenuItem
	add := func(possible bool, icon assets.Icon, words, key string, do func()) {
		if possible {
			items = append(items, widgets.NewMenuItem(words, do).With(icon).WithKey(key))
		}
	}
	if m.mayVote(msg) {
		for i, o := range m.options(msg) {
			item := widgets.NewMenuItem(o.Text, func() { m.vote(key, i+1) })
			item.Checked = o.Own
			items = append(items, item)
		}
		items = append(items, widgets.NewMenuSeparator())
	}
	add(can.Reply, assets.IconReply, tr.L("Reply"), "R", func() { s.reply(key) })
	add(can.React, assets.IconSmile, tr.L("React…"), "+", func() { s.showReactions(itemKey(key), at) })
	add(can.Copy, assets.IconCopy, tr.L("Copy"), "C", func() { s.copy(msg) })
	add(msg.Place != nil && !msg.Deleted, assets.IconPlace, tr.L("Open in a map"), "", func() { s.openPlace(key) })
	add(msg.Page() != nil, assets.IconGlobe, tr.L("Open the page"), "", func() { s.openPage(msg) })
	path, here := msg.HasFile()
	add(here && msg.Pictured(), assets.IconImage, tr.L("View"), "", func() { s.openFile(key) })
	add(here && msg.Pictured() && s.on.CopyPicture != nil, assets.IconCopy, tr.L("Copy picture"), "",
		func() { s.on.CopyPicture(path) })
	add(here, assets.IconFile, tr.L("Open"), "", func() { s.on.OpenFile(path) })
	add(here, assets.IconArchive, tr.L("Show in folder"), "", func() { s.on.ShowFile(path) })
	add(here, assets.IconDownload, tr.L("Save as…"), "", func() { s.on.SaveFile(path) })
	add(msg.downloads(), assets.IconDownload, tr.X("Download", "verb"), "", func() { m.pressRing(key) })
	add(can.Edit, assets.IconEdit, tr.L("Edit"), "E", func() { s.edit(key) })
	add(can.Forward, assets.IconForward, tr.L("Forward…"), "F", func() { s.on.Forward([]uint64{key}) })
	add(can.Pin, assets.IconPin, tr.L("Pin for everyone"), "P", func() { m.pin(msg.Mid, true) })
	add(can.Unpin, assets.IconPin, tr.L("Unpin"), "P", func() { m.pin(msg.Mid, false) })
	add(can.Info, assets.IconInfo, tr.L("Message info"), "I", func() { s.on.MessageInfo(key) })
	add(msg.Waits(), assets.IconClose, tr.L("Cancel sending"), "", func() { m.withdraw(key) })
	add(msg.Failed(), assets.IconRetry, tr.L("Retry"), "", func() { m.retry(key) })
	add(msg.Failed(), assets.IconDelete, tr.L("Delete"), tr.X("Del", "key"), func() { m.withdraw(key) })
	add(m.canMark(msg) && !m.isMarked(key), assets.IconCheck, tr.L("Select"), tr.X("Space", "key"),
		func() { s.mark(key, false) })
	add(can.Report, assets.IconWarning, tr.X("Report…", "verb"), "", func() { s.on.Report(key) })
	add(can.Delete, assets.IconDelete, tr.L("Delete…"), tr.X("Del", "key"), func() { s.delete(key) })
	for _, item := range items {
		item.Danger = item.Icon == assets.IconDelete
	}
	return items
}

func (s *Screen) reply(key uint64) {
	if s.model != nil && s.model.reply(key) {
		s.chooser.drop()
		s.refresh()
		s.Focus()
	}
}

func (s *Screen) edit(key uint64) {
	if s.model != nil && s.model.edit(key) {
		s.chooser.drop()
		s.refresh()
	}
}

func (s *Screen) copy(msg Message) {
	text := msg.Text
	switch marked := s.list.Selected(); {
	case marked != "":
		text = marked
	case msg.Place != nil && text == "":
		text = coordinates(msg.Place)
	case msg.File != nil && text == "":
		text = msg.File.Path
	}
	s.on.Copy(text)
	s.on.Notify(tr.L("Copied"))
}

// openFile opens the file of a message, or downloads it.
func (s *Screen) openFile(key uint64) {
	if s.model == nil {
		return
	}
	msg, ok := s.model.Message(key)
	if !ok {
		return
	}
	path, here := msg.HasFile()
	switch {
	case msg.Place != nil:
		s.openPlace(key)
	case msg.Call != nil && s.model.cfg.Callable:
		s.on.Call(msg.Call.Video)
	case here && msg.Pictured():
		s.on.View(key)
	case here:
		s.on.OpenFile(path)
	case msg.downloads():
		s.model.pressRing(key)
	}
}

// Photo is the picture of a message as far as it is loaded.
func (s *Screen) Photo(key uint64) *widgets.Photo {
	if s.model == nil {
		return nil
	}
	return s.album.get(key)
}

func coordinates(l *mesibo.Location) string {
	return strconv.FormatFloat(l.Lat, 'f', -1, 64) + ", " + strconv.FormatFloat(l.Lon, 'f', -1, 64)
}

func (s *Screen) delete(key uint64) {
	m := s.model
	if m == nil {
		return
	}
	if msg, ok := m.Message(key); ok {
		s.deleteRows([]Message{msg})
	}
}

func (s *Screen) openPlace(key uint64) {
	if s.model == nil {
		return
	}
	msg, ok := s.model.Message(key)
	if !ok || msg.Place == nil {
		return
	}
	l := msg.Place
	s.on.OpenLink(fmt.Sprintf("https://www.openstreetmap.org/?mlat=%[1]g&mlon=%[2]g#map=16/%[1]g/%[2]g", l.Lat, l.Lon))
}

func (s *Screen) mentionTapped(key int64, mention int) {
	if s.model == nil {
		return
	}
	msg, ok := s.model.Message(messageKey(key))
	parts := Mentioned(msg.Text, msg.Mentions)
	if ok && mention >= 0 && mention < len(parts) {
		s.on.Person(msg.Text[parts[mention].Start+1 : parts[mention].End])
	}
}

func (s *Screen) senderTapped(key int64) {
	if s.model == nil {
		return
	}
	if msg, ok := s.model.Message(messageKey(key)); ok && msg.Sender != "" {
		s.on.Person(msg.Sender)
	}
}

// showReactions offers a few emoji to react with, and a button for more.
func (s *Screen) showReactions(key int64, at fyne.Position) {
	m := s.model
	if m == nil {
		return
	}
	if msg, ok := m.Message(messageKey(key)); !ok || !m.Can(msg).React {
		return
	}
	react := func(emoji string) { m.react(messageKey(key), emoji) }
	bar := messages.NewReactionBar(messages.QuickReactions(), m.reaction(messageKey(key)))
	popup := widget.NewPopUp(bar, s.window)
	bar.OnChosen = func(emoji string) {
		popup.Hide()
		react(emoji)
	}
	bar.OnMore = func() {
		popup.Hide()
		s.showPicker(at, false, react)
	}
	bar.OnEscape, bar.OnFocus = popup.Hide, s.window.Focus
	showInside(popup, s.window, at)
	bar.Focus()
}

// showPicker offers all emoji, and stickers if wanted.
func (s *Screen) showPicker(at fyne.Position, stickers bool, chosen func(emoji string)) {
	picker := widgets.NewEmojiPicker(s.on.RecentEmoji(), s.on.Language)
	popup := widget.NewPopUp(picker, s.window)
	picker.OnChosen = func(emoji string) {
		popup.Hide()
		s.on.EmojiUsed(emoji)
		chosen(emoji)
	}
	picker.OnSticker = func(i int) {
		popup.Hide()
		s.sendSticker(i)
		s.Focus()
	}
	picker.OnEscape, picker.OnFocus = popup.Hide, s.window.Focus
	if stickers {
		s.offerStickers(picker, func() {
			if popup.Visible() {
				showInside(popup, s.window, at)
			}
		})
	}
	showInside(popup, s.window, at)
	picker.Focus()
}

// showEmoji offers emoji for the text, and stickers.
func (s *Screen) showEmoji(at fyne.Position) {
	s.showPicker(at, true, func(emoji string) {
		s.composer.Insert(emoji)
		s.Focus()
	})
}

// ShowEmoji offers emoji for the text, above the composer's button.
func (s *Screen) ShowEmoji() {
	if s.model != nil && s.model.Refused() == "" {
		s.composer.ChooseEmoji()
	}
}

// showInside shows a popup with its corner near a position, entirely inside the window.
func showInside(popup *widget.PopUp, c fyne.Canvas, at fyne.Position) {
	const margin = 8
	size, window := popup.MinSize(), c.Size()
	if tr.RightToLeft() {
		at.X -= size.Width
	}
	at.X = max(margin, min(at.X, window.Width-size.Width-margin))
	if at.Y+size.Height+margin > window.Height {
		at.Y = max(margin, at.Y-size.Height-margin)
	}
	popup.ShowAtPosition(at)
}
