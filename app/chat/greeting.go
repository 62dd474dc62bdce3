package chat

import (
	"github.com/parley-chat/parley/assets"
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
			Icon: assets.IconBookmark, Text: "Keep notes here",
			Detail: "What you write reaches nobody but your own devices.",
		}
	case m.echo():
		return widgets.EmptyData{
			Icon: assets.IconRobot, Text: "Write something to Echo",
			Detail:  "It answers with your own words, so you can see how messages are sent, delivered and read.",
			Actions: hello("Hello"),
		}
	case m.Refused() != "":
		return widgets.EmptyData{Icon: assets.IconChat, Text: "No messages"}
	case m.GroupID() != 0:
		return widgets.EmptyData{
			Icon: assets.IconUsers, Text: "Say hello to everybody in " + m.Title(), Actions: hello("👋"),
		}
	default:
		return widgets.EmptyData{Icon: assets.IconChat, Text: "Say hello to " + m.Title(), Actions: hello("👋")}
	}
}
