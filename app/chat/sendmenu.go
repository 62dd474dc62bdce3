package chat

import (
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/widgets"
)

// sendMenu offers other ways to send the text.
func (s *Screen) sendMenu(at fyne.Position) {
	m := s.model
	if m == nil || m.Refused() != "" || m.writing.edit != 0 {
		return
	}
	text := strings.TrimSpace(s.composer.Text())
	if text == "" {
		return
	}
	widgets.ShowMenuAbove(s.window, at,
		widgets.NewMenuItem(tr.L("Send without sound"), func() { s.sendSilently(text) }).With(assets.IconBellOff),
		widgets.NewMenuItem(tr.L("Send later…"), func() { s.sendLater(text) }).With(assets.IconClock),
	)
}

// ShowSendMenu shows the menu above the composer's button.
func (s *Screen) ShowSendMenu() { s.composer.ShowSendMenu() }

func (s *Screen) sendSilently(text string) {
	if s.model != nil && s.model.sendSilently(text) {
		s.composer.SetText("")
		s.completion.close()
		s.on.Notify(tr.L("Sent without sound"))
	}
	s.refresh()
	s.Focus()
}

func (s *Screen) sendLater(text string) {
	m := s.model
	if m == nil {
		return
	}
	s.on.Later(text, func(due time.Time) Later { return m.later(text, due) }, m.kept)
}

// SetWaiting says above the composer what is to be sent later; without words nothing is.
func (s *Screen) SetWaiting(words string) {
	show := widgets.Action{Text: tr.L("Show"), Tapped: s.on.ShowLater}
	s.waiting.Set(widgets.BannerData{Text: words, Actions: []widgets.Action{show}})
	s.setShown(s.waiting, words != "")
}
