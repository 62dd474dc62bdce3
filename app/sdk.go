package app

import (
	"github.com/parley-chat/parley/app/chat"
	"github.com/parley-chat/parley/app/contacts"
	"github.com/parley-chat/parley/mesibo"
)

// client adds to the SDK what the screens want of its read sessions: one page at a time, without a session to keep.
type client struct{ *mesibo.Mesibo }

var _ Client = client{}

// NewClient makes a Client of the SDK. m has its token and its database; it may be stopped.
func NewClient(m *mesibo.Mesibo) Client { return client{m} } //nolint:ireturn // a Session is made with it, and tests make others

// ReadPage implements chat.Backend.
func (c client) ReadPage(q chat.Query) ([]chat.Message, error) {
	page := make([]chat.Message, 0, q.Count)
	s := c.NewReadDbSession(q.Peer, 0, "", collect(func(p *mesibo.MessageParams, text string) {
		page = append(page, chat.NewMessage(p, text))
	}))
	defer s.Stop()
	s.EnableFifo(q.Dir == chat.Newer)
	var err error
	switch {
	case !q.From.IsZero():
		err = s.Seek(uint64(q.From.UnixMilli()))
	case q.Part != 0:
		err = s.SeekFraction(q.Part)
	case q.Mid != 0:
		err = s.SeekMessage(q.Mid)
	}
	if err == nil {
		_, err = s.Read(q.Count)
	}
	return page, err
}

// FirstUnread implements chat.Backend.
func (c client) FirstUnread(peer string) (uint64, error) {
	s := c.NewReadDbSession(peer, 0, "", nil)
	defer s.Stop()
	return s.FirstUnread()
}

// Fraction implements chat.Backend.
func (c client) Fraction(peer string, mid uint64) (float64, error) {
	s := c.NewReadDbSession(peer, 0, "", nil)
	defer s.Stop()
	return s.Fraction(mid)
}

// ReadSummary implements contacts.Backend.
func (c client) ReadSummary(count int) ([]contacts.Summary, error) {
	var list []contacts.Summary
	s := c.NewReadDbSession("", 0, "", collect(func(p *mesibo.MessageParams, text string) {
		if p.GroupID == 0 {
			list = append(list, contacts.NewSummary(p, text))
		}
	}))
	defer s.Stop()
	s.EnableSummary(true)
	_, err := s.Read(count)
	return list, err
}

// ReadLast implements contacts.Backend.
func (c client) ReadLast(peer string) (contacts.Line, bool, error) {
	var line contacts.Line
	s := c.NewReadDbSession(peer, 0, "", collect(func(p *mesibo.MessageParams, text string) {
		line = contacts.NewLine(p, text)
	}))
	defer s.Stop()
	n, err := s.Read(1)
	return line, n == 1, err
}

// collect is a listener for read sessions.
func collect(f func(p *mesibo.MessageParams, text string)) *mesibo.ListenerFuncs {
	return &mesibo.ListenerFuncs{Message: func(p *mesibo.MessageParams, data []byte) { f(p, string(data)) }}
}
