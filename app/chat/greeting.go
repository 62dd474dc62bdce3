package chat

import (
	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/widgets"
)

// greetingData is what an empty chat shows.
func (s *Screen) greetingData() widgets.EmptyData {
	m := s.model
	hello := func(text string) []widgets.Action {
		return []widgets.Action{{Text: text, Tapped: func() { s.send(text) }}}
	}
	switch {
	case m.Saved():
		return widgets.EmptyData{
			Icon: assets.IconBookmark, Text: tr.L("Keep notes here"),
			Detail: tr.L("What you write reaches nobody but your own devices."),
		}
	case m.echo():
		return widgets.EmptyData{
			Icon: assets.IconRobot, Text: tr.L("Write something to Echo"),
			Detail:  tr.L("It answers with your own words, so you can see how messages are sent, delivered and read."),
			Actions: hello(tr.L("Hello")),
		}
	case m.Refused() != "":
		return widgets.EmptyData{Icon: assets.IconChat, Text: tr.L("No messages")}
	case m.GroupID() != 0:
		return widgets.EmptyData{
			Icon: assets.IconUsers, Actions: hello("👋"),
			Text: tr.L("Say hello to everybody in {{.Group}}", "Group", m.Title()),
		}
	default:
		return widgets.EmptyData{
			Icon: assets.IconChat, Text: tr.L("Say hello to {{.Name}}", "Name", m.Title()), Actions: hello("👋"),
		}
	}
}
