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

// This file is the session's host: it stores what the session receives and calls the listeners.

// Hello implements session.Host.
func (r *run) Hello() *wire.Hello {
	account := r.account.Load()
	r.m.mu.Lock()
	kept := r.m.dbKept
	r.m.mu.Unlock()
	hello := &wire.Hello{Version: r.hello.GetVersion(), App: r.hello.GetApp(), Client: r.hello.GetClient()}
	hello.Epoch = uint64(account.Epoch)
	if account.Epoch != 0 || kept {
		cursor := uint64(account.Cursor)
		hello.Cursor = &cursor
		hello.CursorId, hello.CursorTime = uint64(max(0, account.CursorMark)), uint64(max(0, -account.CursorMark))
	}
	return hello
}

// Welcome implements session.Host.
func (r *run) Welcome(reply *wire.HelloReply) error {
	account, err := r.db.Welcome(r.account.Load().ID, &store.Welcome{
		UID: reply.GetUid(), Name: reply.GetName(), Epoch: reply.GetEpoch(), Start: reply.GetStart(),
		GroupAdds: reply.GroupAdds,
	})
	if err != nil {
		return err
	}
	r.setAccount(account)
	r.m.marks.Store(true)
	r.m.ops.Store(true)
	r.m.mu.Lock()
	r.m.policy.server = int(reply.GetMaxRetract())
	r.m.mu.Unlock()
	r.m.renewPins(reply.GetPins())
	if id := reply.GetDevice(); id != "" {
		r.device.Store(&id)
	}
	r.renewal.welcome(reply)
	r.m.mayInvite.Store(reply.GetMayInvite())
	return nil
}

func (r *run) setAccount(account models.Account) {
	r.account.Store(&account)
	r.m.mu.Lock()
	r.m.account = account
	r.m.mu.Unlock()
}

// State implements session.Host.
func (r *run) State(state session.State, _ string) {
	if state == session.Online {
		r.m.suspension.Store(nil)
	}
	r.m.setStatus(ConnectionStatus(state))
	r.m.files.handler.setOnline(state == session.Online)
	if state == session.Online {
		r.m.presence.connected(r)
		r.m.calls.connected()
		r.renewal.online()
	} else {
		r.m.calls.forgetStates()
		r.unseen()
	}
}

// onlinePatience is how many seconds a message for "only if online now" waits for the connection.
const onlinePatience = 10

// Tick implements session.Host: messages that waited too long fail.
func (r *run) Tick() {
	if r.m.outbox.Load() == 0 {
		return
	}
	late, err := r.db.Overdue(*r.account.Load(), now(), onlinePatience, int64(wire.DefaultExpiry/time.Second))
	if err != nil {
		r.m.log.Error("give up overdue messages", errAttr(err))
		return
	}
	r.m.notifySent(context.Background(), late)
}

// Outbox implements session.Host. Only the session's writer calls it.
func (r *run) Outbox(ctx context.Context, after int64, limit int) ([]session.Outgoing, error) {
	queued := r.m.queued.Load() // before reading, so that nothing queued meanwhile is missed
	if r.empty.after == after && r.empty.queued == queued {
		return nil, nil
	}
	rows, err := r.db.Outbox(ctx, r.account.Load().ID, after, limit)
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		r.empty.after, r.empty.queued = after, queued
		return nil, nil
	}
	if err := r.noteTried(rows); err != nil {
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
func (r *run) noteTried(rows []models.Message) error {
	var fresh []int64
	for _, row := range rows {
		if !row.Tried {
			fresh = append(fresh, row.ID)
		}
	}
	if len(fresh) == 0 {
		return nil
	}
	waiting, err := r.db.Tried(fresh)
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

// ApplySendResults implements session.Host.
func (r *run) ApplySendResults(answers []session.SendResult) error {
	results := make([]store.SendResult, 0, len(answers))
	for _, a := range answers {
		status := models.Status(a.Reply.GetStatus())
		if a.Result != wire.ResultOK {
			status = models.StatusFail
			r.m.log.Warn("message refused", intAttr("result", a.Result), textAttr("reason", a.Reason))
		}
		if a.Row == 0 {
			r.transmitted(a, MsgStatus(status))
			continue
		}
		results = append(results, store.SendResult{
			Row: a.Row, Status: status, Mid: a.Reply.GetId(), Ts: a.Reply.GetTime(), Seq: a.Reply.GetSeq(),
		})
	}
	if len(results) == 0 {
		return nil
	}
	changed, err := r.db.ApplySendResults(*r.account.Load(), results)
	if err != nil {
		return err
	}
	r.m.notifySent(context.Background(), changed)
	for i := range changed {
		if changed[i].Status == models.StatusSent {
			r.m.presence.met(r, &changed[i])
		}
	}
	return nil
}

// transmitted calls the listeners with what became of a transient message.
func (r *run) transmitted(a session.SendResult, status MsgStatus) {
	p := MessageParams{
		Mid: uint64(a.Send.GetId()), Peer: a.Send.GetPeer(), GroupID: a.Send.GetGroupId(),
		Flag: Flag(a.Send.GetFlags()), Type: int(a.Send.GetType()), RefID: a.Send.GetRefId(), Ts: now(), Status: status,
		Origin: OriginMessageStatus,
	}
	if a.Reply.GetId() != 0 {
		p.Mid, p.Ts = a.Reply.GetId(), a.Reply.GetTime()
	}
	r.m.profiles.attach(&p)
	r.m.listeners.post(context.Background(), func(l *snapshot) { l.messageStatus(p) })
}

// notifySent calls the listeners with the messages that left the outbox.
func (m *Mesibo) notifySent(ctx context.Context, changed []models.Message) {
	if len(changed) == 0 {
		return
	}
	m.outbox.Add(-int64(len(changed)))
	m.folderSender.Wake()
	m.listeners.post(ctx, func(l *snapshot) {
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
func (r *run) Apply(ctx context.Context, events []*wire.Event, onDelivered func()) error {
	account := *r.account.Load()
	before := account.Cursor
	changes, err := r.db.Apply(&account, r.storeEvents(events))
	if err != nil {
		return err
	}
	if account.Cursor != before {
		r.setAccount(account)
	}
	r.m.countApplied(changes)
	r.m.trimMemory(len(events))
	var arrived []*models.Message
	for i := range changes {
		if changes[i].New {
			arrived = append(arrived, changes[i].Message)
		}
	}
	r.m.presence.met(r, arrived...)
	if !r.m.listeners.post(ctx, func(l *snapshot) {
		for i := range changes {
			r.m.notifyChange(l, &changes[i])
		}
		r.m.dropChanged(changes)
		r.m.markSessions(changes)
		onDelivered()
	}) {
		return ctx.Err() //nolint:wrapcheck // cancellation is returned unchanged
	}
	return nil
}

// dropChanged stops the transfers for messages that were recalled, or carry something else now.
func (m *Mesibo) dropChanged(changes []store.Change) {
	switch {
	case slices.ContainsFunc(changes, func(c store.Change) bool { return c.Recalled }):
		m.files.messagesDeleted()
	case slices.ContainsFunc(changes, func(c store.Change) bool { return c.Updated }):
		m.files.stopUnwanted()
	}
}

// countApplied lowers the count of waiting messages by own copies that ended the wait of one.
func (m *Mesibo) countApplied(changes []store.Change) {
	for i := range changes {
		if c := &changes[i]; c.Message != nil && !c.New && c.Message.Status == models.StatusSent {
			m.outbox.Add(-1)
		}
	}
}

// Signal implements session.Host.
func (r *run) Signal(ctx context.Context, s *wire.Signal) {
	switch body := s.GetBody().(type) {
	case *wire.Signal_Message:
		r.transient(ctx, body.Message)
	case *wire.Signal_Activity:
		r.activity(ctx, body.Activity)
	case *wire.Signal_Presence:
		r.presences(ctx, []*wire.Presence{body.Presence})
	case *wire.Signal_Call:
		r.m.calls.signalled(r, body.Call)
	case *wire.Signal_Profile: // the session asks for the profiles
	}
}

// transient calls the listeners with a message that is stored nowhere.
func (r *run) transient(ctx context.Context, msg *wire.Message) {
	in := incoming(msg, r.account.Load().Address)
	if !r.m.admit(in) {
		return
	}
	row := in.Row
	row.Peer, row.GroupID, row.Status = in.Peer, int64(in.Group), models.StatusReceivedNew
	if row.GroupID != 0 {
		row.Peer = ""
	}
	if in.Own {
		row.Status = models.StatusSent
	}
	r.m.listeners.post(ctx, func(l *snapshot) { r.m.notifyMessage(l, &row) })
}

// ReadMarks implements session.Host.
func (r *run) ReadMarks(ctx context.Context) ([]*wire.MarkRead, error) {
	if !r.m.marks.Load() {
		return nil, nil
	}
	r.m.marks.Store(false)
	chats, err := r.db.UnsentReads(ctx, r.account.Load().ID)
	if err != nil {
		r.m.marks.Store(true)
		return nil, err
	}
	marks := make([]*wire.MarkRead, 0, len(chats))
	for _, c := range chats {
		marks = append(marks, &wire.MarkRead{
			Peer: c.Peer, GroupId: uint32(c.GroupID), UpTo: uint64(c.ReadSeq), Silent: r.m.silentReads.Load(),
		})
	}
	return marks, nil
}

// ReadMarkSent implements session.Host.
func (r *run) ReadMarkSent(mark *wire.MarkRead) error {
	r.m.marks.Store(true) // there may be more than fitted
	target := store.Target{Account: r.account.Load().ID, Peer: mark.GetPeer(), Group: mark.GetGroupId()}
	return r.db.ReadSent(target, mark.GetUpTo())
}

// ProfileRevision implements session.Host.
func (r *run) ProfileRevision() uint64 { return uint64(r.account.Load().ProfileRevision) }

// Profiles implements session.Host.
func (r *run) Profiles(reply *wire.ProfileSyncReply) error {
	rows := make([]models.Profile, 0, len(reply.GetProfiles())+len(reply.GetGroups()))
	for _, p := range reply.GetProfiles() {
		if p.GetDeleted() {
			continue // a disabled user keeps the name under which its messages are known
		}
		rows = append(rows, models.Profile{
			Address: p.GetAddress(), Name: p.GetName(), Status: p.GetStatus(),
			Picture: p.GetPicture(), PictureURL: p.GetPictureUrl(), UpdatedAt: int64(p.GetChanged()),
		})
	}
	groups := make([]models.Group, 0, len(reply.GetGroups()))
	for _, g := range reply.GetGroups() {
		group, profile := groupRows(g)
		groups, rows = append(groups, group), append(rows, profile)
	}
	account := *r.account.Load()
	if err := r.db.PutProfiles(account.ID, rows, groups, reply.GetRevision()); err != nil {
		return err
	}
	account.ProfileRevision = int64(reply.GetRevision())
	r.setAccount(account)
	for _, row := range rows {
		r.m.profiles.publish(row)
	}
	switch len(rows) {
	case 0:
	case 1:
		r.m.listeners.post(context.Background(), func(l *snapshot) {
			r.m.notifyProfile(l, rows[0].Address, uint32(rows[0].GroupID))
		})
	default:
		r.m.listeners.post(context.Background(), func(l *snapshot) { l.profileUpdated(nil) })
	}
	return nil
}
