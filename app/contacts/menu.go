package contacts

import (
	"fmt"
	"time"

	"fyne.io/fyne/v2"

	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/widgets"
)

// rowMenu offers what can be done with a chat of the list.
func (s *Screen) rowMenu(id ID, at fyne.Position) {
	items := append([]*widgets.MenuItem{widgets.NewMenuItem("Open", func() { s.on.Open(id, true) }).With(assets.IconChat)}, s.ChatMenu(id)...)
	widgets.ShowMenu(s.window, at, items...)
}

// ChatMenu is the menu for a chat.
func (s *Screen) ChatMenu(id ID) []*widgets.MenuItem {
	r := s.model.Known(id)
	items := []*widgets.MenuItem{}
	if !r.Saved && !r.Echo {
		what := "View profile"
		if r.Group != 0 {
			what = "Group info"
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
	pin, archive := "Pin", "Archive"
	if r.Pinned {
		pin = "Unpin"
	}
	if r.Archived {
		archive = "Bring back from archive"
	}
	items := []*widgets.MenuItem{widgets.NewMenuItem(pin, func() { s.try(s.model.Pin(r.ID, !r.Pinned)) }).With(assets.IconPin)}
	if r.Muted {
		items = append(items, widgets.NewMenuItem("Unmute", func() { s.try(s.model.Unmute(r.ID)) }).With(assets.IconBell))
	} else {
		mute := widgets.NewMenuItem("Mute", nil).With(assets.IconBellOff)
		mute.Sub = s.muteItems(r.ID)
		items = append(items, mute)
	}
	if r.Group != 0 {
		on := s.model.MentionsOnly(r.ID)
		only := widgets.NewMenuItem("Notify of mentions only", func() { s.model.SetMentionsOnly(r.ID, !on) }).With(assets.IconBell)
		only.Checked = on
		items = append(items, only)
	}
	items = append(items, widgets.NewMenuItem(archive, func() { s.try(s.model.Archive(r.ID, !r.Archived)) }).With(assets.IconArchive))
	switch {
	case r.isUnread():
		items = append(items, widgets.NewMenuItem("Mark as read", func() { s.try(s.model.MarkRead(r.ID)) }).With(assets.IconEye))
	case !r.Saved:
		items = append(items, widgets.NewMenuItem("Mark as unread", func() { s.try(s.model.MarkUnread(r.ID)) }).With(assets.IconEye))
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
		items = append(items, widgets.NewMenuItem("Delete messages…", func() { s.AskDelete(r.ID) }).With(assets.IconDelete).Dangerous())
	}
	if r.Echo {
		items = append(items, widgets.NewMenuItem("Remove Echo…", func() {
			s.on.Confirm("Remove Echo?", "Echo stops answering and leaves the list.", "Remove Echo", s.on.RemoveEcho)
		}).With(assets.IconBlock).Dangerous())
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
