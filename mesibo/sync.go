package mesibo

import (
	"context"
	"errors"
	"fmt"

	"github.com/parley-chat/parley/internal/wire"
	"github.com/parley-chat/parley/mesibo/internal/store"
	"github.com/parley-chat/parley/models"
)

// Sync fetches messages of the session's chat that are older than what is here from the server, up to
// count, and stores them; Read then finds them. It returns at once; l.OnSync is called, on the goroutine that calls
// listeners, how many there are. Messages that were deleted here do not come back, and not those from before this
// user joined the group. Errors: ResultBadRequest for a session that is not of one chat, or has a query;
// ResultDisconnected when not online.
func (s *ReadDbSession) Sync(count int, l SyncListener) error {
	const op = "Sync"
	switch {
	case count <= 0:
		return opError(op, ResultBadRequest, fmt.Errorf("count is %d", count))
	case s.peer == "" && s.group == 0 || s.query != "":
		return opError(op, ResultBadRequest, errors.New("only a session of one conversation can be synchronised"))
	}
	run := s.m.running()
	db, target, err := s.m.open(s.peer, s.group)
	if err != nil {
		return opError(op, ResultFail, err)
	}
	if run == nil {
		return opError(op, ResultDisconnected, nil)
	}
	before, err := db.Oldest(context.Background(), target)
	if err != nil {
		return opError(op, ResultFail, err)
	}
	p := &past{run: run, target: target, left: count, listener: l}
	if !p.ask(before) {
		return opError(op, ResultDisconnected, nil)
	}
	return nil
}

// past is one Sync under way.
type past struct {
	run      *run
	target   store.Target
	left     int // messages still wanted
	added    int
	listener SyncListener
}

func (p *past) ask(before uint64) bool {
	request := &wire.Request{Op: &wire.Request_History{History: &wire.History{
		Peer: p.target.Peer, GroupId: p.target.Group, Before: before, Count: uint32(min(p.left, wire.MaxHistory)),
	}}}
	return p.run.session.Ask(request, p.answered)
}

func (p *past) answered(answer *wire.Response) {
	reply := answer.GetHistory()
	if reply == nil || answer.GetResult() != wire.ResultOK {
		if p.added == 0 {
			p.added = -1
		}
		p.report()
		return
	}
	h := store.History{Read: reply.GetRead(), Delivered: reply.GetPeerDelivered(), PeerRead: reply.GetPeerRead()}
	for _, event := range reply.GetEvents() {
		if e := p.run.storeEvent(event); e.Message != nil {
			h.Events = append(h.Events, e)
		}
	}
	added, err := p.run.db.AddHistory(*p.run.account.Load(), p.target, h)
	if err != nil {
		p.run.m.log.Error("store history", errAttr(err))
		p.report()
		return
	}
	p.added += added
	p.left -= added
	if p.left <= 0 || reply.GetBefore() == 0 || !p.ask(reply.GetBefore()) {
		p.report()
	}
}

func (p *past) report() {
	if p.listener == nil {
		return
	}
	p.run.m.listeners.post(context.Background(), func(l *snapshot) { l.guard(func() { p.listener.OnSync(p.added) }) })
}

// GetMessageCount counts the messages of the session's chat, or of all chats, that have a status.
func (s *ReadDbSession) GetMessageCount(status MsgStatus) int {
	return s.count(func(db *store.Store, account, chat int64) (int, error) {
		return db.CountStatus(context.Background(), account, chat, models.Status(status))
	})
}

// GetTotalMessageCount counts all messages of the session's chat, or of all chats.
func (s *ReadDbSession) GetTotalMessageCount() int {
	return s.counts(func(c store.Counts) int { return c.Total })
}

// GetUnreadMessageCount counts the incoming messages that are not read.
func (s *ReadDbSession) GetUnreadMessageCount() int {
	return s.counts(func(c store.Counts) int { return c.Unread })
}

// GetSentMessageCount counts this user's messages that the server has taken.
func (s *ReadDbSession) GetSentMessageCount() int {
	return s.counts(func(c store.Counts) int { return c.Sent })
}

// GetReceivedMessageCount counts the incoming messages.
func (s *ReadDbSession) GetReceivedMessageCount() int {
	return s.counts(func(c store.Counts) int { return c.Received })
}

// GetFailedMessageCount counts this user's messages that failed.
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
			return 0 // there is no such chat
		}
		chat = row.ID
	}
	n, err := ask(db, target.Account, chat)
	if err != nil {
		s.m.log.Error("count messages", errAttr(err))
	}
	return n
}
