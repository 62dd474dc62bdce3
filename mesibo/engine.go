package mesibo

import (
	"context"
	"slices"
	"time"

	"github.com/parley-chat/parley/internal/wire"
	"github.com/parley-chat/parley/mesibo/internal/session"
	"github.com/parley-chat/parley/mesibo/internal/store"
	"github.com/parley-chat/parley/models"
)

// This file is the session's host: it stores what the session brings and tells the listeners.

// Hello implements session.Host.
func (e *engine) Hello() *wire.Hello {
	account := e.account.Load()
	e.m.mu.Lock()
	kept := e.m.dbKept
	e.m.mu.Unlock()
	hello := &wire.Hello{Version: e.hello.GetVersion(), App: e.hello.GetApp(), Client: e.hello.GetClient()}
	hello.Epoch = uint64(account.Epoch)
	if account.Epoch != 0 || kept {
		cursor := uint64(account.Cursor)
		hello.Cursor = &cursor
	}
	return hello
}

// Welcome implements session.Host.
func (e *engine) Welcome(reply *wire.HelloReply) error {
	account, err := e.db.Welcome(e.account.Load().ID, reply.GetUid(), reply.GetName(), reply.GetEpoch(), reply.GetStart())
	if err != nil {
		return err
	}
	e.setAccount(account)
	e.m.marks.Store(true)
	e.m.ops.Store(true)
	e.m.mu.Lock()
	e.m.policy.server = int(reply.GetMaxRetract())
	e.m.mu.Unlock()
	return nil
}

func (e *engine) setAccount(account models.Account) {
	e.account.Store(&account)
	e.m.mu.Lock()
	e.m.account = account
	e.m.mu.Unlock()
}

// State implements session.Host.
func (e *engine) State(state session.State, _ string) {
	e.m.setStatus(ConnectionStatus(state))
	e.m.mover.online(state == session.Online)
	if state == session.Online {
		e.m.presence.connected(e)
	} else {
		e.m.profiles.nobodyOnline()
	}
}

// onlinePatience is how many seconds a message for "only if online now" waits for the connection.
const onlinePatience = 10

// Tick implements session.Host: it gives up what waited too long.
func (e *engine) Tick() {
	if e.m.outbox.Load() == 0 {
		return
	}
	late, err := e.db.Overdue(*e.account.Load(), now(), onlinePatience, int64(wire.DefaultExpiry/time.Second))
	if err != nil {
		e.m.log.Error("give up overdue messages", errAttr(err))
		return
	}
	e.m.settled(context.Background(), late)
}

// Outbox implements session.Host. Only the session's writer calls it.
func (e *engine) Outbox(ctx context.Context, after int64, limit int) ([]session.Outgoing, error) {
	queued := e.m.queued.Load() // before reading, so that nothing queued meanwhile is missed
	if e.empty.after == after && e.empty.queued == queued {
		return nil, nil
	}
	rows, err := e.db.Outbox(ctx, e.account.Load().ID, after, limit)
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		e.empty.after, e.empty.queued = after, queued
		return nil, nil
	}
	if err := e.noteTried(rows); err != nil {
		return nil, err
	}
	outs := make([]session.Outgoing, 0, len(rows))
	for i := range rows {
		if rows[i].Tried {
			outs = append(outs, session.Outgoing{Row: rows[i].ID, Send: sendFrame(&rows[i])})
		}
	}
	return outs, nil
}

// noteTried notes that rows may reach the server; Tried stays unset on those that were withdrawn meanwhile.
func (e *engine) noteTried(rows []models.Message) error {
	var fresh []int64
	for _, r := range rows {
		if !r.Tried {
			fresh = append(fresh, r.ID)
		}
	}
	if len(fresh) == 0 {
		return nil
	}
	waiting, err := e.db.Tried(fresh)
	if err != nil {
		return err
	}
	for i := range rows {
		if m, ok := waiting[rows[i].ID]; ok {
			rows[i].Tried, rows[i].Data, rows[i].Kind, rows[i].Content = true, m.Data, m.Kind, m.Content
		}
	}
	return nil
}

// Settle implements session.Host.
func (e *engine) Settle(answers []session.Settled) error {
	settled := make([]store.Settled, 0, len(answers))
	for _, a := range answers {
		status := int(a.Reply.GetStatus())
		if a.Result != wire.ResultOK {
			status = int(MsgStatusFail)
			e.m.log.Warn("message refused", intAttr("result", a.Result), textAttr("reason", a.Reason))
		}
		if a.Row == 0 {
			e.transmitted(a, MsgStatus(status))
			continue
		}
		settled = append(settled, store.Settled{
			Row: a.Row, Status: status, Mid: a.Reply.GetId(), Ts: a.Reply.GetTime(), Seq: a.Reply.GetSeq(),
		})
	}
	if len(settled) == 0 {
		return nil
	}
	changed, err := e.db.Settle(*e.account.Load(), settled)
	if err != nil {
		return err
	}
	e.m.settled(context.Background(), changed)
	for i := range changed {
		if changed[i].Status == int64(MsgStatusSent) {
			e.m.presence.met(e, &changed[i])
		}
	}
	return nil
}

// transmitted tells what became of a transient message.
func (e *engine) transmitted(a session.Settled, status MsgStatus) {
	p := MessageParams{
		Mid: uint64(a.Send.GetId()), Peer: a.Send.GetPeer(), GroupID: a.Send.GetGroupId(), Flag: Flag(a.Send.GetFlags()),
		Type: int(a.Send.GetType()), RefID: a.Send.GetRefId(), Ts: now(), Status: status, Origin: OriginMessageStatus,
	}
	if a.Reply.GetId() != 0 {
		p.Mid, p.Ts = a.Reply.GetId(), a.Reply.GetTime()
	}
	e.m.profiles.attach(&p)
	e.m.calls.post(context.Background(), func(l *listeners) { l.messageStatus(p) })
}

// settled tells the listeners of messages that left the outbox.
func (m *Mesibo) settled(ctx context.Context, changed []models.Message) {
	if len(changed) == 0 {
		return
	}
	m.outbox.Add(-int64(len(changed)))
	m.sender.poke()
	m.calls.post(ctx, func(l *listeners) {
		for i := range changed {
			l.messageStatus(m.statusParams(&changed[i]))
		}
	})
}

func (m *Mesibo) statusParams(row *models.Message) MessageParams {
	p := params(row)
	p.Origin = OriginMessageStatus
	m.profiles.attach(&p)
	return p
}

// Apply implements session.Host.
func (e *engine) Apply(ctx context.Context, events []*wire.Event, told func()) error {
	account := *e.account.Load()
	before := account.Cursor
	changes, err := e.db.Apply(&account, e.storeEvents(events))
	if err != nil {
		return err
	}
	if account.Cursor != before {
		e.setAccount(account)
	}
	e.m.countApplied(changes)
	var arrived []*models.Message
	for i := range changes {
		if changes[i].New {
			arrived = append(arrived, changes[i].Message)
		}
	}
	e.m.presence.met(e, arrived...)
	if !e.m.calls.post(ctx, func(l *listeners) {
		for i := range changes {
			e.m.tell(l, &changes[i])
		}
		e.m.dropChanged(changes)
		e.m.markSessions(changes)
		told()
	}) {
		return ctx.Err() //nolint:wrapcheck // cancellation is returned as it is
	}
	return nil
}

// dropChanged stops the transfers for messages that were taken back, or carry something else now.
func (m *Mesibo) dropChanged(changes []store.Change) {
	switch {
	case slices.ContainsFunc(changes, func(c store.Change) bool { return c.Recalled }):
		m.dropTransfers()
	case slices.ContainsFunc(changes, func(c store.Change) bool { return c.Updated }):
		m.dropUnwanted()
	}
}

// countApplied lowers the count of waiting messages by own copies that settled one.
func (m *Mesibo) countApplied(changes []store.Change) {
	for i := range changes {
		if c := &changes[i]; c.Message != nil && !c.New && c.Message.Status == int64(MsgStatusSent) {
			m.outbox.Add(-1)
		}
	}
}

// Signal implements session.Host.
func (e *engine) Signal(ctx context.Context, s *wire.Signal) {
	switch body := s.GetBody().(type) {
	case *wire.Signal_Message:
		e.transient(ctx, body.Message)
	case *wire.Signal_Activity:
		e.activity(ctx, body.Activity)
	case *wire.Signal_Presence:
		e.presences(ctx, []*wire.Presence{body.Presence})
	case *wire.Signal_Profile: // the session asks for the profiles
	}
}

// transient hands a message over that is stored nowhere.
func (e *engine) transient(ctx context.Context, msg *wire.Message) {
	in := incoming(msg, e.account.Load().Address)
	if !e.m.admit(in) {
		return
	}
	row := in.Row
	row.Peer, row.GroupID, row.Status = in.Peer, int64(in.Group), int64(MsgStatusReceivedNew)
	if row.GroupID != 0 {
		row.Peer = ""
	}
	if in.Own {
		row.Status = int64(MsgStatusSent)
	}
	e.m.calls.post(ctx, func(l *listeners) { e.m.hand(l, &row) })
}

// ReadMarks implements session.Host.
func (e *engine) ReadMarks(ctx context.Context) ([]*wire.MarkRead, error) {
	if !e.m.marks.Load() {
		return nil, nil
	}
	e.m.marks.Store(false)
	chats, err := e.db.UnsentReads(ctx, e.account.Load().ID)
	if err != nil {
		e.m.marks.Store(true)
		return nil, err
	}
	marks := make([]*wire.MarkRead, 0, len(chats))
	for _, c := range chats {
		marks = append(marks, &wire.MarkRead{Peer: c.Peer, GroupId: uint32(c.GroupID), UpTo: uint64(c.ReadSeq)})
	}
	return marks, nil
}

// ReadMarkSent implements session.Host.
func (e *engine) ReadMarkSent(mark *wire.MarkRead) error {
	e.m.marks.Store(true) // there may be more than fitted
	return e.db.ReadSent(store.Target{Account: e.account.Load().ID, Peer: mark.GetPeer(), Group: mark.GetGroupId()}, mark.GetUpTo())
}

// ProfileRevision implements session.Host.
func (e *engine) ProfileRevision() uint64 { return uint64(e.account.Load().ProfileRevision) }

// Profiles implements session.Host.
func (e *engine) Profiles(reply *wire.ProfileSyncReply) error {
	rows := make([]models.Profile, 0, len(reply.GetProfiles())+len(reply.GetGroups()))
	for _, p := range reply.GetProfiles() {
		if p.GetDeleted() {
			continue // a disabled user keeps the name under which its messages are known
		}
		rows = append(rows, models.Profile{
			Address: p.GetAddress(), Name: p.GetName(), Status: p.GetStatus(), Picture: p.GetPicture(), PictureURL: p.GetPictureUrl(),
			UpdatedAt: int64(p.GetChanged()),
		})
	}
	groups := make([]models.Group, 0, len(reply.GetGroups()))
	for _, g := range reply.GetGroups() {
		group, profile := groupRows(g)
		groups, rows = append(groups, group), append(rows, profile)
	}
	account := *e.account.Load()
	if err := e.db.PutProfiles(account.ID, rows, groups, reply.GetRevision()); err != nil {
		return err
	}
	account.ProfileRevision = int64(reply.GetRevision())
	e.setAccount(account)
	for _, r := range rows {
		e.m.profiles.publish(r)
	}
	switch len(rows) {
	case 0:
	case 1:
		e.m.calls.post(context.Background(), func(l *listeners) { e.m.tellProfile(l, rows[0].Address, uint32(rows[0].GroupID)) })
	default:
		e.m.calls.post(context.Background(), func(l *listeners) { l.profileUpdated(nil) })
	}
	return nil
}
