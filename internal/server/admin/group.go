package admin

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"strconv"
	"time"

	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/server/audit"
	"github.com/parley-chat/parley/internal/server/eventlog"
	"github.com/parley-chat/parley/internal/server/refusal"
	"github.com/parley-chat/parley/internal/wire"
)

// maxKey is the maximum length of the key of a request.
const maxKey = 255

// nonceOf returns the nonce of a request, which is the same for requests with the same key.
func nonceOf(key string) []byte {
	if key == "" {
		nonce := make([]byte, wire.NonceSize)
		_, _ = rand.Read(nonce) // never fails
		return nonce
	}
	sum := sha256.Sum256([]byte(key))
	return sum[:wire.NonceSize]
}

// runGroupOp submits a change of a group on behalf of the backend; name is what the audit log has it as.
func (a *API) runGroupOp(ctx context.Context, name string, action eventlog.GroupAction) (*eventlog.GroupOp, error) {
	op := &eventlog.GroupOp{Action: action}
	if err := a.c.Log.Commit(op); err != nil {
		return nil, err
	}
	if op.Refused != nil {
		return nil, op.Refused
	}
	target := strconv.FormatUint(uint64(op.Reply.GetGroup().GetGroupId()), 10)
	return op, audit.Add(a.c.Record.ORM().WithContext(ctx), name, "group "+target)
}

func groupReply(op *eventlog.GroupOp) replyFields {
	g := op.Reply.GetGroup()
	refused := op.Reply.GetRefused()
	if refused == nil {
		refused = []string{}
	}
	return replyFields{"refused": refused, "group": map[string]any{
		"gid": g.GetGroupId(), "name": g.GetName(), "status": g.GetStatus(), "flag": g.GetFlags(), "expiry": g.GetExpiry(),
		"picture_url": g.GetPictureUrl(), "members": g.GetMembers(),
	}}
}

// groupFieldsRequest has the fields of a group in groupadd and groupset; absent ones are unchanged.
type groupFieldsRequest struct {
	Name       *string `json:"name"`
	Status     *string `json:"status"`
	Flags      *uint32 `json:"flag"`
	Expiry     *int32  `json:"expiry"`
	Picture    []byte  `json:"picture"`
	PictureURL *string `json:"picture_url"`
}

func (q *groupFieldsRequest) fields() (eventlog.GroupFields, error) {
	f := eventlog.GroupFields{
		Name: q.Name, Status: q.Status, PictureURL: q.PictureURL, Flags: q.Flags, Expiry: q.Expiry, Picture: q.Picture,
	}
	return f, f.Check()
}

type groupAddRequest struct {
	requestHead
	groupFieldsRequest

	Members []string `json:"m"`
	Key     string   `json:"key"`
}

// groupAdd creates a group owned by the backend.
func (a *API) groupAdd(ctx context.Context, q *groupAddRequest) (replyFields, error) {
	fields, err := q.fields()
	if err != nil {
		return nil, err
	}
	users, unknown, err := a.members(ctx, q.Members, false)
	if err != nil {
		return nil, err
	}
	op, err := a.runGroupOp(ctx, "group.new", &eventlog.CreateGroup{
		Nonce: nonceOf(q.Key), Fields: fields, Members: users, Refused: unknown,
	})
	if err != nil {
		return nil, err
	}
	return groupReply(op), nil
}

// members looks up addresses; those without a user are returned separately.
func (a *API) members(
	ctx context.Context, addresses []string, disabled bool,
) (users []accounts.UserRef, unknown []string, err error) {
	if len(addresses) > wire.MaxGroupEdit {
		return nil, nil, eventlog.ErrManyMembers
	}
	if disabled {
		return a.c.Directory.FindAll(ctx, addresses)
	}
	return a.c.Directory.Recipients(ctx, addresses)
}

type groupSetRequest struct {
	requestHead
	groupFieldsRequest

	GID uint32 `json:"gid"`
}

func (a *API) groupSet(ctx context.Context, q *groupSetRequest) (replyFields, error) {
	fields, err := q.fields()
	if err != nil {
		return nil, err
	}
	op, err := a.runGroupOp(ctx, "group.set", &eventlog.SetGroup{GID: q.GID, Fields: fields})
	if err != nil {
		return nil, err
	}
	return groupReply(op), nil
}

type groupRequest struct {
	requestHead

	GID uint32 `json:"gid"`
}

func (a *API) groupDel(ctx context.Context, q *groupRequest) (replyFields, error) {
	op, err := a.runGroupOp(ctx, "group.delete", &eventlog.DeleteGroup{GID: q.GID})
	if err != nil {
		return nil, err
	}
	return groupReply(op), nil
}

type groupKeepRequest struct {
	requestHead

	GID uint32 `json:"gid"`
	Age int    `json:"age"`
}

// groupKeep sets for how many minutes the messages of a group are kept.
func (a *API) groupKeep(ctx context.Context, q *groupKeepRequest) (replyFields, error) {
	if q.Age < 0 || q.Age > int(accounts.MostKeep/time.Minute) {
		return nil, refusal.Bad("the age must be between 0 and %d minutes", accounts.MostKeep/time.Minute)
	}
	if err := a.c.Accounts.KeepGroup(ctx, q.GID, time.Duration(q.Age)*time.Minute); err != nil {
		return nil, err
	}
	return replyFields{"gid": q.GID, "age": q.Age}, nil
}

type groupEditRequest struct {
	requestHead

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

// change returns a member's new permissions; absent fields are unchanged.
func (q *groupEditRequest) change(flags, admin uint32) (newFlags, newAdmin uint32) {
	for flag, want := range map[uint32]*bool{
		wire.MemberSend: q.Send, wire.MemberRecv: q.Receive, wire.MemberPublish: q.Publish,
		wire.MemberSubscribe: q.Subscribe, wire.MemberList: q.List,
	} {
		switch {
		case want == nil:
		case *want:
			flags |= flag
		default:
			flags &^= flag
		}
	}
	if q.Admin != nil {
		admin = *q.Admin
	}
	return flags, admin
}

func (a *API) groupEditMembers(ctx context.Context, q *groupEditRequest) (replyFields, error) {
	switch {
	case q.Members == nil:
		return nil, refusal.Bad("the field m is missing")
	case q.Admin != nil && *q.Admin > wire.AdminOwnerAll:
		return nil, refusal.Bad("the field admin must be between 0 and %d", wire.AdminOwnerAll)
	}
	users, unknown, err := a.members(ctx, q.Members, q.Delete)
	if err != nil {
		return nil, err
	}
	op, err := a.runGroupOp(ctx, "group.members", &eventlog.EditMembers{
		GID: q.GID, Users: users, Refused: unknown, Remove: q.Delete, Change: q.change,
	})
	if err != nil {
		return nil, err
	}
	return groupReply(op), nil
}

type groupGetMembersRequest struct {
	requestHead

	GID   uint32 `json:"gid"`
	After string `json:"after"`
	Count int    `json:"count"`
}

func (a *API) groupGetMembers(ctx context.Context, q *groupGetMembersRequest) (replyFields, error) {
	count := q.Count
	switch {
	case count < 0 || count > wire.MaxGroupEdit:
		return nil, refusal.Bad("the count must be between 0 and %d", wire.MaxGroupEdit)
	case count == 0:
		count = wire.MaxGroupEdit
	}
	page, err := a.c.Log.Members(ctx, 0, q.GID, q.After, count)
	if err != nil {
		return nil, err
	}
	members := make([]map[string]any, len(page.GetMembers()))
	for i, m := range page.GetMembers() {
		members[i] = map[string]any{
			"address": m.GetAddress(), "flags": m.GetPermissions().GetFlags(), "admin": m.GetPermissions().GetAdminFlags(),
		}
	}
	return replyFields{"members": members, "more": page.GetMore()}, nil
}

// maxGroupsGet is the maximum number of groups in a reply to groupsget.
const maxGroupsGet = 100

type groupsGetRequest struct {
	requestHead

	After uint32 `json:"aftergid"`
	Count int    `json:"count"`
}

// groupsGet lists groups by their numbers.
func (a *API) groupsGet(ctx context.Context, q *groupsGetRequest) (replyFields, error) {
	count := q.Count
	switch {
	case count < 0 || count > maxGroupsGet:
		return nil, refusal.Bad("the count is not between 0 and %d", maxGroupsGet)
	case count == 0:
		count = maxGroupsGet
	}
	list, err := a.c.Log.Groups(ctx, q.After, count+1)
	if err != nil {
		return nil, err
	}
	more := len(list) > count
	groups := make([]map[string]any, min(len(list), count))
	for i := range groups {
		g := list[i]
		groups[i] = map[string]any{"gid": g.GID, "name": g.Name, "members": g.Members, "created": g.Created}
	}
	return replyFields{"groups": groups, "more": more}, nil
}
