package contacts

import (
	"fmt"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// rowMenu offers what can be done with a chat of the list.
func (s *Screen) rowMenu(id ID, at fyne.Position) {
	items := append([]*fyne.MenuItem{fyne.NewMenuItem("Open", func() { s.on.Open(id, true) })}, s.ChatMenu(id)...)
	widget.ShowPopUpMenuAtPosition(fyne.NewMenu("", items...), s.window, at)
}

// ChatMenu is the menu for a chat.
func (s *Screen) ChatMenu(id ID) []*fyne.MenuItem {
	r := s.model.Known(id)
	items := []*fyne.MenuItem{}
	if !r.Saved && !r.Echo {
		what := "View profile"
		if r.Group != 0 {
			what = "Group info"
		}
		items = append(items, fyne.NewMenuItem(what, func() { s.on.Info(id) }))
	}
	items = append(items, s.settingItems(r)...)
	if ends := s.endItems(r); len(ends) > 0 {
		items = append(items, fyne.NewMenuItemSeparator())
		items = append(items, ends...)
	}
	return items
}

func (s *Screen) settingItems(r Row) []*fyne.MenuItem {
	pin, archive := "Pin", "Archive"
	if r.Pinned {
		pin = "Unpin"
	}
	if r.Archived {
		archive = "Bring back from archive"
	}
	items := []*fyne.MenuItem{fyne.NewMenuItem(pin, func() { s.try(s.model.Pin(r.ID, !r.Pinned)) })}
	if r.Muted {
		items = append(items, fyne.NewMenuItem("Unmute", func() { s.try(s.model.Unmute(r.ID)) }))
	} else {
		mute := fyne.NewMenuItem("Mute", nil)
		mute.ChildMenu = fyne.NewMenu("", s.muteItems(r.ID)...)
		items = append(items, mute)
	}
	if r.Group != 0 {
		on := s.model.MentionsOnly(r.ID)
		only := fyne.NewMenuItem("Notify of mentions only", func() { s.model.SetMentionsOnly(r.ID, !on) })
		only.Checked = on
		items = append(items, only)
	}
	items = append(items, fyne.NewMenuItem(archive, func() { s.try(s.model.Archive(r.ID, !r.Archived)) }))
	switch {
	case r.isUnread():
		items = append(items, fyne.NewMenuItem("Mark as read", func() { s.try(s.model.MarkRead(r.ID)) }))
	case !r.Saved:
		items = append(items, fyne.NewMenuItem("Mark as unread", func() { s.try(s.model.MarkUnread(r.ID)) }))
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
		return "For 1 hour"
	case 8 * time.Hour:
		return "For 8 hours"
	case 7 * 24 * time.Hour:
		return "For 1 week"
	default:
		return "Always"
	}
}

func (s *Screen) muteItems(id ID) []*fyne.MenuItem {
	var items []*fyne.MenuItem
	for _, d := range MuteTimes() {
		items = append(items, fyne.NewMenuItem(MuteWords(d), func() { s.try(s.model.MuteFor(id, d)) }))
	}
	return items
}

// endItems are the menu's entries that delete something.
func (s *Screen) endItems(r Row) []*fyne.MenuItem {
	var items []*fyne.MenuItem
	if !r.Empty() {
		items = append(items, fyne.NewMenuItem("Delete messages…", func() { s.AskDelete(r.ID) }))
	}
	if r.Echo {
		items = append(items, fyne.NewMenuItem("Remove Echo…", func() {
			s.on.Confirm("Remove Echo?", "Echo stops answering and leaves the list.", "Remove Echo", s.on.RemoveEcho)
		}))
	}
	return items
}

// AskDelete asks before all messages of a chat are deleted from this device.
func (s *Screen) AskDelete(id ID) {
	s.on.Confirm("Delete all messages of this chat?",
		fmt.Sprintf("They are removed from this device. %s what was received.", s.model.Known(id).other()),
		"Delete messages", func() { s.delete(id) })
}

// other says who else keeps the messages.
func (r Row) other() string {
	switch {
	case r.Saved:
		return "Your other device keeps"
	case r.Group != 0:
		return "The other members keep"
	default:
		return r.Name + " keeps"
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
