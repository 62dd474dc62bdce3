package contacts

import (
	"time"

	"fyne.io/fyne/v2"

	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/widgets"
)

// rowMenu offers what can be done with a chat of the list.
func (s *Screen) rowMenu(id ID, at fyne.Position) {
	open := widgets.NewMenuItem(tr.L("Open"), func() { s.on.Open(id, true) }).With(assets.IconChat)
	widgets.ShowMenu(s.window, at, append([]*widgets.MenuItem{open}, s.ChatMenu(id)...)...)
}

// ChatMenu is the menu for a chat.
func (s *Screen) ChatMenu(id ID) []*widgets.MenuItem {
	r := s.model.Known(id)
	items := []*widgets.MenuItem{}
	if !r.Saved && !r.Echo {
		what := tr.L("View profile")
		if r.Group != 0 {
			what = tr.L("Group info")
		}
		items = append(items, widgets.NewMenuItem(what, func() { s.on.Info(id) }).With(assets.IconInfo))
	}
	items = append(items, s.settingItems(r)...)
	if ends := s.endItems(r); len(ends) > 0 {
		items = append(items, widgets.NewMenuSeparator())
		items = append(items, ends...)
	}
	return items
}

func (s *Screen) settingItems(r Row) []*widgets.MenuItem {
	pin, archive := tr.X("Pin", "chat"), tr.X("Archive", "verb")
	if r.Pinned {
		pin = tr.L("Unpin")
	}
	if r.Archived {
		archive = tr.L("Bring back from archive")
	}
	var items []*widgets.MenuItem
	add := func(words string, icon assets.Icon, tapped func()) *widgets.MenuItem {
		item := widgets.NewMenuItem(words, tapped).With(icon)
		items = append(items, item)
		return item
	}
	add(pin, assets.IconPin, func() { s.try(s.model.Pin(r.ID, !r.Pinned)) })
	if r.Muted {
		add(tr.X("Unmute", "chat"), assets.IconBell, func() { s.try(s.model.Unmute(r.ID)) })
	} else {
		add(tr.X("Mute", "chat"), assets.IconBellOff, nil).Sub = s.muteItems(r.ID)
	}
	if r.Group != 0 {
		on := s.model.MentionsOnly(r.ID)
		only := func() { s.model.SetMentionsOnly(r.ID, !on) }
		add(tr.L("Notify of mentions only"), assets.IconBell, only).Checked = on
	}
	add(archive, assets.IconArchive, func() { s.try(s.model.Archive(r.ID, !r.Archived)) })
	switch {
	case r.isUnread():
		add(tr.L("Mark as read"), assets.IconEye, func() { s.try(s.model.MarkRead(r.ID)) })
	case !r.Saved:
		add(tr.L("Mark as unread"), assets.IconEye, func() { s.try(s.model.MarkUnread(r.ID)) })
	}
	return items
}

// MuteTimes are how long a chat can be muted, in the order they are offered; 0 is for ever.
func MuteTimes() []time.Duration {
	return []time.Duration{time.Hour, 8 * time.Hour, 7 * 24 * time.Hour, 0}
}

// MuteWords is one of the MuteTimes in words.
func MuteWords(d time.Duration) string {
	switch d {
	case time.Hour:
		return tr.L("For 1 hour")
	case 8 * time.Hour:
		return tr.L("For 8 hours")
	case 7 * 24 * time.Hour:
		return tr.L("For 1 week")
	default:
		return tr.X("Always", "muted")
	}
}

func (s *Screen) muteItems(id ID) []*widgets.MenuItem {
	var items []*widgets.MenuItem
	for _, d := range MuteTimes() {
		items = append(items, widgets.NewMenuItem(MuteWords(d), func() { s.try(s.model.MuteFor(id, d)) }))
	}
	return items
}

// endItems are the menu's entries that delete something.
func (s *Screen) endItems(r Row) []*widgets.MenuItem {
	var items []*widgets.MenuItem
	if !r.Empty() {
		clean := widgets.NewMenuItem(tr.L("Delete messages…"), func() { s.AskDelete(r.ID) })
		items = append(items, clean.With(assets.IconDelete).Dangerous())
	}
	if r.Echo {
		items = append(items, widgets.NewMenuItem(tr.L("Remove Echo…"), func() {
			s.on.Confirm(tr.L("Remove Echo?"), tr.L("Echo stops answering and leaves the list."), tr.L("Remove Echo"),
				s.on.RemoveEcho)
		}).With(assets.IconBlock).Dangerous())
	}
	return items
}

// AskDelete asks before all messages of a chat are deleted from this device.
func (s *Screen) AskDelete(id ID) {
	s.on.Confirm(tr.L("Delete all messages of this chat?"), s.model.Known(id).afterDeletion(), tr.L("Delete messages"),
		func() { s.delete(id) })
}

// afterDeletion says who keeps the messages.
func (r Row) afterDeletion() string {
	switch {
	case r.Saved:
		return tr.L("They are removed from this device. Your other device keeps what was received.")
	case r.Group != 0:
		return tr.L("They are removed from this device. The other members keep what was received.")
	default:
		return tr.L("They are removed from this device. {{.Name}} keeps what was received.", "Name", r.Name)
	}
}

func (s *Screen) delete(id ID) {
	if err := s.model.Delete(id); err != nil {
		s.on.Failed(err)
		return
	}
	s.on.Deleted(id)
}

func (s *Screen) try(err error) {
	if err != nil {
		s.on.Failed(err)
	}
}
