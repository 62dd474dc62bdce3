package server

import (
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/base32"
	"fmt"
	"strings"

	"github.com/parley-chat/parley/internal/wire"
)

// pinBytes makes a code of 80 random bits, sixteen letters and digits.
const pinBytes = 10

func newPinCode() string {
	var buf [pinBytes]byte
	_, _ = rand.Read(buf[:]) // never fails
	return base32.StdEncoding.EncodeToString(buf[:])
}

// foldPin makes the form in which codes are compared: people type them with blanks, dashes and small letters.
func foldPin(code string) string {
	return strings.ToUpper(strings.NewReplacer(" ", "", "-", "").Replace(code))
}

// pin lets whoever knows the code join a group.
type pin struct {
	code    string
	gid     uint32
	nonce   []byte
	perms   permissions
	expires int64  // ms, 0 never
	uses    uint32 // left, 0 without limit
	gone    bool
}

func (p *pin) wire() *wire.GroupPin {
	return &wire.GroupPin{Code: p.code, Permissions: p.perms.wire(), Expires: uint64(p.expires), Uses: p.uses}
}

// loadPins reads the pins that meet a condition on the table.
func loadPins(read reading, where string, args ...any) ([]*pin, error) {
	var list []*pin
	err := read(`SELECT code, gid, nonce, flags, admin, expires, uses FROM pins WHERE `+where+` ORDER BY code`, args,
		func(rows *sql.Rows) error {
			var p pin
			if err := rows.Scan(&p.code, &p.gid, &p.nonce, &p.perms.flags, &p.perms.admin, &p.expires, &p.uses); err != nil {
				return fmt.Errorf("read pins: %w", err)
			}
			list = append(list, &p)
			return nil
		})
	return list, err
}

// findPins returns the pins as this batch will leave them.
func (b *batch) findPins(ctx context.Context, where string, args []any, match func(*pin) bool) ([]*pin, error) {
	stored, err := loadPins(b.reading(ctx), where, args...)
	if err != nil {
		return nil, err
	}
	var list []*pin
	for _, p := range stored {
		if b.pins[p.code] == nil {
			list = append(list, p)
		}
	}
	for _, p := range b.pins {
		if !p.gone && match(p) {
			list = append(list, p)
		}
	}
	return list, nil
}

func (b *batch) pin(ctx context.Context, code string) (*pin, error) {
	list, err := b.findPins(ctx, `code = ?`, []any{code}, func(p *pin) bool { return p.code == code })
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return list[0], nil
}

func (b *batch) pinsOf(ctx context.Context, gid uint32) ([]*pin, error) {
	return b.findPins(ctx, `gid = ?`, []any{int64(gid)}, func(p *pin) bool { return p.gid == gid })
}

// savePin notes a changed pin.
func (b *batch) savePin(p *pin) {
	b.pins[p.code] = p
	if p.gone {
		b.update(`DELETE FROM pins WHERE code = ?`, p.code)
		return
	}
	b.update(`INSERT INTO pins(code, gid, nonce, flags, admin, expires, uses) VALUES(?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT(code) DO UPDATE SET flags = excluded.flags, admin = excluded.admin, expires = excluded.expires,
		uses = excluded.uses`, p.code, int64(p.gid), p.nonce, int64(p.perms.flags), int64(p.perms.admin), p.expires, int64(p.uses))
}

// joinGroup makes the actor a member by a code.
type joinGroup struct{ code string }

func (a *joinGroup) run(ctx context.Context, b *batch, op *groupOp) error {
	p, err := b.pin(ctx, foldPin(a.code))
	if err != nil {
		return err
	}
	if p == nil || (p.expires != 0 && p.expires <= b.now.UnixMilli()) {
		op.refuse(wire.ResultDenied, wire.GroupErrorBadPin, "this code lets nobody join: it is unknown, used up or expired")
		return nil
	}
	old, err := b.group(ctx, p.gid)
	if err != nil {
		return err
	}
	switch {
	case old == nil || old.deleted:
		op.refuse(wire.ResultNoSuchUser, wire.GroupErrorDeleted, "the group has been deleted")
		return nil
	case old.find(op.actor.uid) != nil:
		op.accept(old)
		return nil
	case len(old.members) >= wire.MaxGroup:
		op.refuse(wire.ResultOverCapacity, wire.GroupErrorDenied, "the group is full")
		return nil
	}
	used := *p
	if used.uses > 0 {
		used.uses--
		used.gone = used.uses == 0
		b.savePin(&used)
	}
	g := old.clone()
	m := g.add(op.actor, p.perms, b.now.UnixMilli())
	joined := []groupMember{*m}
	b.save(g, joined, nil)
	op.accept(g)
	return b.announceMembers(ctx, op, g, wire.GroupChange_JOINED, joined)
}

// editPin makes a pin, changes one, or removes it.
type editPin struct {
	gid     uint32
	nonce   []byte
	code    string // empty: make one
	remove  bool
	perms   *permissions
	expires int64
	uses    uint32
}

func (a *editPin) run(ctx context.Context, b *batch, op *groupOp) error {
	needed := uint32(wire.AdminAddPin)
	if a.remove {
		needed = wire.AdminRemovePin
	}
	g, err := op.open(ctx, b, a.gid, needed)
	if err != nil || g == nil {
		return err
	}
	pins, err := b.pinsOf(ctx, a.gid)
	if err != nil {
		return err
	}
	p := a.find(pins)
	switch {
	case a.remove:
		a.removed(b, op, g, p)
		return nil
	case p == nil && a.code != "":
		op.refuse(wire.ResultNoSuchUser, wire.GroupErrorBadPin, "the group has no such code")
		return nil
	case p == nil && len(pins) >= wire.MaxPins:
		op.refuse(wire.ResultOverCapacity, wire.GroupErrorDenied, fmt.Sprintf("the group has %d codes already", wire.MaxPins))
		return nil
	}
	if p == nil || a.code != "" { // else the request came before
		next := pin{gid: a.gid, nonce: a.nonce, code: newPinCode()}
		if p != nil {
			next = *p
		}
		perms := permissions{flags: wire.MemberAll}
		if a.perms != nil {
			perms = *a.perms
		}
		if !mayGive(op, g, 0, perms.admin) {
			return nil
		}
		next.perms, next.expires, next.uses = perms, a.expires, a.uses
		b.savePin(&next)
		p = &next
	}
	op.accept(g)
	op.reply.Pins = []*wire.GroupPin{p.wire()}
	return nil
}

// find looks for the pin by its code, or by the nonce of the request that has made it.
func (a *editPin) find(pins []*pin) *pin {
	for _, p := range pins {
		if (a.code != "" && p.code == foldPin(a.code)) || (a.code == "" && bytes.Equal(p.nonce, a.nonce)) {
			return p
		}
	}
	return nil
}

// removed is the end of a pin. One that is gone already needs nothing.
func (a *editPin) removed(b *batch, op *groupOp, g *group, p *pin) {
	if p != nil {
		gone := *p
		gone.gone = true
		b.savePin(&gone)
	}
	op.accept(g)
}
