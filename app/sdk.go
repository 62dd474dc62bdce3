package app

import (
	"slices"
	"strings"

	"github.com/parley-chat/parley/app/chat"
	"github.com/parley-chat/parley/app/contacts"
	"github.com/parley-chat/parley/mesibo"
)

// client adds to the SDK what the screens want of its read sessions: one page at a time, without a session to keep.
type client struct{ *mesibo.Mesibo }

var _ Client = client{}

// NewClient makes a Client of the SDK. m has its token and its database; it may be stopped.
//
//nolint:ireturn // a Session is made with it, and tests make others
func NewClient(m *mesibo.Mesibo) Client { return client{m} }

// ReadPage implements chat.Backend.
func (c client) ReadPage(q chat.Query) ([]chat.Message, error) {
	page := make([]chat.Message, 0, q.Count)
	s := c.NewReadDbSession(q.Peer, q.GroupID, "", collect(func(m *mesibo.Message) {
		page = append(page, chat.NewMessage(m))
	}))
	defer s.Stop()
	s.EnableCalls(true)
	s.EnableFifo(q.Dir == chat.Newer)
	var err error
	switch {
	case !q.From.IsZero():
		err = s.Seek(q.From)
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
func (c client) FirstUnread(peer string, groupID uint32) (uint64, error) {
	s := c.NewReadDbSession(peer, groupID, "", nil)
	defer s.Stop()
	s.EnableCalls(true)
	return s.FirstUnread()
}

// UnreadMentions implements chat.Backend.
func (c client) UnreadMentions(groupID uint32) ([]uint64, error) {
	const most = 1000
	self := c.GetAddress()
	var mids []uint64
	s := c.NewReadDbSession("", groupID, "", collect(func(m *mesibo.Message) {
		if mentions(m, self) {
			mids = append(mids, m.Mid)
		}
	}))
	defer s.Stop()
	s.EnableUnread(true)
	s.EnableFifo(true)
	_, err := s.Read(most)
	return mids, err
}

// mentions reports whether a message mentions a user.
func mentions(m *mesibo.Message, address string) bool {
	return slices.ContainsFunc(m.Mentions, func(who string) bool { return strings.EqualFold(who, address) })
}

// Fraction implements chat.Backend.
func (c client) Fraction(peer string, groupID uint32, mid uint64) (float64, error) {
	s := c.NewReadDbSession(peer, groupID, "", nil)
	defer s.Stop()
	s.EnableCalls(true)
	return s.Fraction(mid)
}

// LoadAnimation implements chat.Backend.
//
//nolint:ireturn // as the screens want it
func (c client) LoadAnimation(path string, maxSide int) (chat.Animation, error) {
	a, err := c.Mesibo.LoadAnimation(path, maxSide)
	if err != nil {
		return nil, err
	}
	return a, nil
}

// ReadShared implements chat.Backend.
func (c client) ReadShared(peer string, groupID uint32, count int) ([]chat.Message, error) {
	var rows []chat.Message
	s := c.NewReadDbSession(peer, groupID, "", collect(func(m *mesibo.Message) { rows = append(rows, chat.NewMessage(m)) }))
	defer s.Stop()
	s.EnableFiles(true)
	_, err := s.Read(count)
	return rows, err
}

// ReadLinks implements chat.Backend.
func (c client) ReadLinks(peer string, groupID uint32, count int) ([]chat.Message, error) {
	var rows []chat.Message
	known := map[uint64]bool{}
	for _, query := range []string{"http", "www."} {
		s := c.NewReadDbSession(peer, groupID, query, collect(func(m *mesibo.Message) {
			if !known[m.Mid] {
				known[m.Mid] = true
				rows = append(rows, chat.NewMessage(m))
			}
		}))
		_, err := s.Read(count)
		s.Stop()
		if err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(rows, func(a, b chat.Message) int { return b.At.Compare(a.At) })
	return rows, nil
}

// FindInChat implements chat.Backend.
func (c client) FindInChat(peer string, groupID uint32, text string, count int) ([]uint64, error) {
	var mids []uint64
	s := c.NewReadDbSession(peer, groupID, text, collect(func(m *mesibo.Message) { mids = append(mids, m.Mid) }))
	defer s.Stop()
	_, err := s.Read(count)
	return mids, err
}

// FindMessages implements contacts.Backend.
func (c client) FindMessages(text string, count int) ([]contacts.Line, error) {
	var lines []contacts.Line
	s := c.NewReadDbSession("", 0, text, collect(func(m *mesibo.Message) { lines = append(lines, contacts.NewLine(m)) }))
	defer s.Stop()
	_, err := s.Read(count)
	return lines, err
}

// Mentioned implements contacts.Backend.
func (c client) Mentioned(groupID uint32, unread int) (bool, error) {
	const most = 200
	self, named := c.GetAddress(), false
	s := c.NewReadDbSession("", groupID, "", collect(func(m *mesibo.Message) {
		named = named || m.Status == mesibo.MsgStatusReceivedNew && mentions(m, self)
	}))
	defer s.Stop()
	_, err := s.Read(min(unread, most))
	return named, err
}

// ReadSummary implements contacts.Backend.
func (c client) ReadSummary(count int) ([]contacts.Summary, error) {
	var list []contacts.Summary
	s := c.NewReadDbSession("", 0, "", collect(func(m *mesibo.Message) { list = append(list, contacts.NewSummary(m)) }))
	defer s.Stop()
	s.EnableSummary(true)
	s.EnableCalls(true)
	_, err := s.Read(count)
	return list, err
}

// ReadFiles implements storageBackend.
func (c client) ReadFiles(id contacts.ID, each func(f *mesibo.FileInfo)) error {
	const page = 200
	s := c.NewReadDbSession(id.Peer, id.Group, "", collect(func(m *mesibo.Message) {
		if m.File != nil {
			each(m.File)
		}
	}))
	defer s.Stop()
	s.EnableFiles(true)
	for {
		if n, err := s.Read(page); err != nil || n == 0 {
			return err
		}
	}
}

// ReadLast implements contacts.Backend.
func (c client) ReadLast(id contacts.ID, skip func(mid uint64) bool) (line contacts.Line, ok bool, err error) {
	s := c.NewReadDbSession(id.Peer, id.Group, "", collect(func(m *mesibo.Message) {
		if !skip(m.Mid) {
			line, ok = contacts.NewLine(m), true
		}
	}))
	defer s.Stop()
	s.EnableCalls(true)
	for !ok {
		if n, err := s.Read(1); n == 0 || err != nil {
			return line, false, err
		}
	}
	return line, true, nil
}

// collect is a listener for read sessions that gets messages of all kinds.
func collect(f func(m *mesibo.Message)) *mesibo.ListenerFuncs {
	return &mesibo.ListenerFuncs{Received: f}
}
