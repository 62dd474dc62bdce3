package chat

import (
	"strconv"
	"strings"

	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/widgets/messages"
)

// The fewest and the most options of a poll.
const (
	LeastOptions = 2
	MostOptions  = 10
)

// Poll is a question with options. A vote is a reaction with the number of an option.
type Poll struct {
	Question string
	Options  []string
}

func newPoll(m *mesibo.Message) *Poll {
	if m.Type != mesibo.TypePoll || m.IsDeleted() {
		return nil
	}
	lines := strings.Split(string(m.Data), "\n")
	if len(lines) <= LeastOptions {
		return nil
	}
	return &Poll{Question: lines[0], Options: lines[1:min(len(lines), MostOptions+1)]}
}

// sendPoll sends a poll; it reports whether that worked.
func (m *Model) sendPoll(poll Poll) bool {
	p := m.params()
	p.Type = mesibo.TypePoll
	id := m.cfg.Backend.Random()
	text := strings.Join(append([]string{poll.Question}, poll.Options...), "\n")
	if err := m.cfg.Backend.SendMessageString(p, id, text); err != nil {
		m.fail("send poll", err)
		return false
	}
	m.placed(Message{Mid: uint64(id), Text: text, Poll: &poll})
	return true
}

// vote votes for an option of a poll, from 1, or takes the vote back when it is the same.
func (m *Model) vote(key uint64, option int) {
	if msg, ok := m.Message(key); ok && m.mayVote(msg) {
		m.toggle(msg, strconv.Itoa(option))
	}
}

func (m *Model) mayVote(msg Message) bool {
	return msg.Poll != nil && msg.Settled() && m.Refused() == ""
}

// options are those of a poll with their votes.
func (m *Model) options(msg Message) []messages.PollOption {
	list := make([]messages.PollOption, len(msg.Poll.Options))
	for i, words := range msg.Poll.Options {
		list[i].Text = words
	}
	for _, r := range msg.Reactions {
		if n, err := strconv.Atoi(r.Emoji); err == nil && n >= 1 && n <= len(list) {
			list[n-1].Votes++
			list[n-1].Own = list[n-1].Own || same(r.Address, m.self)
		}
	}
	return list
}

// SendPoll sends a poll; it reports whether that worked.
func (s *Screen) SendPoll(poll Poll) bool { return s.model != nil && s.model.sendPoll(poll) }
