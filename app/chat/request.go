package chat

import (
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/widgets"
)

// RequestAnswer is what a user does with the first message of a stranger.
type RequestAnswer int

// The answers.
const (
	AcceptRequest RequestAnswer = iota
	BlockRequest
	DeleteRequest
)

// IsRequest reports whether the other user waits to be accepted.
func (m *Model) IsRequest() bool {
	p := m.participants.profile
	return m.cfg.GroupID == 0 && p.IsMessageRequest() && !p.IsBlocked()
}

// refreshRequest asks above the composer what to do with a stranger.
func (s *Screen) refreshRequest() {
	m := s.model
	action := func(words string, answer RequestAnswer, danger bool) widgets.Action {
		return widgets.Action{Text: words, Danger: danger, Tapped: func() { s.on.AnswerRequest(answer) }}
	}
	if m.IsRequest() {
		s.request.Set(widgets.BannerData{
			Text: tr.L("{{.Name}} wants to write to you", "Name", m.Title()),
			Actions: []widgets.Action{
				action(tr.X("Accept", "stranger"), AcceptRequest, false),
				action(tr.L("Block"), BlockRequest, true), action(tr.L("Delete"), DeleteRequest, true),
			},
		})
	}
	s.setShown(s.request, m.IsRequest())
}
