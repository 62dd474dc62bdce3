package eventlog

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"encoding/base32"
	"fmt"
	"net/http"
	"strings"

	"github.com/parley-chat/parley/internal/server/record"
	"github.com/parley-chat/parley/internal/server/refusal"
	"github.com/parley-chat/parley/internal/wire"
)

// pinBytes is the number of random bytes in a code: sixteen letters and digits.
const pinBytes = 10

func newPinCode() string {
	var buf [pinBytes]byte
	_, _ = rand.Read(buf[:]) // never fails
	return base32.StdEncoding.EncodeToString(buf[:])
}

// foldPin normalizes a typed code, which may have spaces, dashes and lower-case letters.
func foldPin(code string) string {
	return strings.ToUpper(strings.NewReplacer(" ", "", "-", "").Replace(code))
}

// pin is an invite code: whoever knows it can join the group.
type pin struct {
	code    string
	gid     uint32
	nonce   []byte
	perms   permissions
	expires int64  // ms, 0 never
	uses    uint32 // left, 0 unlimited
	gone    bool
}

func (p *pin) wire() *wire.GroupPin {
	return &wire.GroupPin{Code: p.code, Permissions: p.perms.wire(), Expires: uint64(p.expires), Uses: p.uses}
}

// loadPins reads the pins that match an SQL condition.
func loadPins(read record.Reader, where string, args ...any) ([]*pin, error) {
	var list []*pin
	err := read.Query(`SELECT code, gid, nonce, flags, admin, expires, uses FROM pins WHERE `+where+` ORDER BY code`, args,
		func(row record.Row) error {
			var p pin
			if err := row.Scan(&p.code, &p.gid, &p.nonce, &p.perms.flags, &p.perms.admin, &p.expires, &p.uses); err != nil {
				return fmt.Errorf("read pins: %w", err)
			}
			list = append(list, &p)
			return nil
		})
	return list, err
}

// findPins returns the pins that match a condition, including the changes of this batch.
func (b *batch) findPins(where string, args []any, match func(*pin) bool) ([]*pin, error) {
	stored, err := loadPins(b.tx, where, args...)
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

func (b *batch) pin(code string) (*pin, error) {
	list, err := b.findPins(`code = ?`, []any{code}, func(p *pin) bool { return p.code == code })
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return list[0], nil
}

func (b *batch) pinsOf(gid uint32) ([]*pin, error) {
	return b.findPins(`gid = ?`, []any{int64(gid)}, func(p *pin) bool { return p.gid == gid })
}

func (b *batch) savePin(p *pin) {
	b.pins[p.code] = p
	if p.gone {
		b.update(`DELETE FROM pins WHERE code = ?`, p.code)
		return
	}
	b.update(`INSERT INTO pins(code, gid, nonce, flags, admin, expires, uses) VALUES(?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT(code) DO UPDATE SET flags = excluded.flags, admin = excluded.admin, expires = excluded.expires,
		uses = excluded.uses`,
		p.code, int64(p.gid), p.nonce, int64(p.perms.flags), int64(p.perms.admin), p.expires, int64(p.uses))
}

var errBadPin = refusal.Denied(wire.GroupErrorBadPin, "this invite code is unknown, used up or expired")

// JoinGroup adds the actor to the group of an invite code.
type JoinGroup struct{ Code string }

func (a *JoinGroup) run(b *batch, op *GroupOp) error {
	if !record.ValidText(a.Code) {
		return errBadPin
	}
	p, err := b.pin(foldPin(a.Code))
	if err != nil {
		return err
	}
	if p == nil || (p.expires != 0 && p.expires <= b.now.UnixMilli()) {
		return errBadPin
	}
	old, err := b.group(p.gid)
	if err != nil {
		return err
	}
	switch {
	case old == nil || old.deleted:
		return refusal.ErrGroupDeleted
	case old.find(op.Actor.UID) != nil:
		op.accept(old)
		return nil
	case len(old.members) >= wire.MaxGroup:
		return overCapacity("the group is full")
	}
	if banned, err := b.isBanned(p.gid, op.Actor.UID); banned || err != nil {
		return cmp.Or[error](err, errBanned)
	}
	used := *p
	if used.uses > 0 {
		used.uses--
		used.gone = used.uses == 0
		b.savePin(&used)
	}
	return b.join(op, old, p.perms)
}

// overCapacity refuses a change that would exceed a limit of the group.
func overCapacity(format string, args ...any) error {
	return &refusal.Error{
		Result: wire.ResultOverCapacity, GroupError: wire.GroupErrorDenied, Status: http.StatusConflict,
		Name: "OVERCAPACITY", Reason: fmt.Sprintf(format, args...),
	}
}

// EditPin creates, changes or removes a pin.
type EditPin struct {
	GID         uint32
	Nonce       []byte
	Code        string // empty: create a pin
	Remove      bool
	Permissions *wire.Permissions
	Expires     int64 // ms, 0 never
	Uses        uint32
}

func (a *EditPin) run(b *batch, op *GroupOp) error {
	needed := uint32(wire.AdminAddPin)
	if a.Remove {
		needed = wire.AdminRemovePin
	}
	g, err := op.open(b, a.GID, needed)
	if err != nil {
		return err
	}
	pins, err := b.pinsOf(a.GID)
	if err != nil {
		return err
	}
	p := a.find(pins)
	switch {
	case a.Remove:
		a.removePin(b, op, g, p)
		return nil
	case p == nil && a.Code != "":
		return &refusal.Error{
			Result: wire.ResultNoSuchUser, GroupError: wire.GroupErrorBadPin, Reason: "the group has no such invite code",
		}
	case p == nil && len(pins) >= wire.MaxPins:
		return overCapacity("the group already has %d invite codes", wire.MaxPins)
	}
	if p == nil || a.Code != "" { // not a repeated request
		next := pin{gid: a.GID, nonce: a.Nonce, code: newPinCode()}
		if p != nil {
			next = *p
		}
		perms := permissions{flags: wire.MemberAll}
		if p := permissionsOf(a.Permissions); p != nil {
			perms = p.kept(op, permissions{})
		}
		if err := mayGrant(op, g, 0, perms.admin); err != nil {
			return err
		}
		next.perms, next.expires, next.uses = perms, a.Expires, a.Uses
		b.savePin(&next)
		p = &next
	}
	op.accept(g)
	op.Reply.Pins = []*wire.GroupPin{p.wire()}
	return nil
}

// find returns the pin with the code or, if there is no code, with the nonce of the request.
func (a *EditPin) find(pins []*pin) *pin {
	for _, p := range pins {
		if (a.Code != "" && p.code == foldPin(a.Code)) || (a.Code == "" && bytes.Equal(p.nonce, a.Nonce)) {
			return p
		}
	}
	return nil
}

// removePin removes a pin; p is nil if it has been removed already.
func (a *EditPin) removePin(b *batch, op *GroupOp, g *group, p *pin) {
	if p != nil {
		gone := *p
		gone.gone = true
		b.savePin(&gone)
	}
	op.accept(g)
}
