package server

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"fmt"
	"slices"

	"github.com/parley-chat/parley/internal/wire"
)

// maxKey bounds what a backend calls a request to make it only once.
const maxKey = 255

// nonceOf makes the nonce of a request. The same key again is the same request.
func nonceOf(key string) []byte {
	if key == "" {
		nonce := make([]byte, wire.NonceSize)
		_, _ = rand.Read(nonce) // never fails
		return nonce
	}
	sum := sha256.Sum256([]byte(key))
	return sum[:wire.NonceSize]
}

// runGroupOp takes a request about a group through the writer, on behalf of the backend.
func (s *Server) runGroupOp(a groupAction) (*groupOp, error) {
	var op *groupOp
	err := s.commit(func(done func(error)) change {
		op = &groupOp{action: a, done: func(_ *groupOp, err error) { done(err) }}
		return op
	})
	if err != nil {
		return nil, err
	}
	return op, resultError(op.result, op.reply.GetError(), op.reason)
}

func groupReply(op *groupOp) backendReply {
	g := op.reply.GetGroup()
	refused := op.reply.GetRefused()
	if refused == nil {
		refused = []string{}
	}
	return backendReply{"refused": refused, "group": map[string]any{
		"gid": g.GetGroupId(), "name": g.GetName(), "status": g.GetStatus(), "flag": g.GetFlags(), "expiry": g.GetExpiry(),
		"picture_url": g.GetPictureUrl(), "members": g.GetMembers(),
	}}
}

// groupFieldsRequest is what groupadd and groupset say of a group; what is absent stays.
type groupFieldsRequest struct {
	Name       *string `json:"name"`
	Status     *string `json:"status"`
	Flags      *uint32 `json:"flag"`
	Expiry     *int32  `json:"expiry"`
	Picture    []byte  `json:"picture"`
	PictureURL *string `json:"picture_url"`
}

func (q *groupFieldsRequest) fields() (groupFields, error) {
	f := groupFields{
		name: q.Name, status: q.Status, pictureURL: q.PictureURL, flags: q.Flags, expiry: q.Expiry, picture: q.Picture,
	}
	if err := f.check(); err != nil {
		return f, badRequest("%v", err)
	}
	return f, nil
}

type groupAddRequest struct {
	backendHead
	groupFieldsRequest

	Members []string `json:"m"`
	Key     string   `json:"key"`
}

// backendGroupAdd makes a group without an owner: the backend is it.
func (s *Server) backendGroupAdd(_ context.Context, q *groupAddRequest) (backendReply, error) {
	fields, err := q.fields()
	if err != nil {
		return nil, err
	}
	users, nobodys, err := s.members(q.Members, false)
	if err != nil {
		return nil, err
	}
	op, err := s.runGroupOp(&addGroup{createGroup{nonce: nonceOf(q.Key), fields: fields, members: users}, nobodys})
	if err != nil {
		return nil, err
	}
	return groupReply(op), nil
}

// addGroup makes a group, or finds the one that the same request has made before.
type addGroup struct {
	createGroup

	nobodys []string // addresses that nobody has
}

// run notes as refused whoever is not in the group, so that a repeated request is told the same.
func (a *addGroup) run(ctx context.Context, b *batch, op *groupOp) error {
	if err := a.createGroup.run(ctx, b, op); err != nil || op.result != wire.ResultOK {
		return err
	}
	g, err := b.group(ctx, op.reply.GetGroup().GetGroupId())
	if err != nil {
		return err
	}
	op.reply.Refused = slices.Clone(a.nobodys)
	for _, p := range a.members {
		if g.find(p.uid) == nil {
			op.reply.Refused = append(op.reply.Refused, p.address)
		}
	}
	return nil
}

// members looks up addresses; those that nobody has are returned apart.
func (s *Server) members(addresses []string, disabled bool) (users []party, nobodys []string, err error) {
	if len(addresses) > wire.MaxGroupEdit {
		return nil, nil, badRequest("%v", errManyMembers)
	}
	if disabled {
		return s.directory.findAll(addresses)
	}
	return s.directory.recipients(addresses)
}

type groupSetRequest struct {
	backendHead
	groupFieldsRequest

	GID uint32 `json:"gid"`
}

func (s *Server) backendGroupSet(_ context.Context, q *groupSetRequest) (backendReply, error) {
	fields, err := q.fields()
	if err != nil {
		return nil, err
	}
	op, err := s.runGroupOp(&setGroup{gid: q.GID, fields: fields})
	if err != nil {
		return nil, err
	}
	return groupReply(op), nil
}

type groupRequest struct {
	backendHead

	GID uint32 `json:"gid"`
}

func (s *Server) backendGroupDel(_ context.Context, q *groupRequest) (backendReply, error) {
	op, err := s.runGroupOp(&deleteGroup{gid: q.GID})
	if err != nil {
		return nil, err
	}
	return groupReply(op), nil
}

type groupEditRequest struct {
	backendHead

	GID       uint32   `json:"gid"`
	Members   []string `json:"m"`
	Delete    bool     `json:"delete"`
	Send      *bool    `json:"cansend"`
	Receive   *bool    `json:"canrecv"`
	Publish   *bool    `json:"canpub"`
	Subscribe *bool    `json:"cansub"`
	List      *bool    `json:"canlist"`
	Admin     *uint32  `json:"admin"`
}

// change makes of a member's permissions what is asked for; what is absent stays.
func (q *groupEditRequest) change(p permissions) permissions {
	for flag, want := range map[uint32]*bool{
		wire.MemberSend: q.Send, wire.MemberRecv: q.Receive, wire.MemberPublish: q.Publish,
		wire.MemberSubscribe: q.Subscribe, wire.MemberList: q.List,
	} {
		switch {
		case want == nil:
		case *want:
			p.flags |= flag
		default:
			p.flags &^= flag
		}
	}
	if q.Admin != nil {
		p.admin = *q.Admin
	}
	return p
}

func (s *Server) backendGroupEditMembers(_ context.Context, q *groupEditRequest) (backendReply, error) {
	switch {
	case q.Members == nil:
		return nil, badRequest("the field m is missing")
	case q.Admin != nil && *q.Admin > wire.AdminOwnerAll:
		return nil, badRequest("the field admin is not between 0 and %d", wire.AdminOwnerAll)
	}
	users, nobodys, err := s.members(q.Members, q.Delete)
	if err != nil {
		return nil, err
	}
	op, err := s.runGroupOp(&editMembers{gid: q.GID, users: users, refused: nobodys, remove: q.Delete, change: q.change})
	if err != nil {
		return nil, err
	}
	return groupReply(op), nil
}

type groupGetMembersRequest struct {
	backendHead

	GID   uint32 `json:"gid"`
	After string `json:"after"`
	Count int    `json:"count"`
}

func (s *Server) backendGroupGetMembers(ctx context.Context, q *groupGetMembersRequest) (backendReply, error) {
	count := q.Count
	switch {
	case count < 0 || count > wire.MaxGroupEdit:
		return nil, badRequest("the count is not between 0 and %d", wire.MaxGroupEdit)
	case count == 0:
		count = wire.MaxGroupEdit
	}
	g, err := s.groups.find(q.GID)
	if err != nil {
		return nil, err
	}
	if result, groupError, reason := refusal(g, 0); result != wire.ResultOK {
		return nil, resultError(result, groupError, reason)
	}
	page, err := pageOfMembers(readFrom(s.reader.WithContext(ctx)), q.GID, q.After, count)
	if err != nil {
		return nil, err
	}
	members := make([]map[string]any, len(page.GetMembers()))
	for i, m := range page.GetMembers() {
		members[i] = map[string]any{
			"address": m.GetAddress(), "flags": m.GetPermissions().GetFlags(), "admin": m.GetPermissions().GetAdminFlags(),
		}
	}
	return backendReply{"members": members, "more": page.GetMore()}, nil
}

// groupsOf lists the groups of a user that are not deleted.
func groupsOf(read reading, uid uint32) ([]uint32, error) {
	var gids []uint32
	err := read(`SELECT g.gid FROM members m JOIN groups g ON g.gid = m.gid WHERE m.uid = ? AND g.deleted = 0`,
		[]any{int64(uid)}, func(rows *sql.Rows) error {
			var gid uint32
			if err := rows.Scan(&gid); err != nil {
				return fmt.Errorf("list groups: %w", err)
			}
			gids = append(gids, gid)
			return nil
		})
	return gids, err
}
