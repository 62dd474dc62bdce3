package mesibo

import (
	"context"
	"errors"
	"fmt"

	"github.com/parley-chat/parley/internal/wire"
	"github.com/parley-chat/parley/mesibo/internal/store"
)

// Sync fetches messages of the session's conversation that are older than what is here from the server, up to count, and stores them; Read then finds
// them (mesibo-api 1.3, 6.7). It returns at once; l.OnSync is told, on the goroutine that calls listeners, how many there are. Messages that were
// deleted here do not come back, and not those from before this user joined the group.
// Errors: ResultBadRequest for a session that is not of one conversation, or has a query; ResultDisconnected when not online.
func (s *ReadDbSession) Sync(count int, l SyncListener) error {
	const op = "Sync"
	switch {
	case count <= 0:
		return opError(op, ResultBadRequest, fmt.Errorf("count is %d", count))
	case s.peer == "" && s.group == 0 || s.query != "":
		return opError(op, ResultBadRequest, errors.New("only a session of one conversation can be synchronised"))
	}
	e := s.m.running()
	db, target, err := s.m.open(s.peer, s.group)
	if err != nil {
		return opError(op, ResultFail, err)
	}
	if e == nil {
		return opError(op, ResultDisconnected, nil)
	}
	before, err := db.Oldest(context.Background(), target)
	if err != nil {
		return opError(op, ResultFail, err)
	}
	p := &past{e: e, target: target, left: count, listener: l}
	if !p.ask(before) {
		return opError(op, ResultDisconnected, nil)
	}
	return nil
}

// past is one Sync under way.
type past struct {
	e        *engine
	target   store.Target
	left     int // messages still wanted
	added    int
	listener SyncListener
}

func (p *past) ask(before uint64) bool {
	request := &wire.Request{Op: &wire.Request_History{History: &wire.History{
		Peer: p.target.Peer, GroupId: p.target.Group, Before: before, Count: uint32(min(p.left, wire.MaxHistory)),
	}}}
	return p.e.session.Ask(request, p.answered)
}

func (p *past) answered(answer *wire.Response) {
	reply := answer.GetHistory()
	if reply == nil || answer.GetResult() != wire.ResultOK {
		if p.added == 0 {
			p.added = -1
		}
		p.tell()
		return
	}
	h := store.History{Read: reply.GetRead(), Delivered: reply.GetPeerDelivered(), PeerRead: reply.GetPeerRead()}
	for _, event := range reply.GetEvents() {
		if e := p.e.storeEvent(event); e.Message != nil {
			h.Events = append(h.Events, e)
		}
	}
	added, err := p.e.db.AddHistory(*p.e.account.Load(), p.target, h)
	if err != nil {
		p.e.m.log.Error("store history", errAttr(err))
		p.tell()
		return
	}
	p.added += added
	p.left -= added
	if p.left <= 0 || reply.GetBefore() == 0 || !p.ask(reply.GetBefore()) {
		p.tell()
	}
}

func (p *past) tell() {
	if p.listener == nil {
		return
	}
	p.e.m.calls.post(context.Background(), func(l *listeners) { l.guard(func() { p.listener.OnSync(p.added) }) })
}

// GetMessageCount counts the messages of the session's conversation, or of all conversations, that have a status (mesibo-api 6.8).
func (s *ReadDbSession) GetMessageCount(status MsgStatus) int {
	return s.count(func(db *store.Store, account, chat int64) (int, error) {
		return db.CountStatus(context.Background(), account, chat, int(status))
	})
}

// GetTotalMessageCount counts all messages of the session's conversation, or of all conversations (mesibo-api 6.8).
func (s *ReadDbSession) GetTotalMessageCount() int {
	return s.counts(func(c store.Counts) int { return c.Total })
}

// GetUnreadMessageCount counts the incoming messages that are not read (mesibo-api 6.8).
func (s *ReadDbSession) GetUnreadMessageCount() int {
	return s.counts(func(c store.Counts) int { return c.Unread })
}

// GetSentMessageCount counts this user's messages that the server has taken (mesibo-api 6.8).
func (s *ReadDbSession) GetSentMessageCount() int {
	return s.counts(func(c store.Counts) int { return c.Sent })
}

// GetReceivedMessageCount counts the incoming messages (mesibo-api 6.8).
func (s *ReadDbSession) GetReceivedMessageCount() int {
	return s.counts(func(c store.Counts) int { return c.Received })
}

// GetFailedMessageCount counts this user's messages that failed (mesibo-api 6.8).
func (s *ReadDbSession) GetFailedMessageCount() int {
	return s.counts(func(c store.Counts) int { return c.Failed })
}

func (s *ReadDbSession) counts(part func(store.Counts) int) int {
	return s.count(func(db *store.Store, account, chat int64) (int, error) {
		c, err := db.CountMessages(context.Background(), account, chat)
		return part(c), err
	})
}

func (s *ReadDbSession) count(ask func(db *store.Store, account, chat int64) (int, error)) int {
	db, target, err := s.m.open(s.peer, s.group)
	if err != nil {
		return 0
	}
	var chat int64
	if s.peer != "" || s.group != 0 {
		row, err := db.Chat(context.Background(), target)
		if err != nil {
			return 0 // there is no such conversation
		}
		chat = row.ID
	}
	n, err := ask(db, target.Account, chat)
	if err != nil {
		s.m.log.Error("count messages", errAttr(err))
	}
	return n
}
