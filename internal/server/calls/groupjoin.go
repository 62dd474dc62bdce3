package calls

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/parley-chat/parley/internal/server/eventlog"
	"github.com/parley-chat/parley/internal/wire"
)

// GroupMembers are the members of a group.
type GroupMembers interface {
	// UIDs returns those who may join calls.
	UIDs() []uint32
	// Rights returns the rights of a user, none for a user who is not a member.
	Rights(uid uint32) eventlog.CallRights
}

// Join is a request to take part in the call of a group.
type Join struct {
	Device Device
	GID    uint32
	Video  bool
	Ring   bool
	SFU    bool // the device can use one
	// Members returns the members of the group. It may read the database.
	Members func() (GroupMembers, error)
}

// Join makes a device a participant of the call of a group, which it starts when there is none. A participant that the
// device was before leaves. answer is called once, with a reply or a failure of the storage; it must not block or call
// Groups. Join may wait a few seconds for the SFU.
func (gs *Groups) Join(ctx context.Context, j Join, answer func(*wire.CallTicketReply, error)) {
	members, err := j.Members()
	if err != nil {
		answer(nil, err)
		return
	}
	var p *participant
	for again := true; again; {
		room, fresh := gs.openRoom(ctx, &j, members)
		p, again = gs.join(&j, members, room, fresh, answer)
	}
	if p == nil {
		return
	}
	// The user may have been removed from the group since, before there was a participant to remove.
	if members, err = j.Members(); err != nil || members.Rights(j.Device.UID).Join {
		return
	}
	gs.mu.Lock()
	defer gs.mu.Unlock()
	if gs.devices[j.Device.key()] == p {
		gs.remove(p)
		gs.rekey(p.call)
	}
}

// join returns the participant, nil when it was refused. room is that of the call, or of one that this starts (fresh).
// again reports that the call with the room has ended meanwhile; nothing was done then.
func (gs *Groups) join(
	j *Join, members GroupMembers, room string, fresh bool, answer func(*wire.CallTicketReply, error),
) (p *participant, again bool) {
	gs.mu.Lock()
	defer gs.mu.Unlock()
	old := gs.devices[j.Device.key()]
	c, rights := gs.live[j.GID], members.Rights(j.Device.UID)
	switch {
	case c == nil && room != "" && !fresh:
		return nil, true
	case c != nil && fresh: // another device has started it meanwhile
		gs.c.SFU.Close(room)
	}
	if status := gs.refusalOf(c, j, old, rights); status != 0 {
		answer(&wire.CallTicketReply{Status: status}, nil)
		return nil, false
	}
	if old != nil {
		gs.replace(old, j.GID)
	}
	if c == nil {
		c = gs.newGroupCall(j, members, room)
	}
	now := gs.c.Clock()
	p = c.add(j.Device, rights, now)
	gs.devices[j.Device.key()] = p
	answer(&wire.CallTicketReply{
		CallId: c.id, Status: wire.CallInProgress, Number: p.number, Roster: c.roster(),
		Started: uint64(c.started.UnixMilli()), Video: c.video, Controls: rights.Controls, Removes: rights.Removes,
		Sfu: gs.admit(p),
	}, nil) // before a signal that needs the number
	if !gs.c.connected(j.Device) {
		gs.away(p)
	}
	gs.announce(c)
	if j.Ring && rights.Publish {
		gs.letRing(c, p, now)
	}
	gs.keep(c)
	return p, false
}

// refusalOf returns why a device may not join, 0 when it may.
func (gs *Groups) refusalOf(c *groupCall, j *Join, old *participant, rights eventlog.CallRights) uint32 {
	if !rights.Join {
		return wire.CallNotAllowed
	}
	if c == nil {
		return 0
	}
	others := len(c.participants)
	if old != nil && old.call == c {
		others--
	}
	_, removed := c.removed[j.Device.UID]
	most := wire.MaxMesh
	if c.room != "" {
		most = gs.c.MaxPeople
	}
	switch {
	case removed:
		return wire.CallNotAllowed
	case c.room != "" && !j.SFU:
		return wire.CallIncompatible
	case others >= most:
		return wire.CallBusy
	}
	return 0
}

// replace ends the part of a device that joins again. In the same call the others learn of it with the new one. Under
// mu.
func (gs *Groups) replace(old *participant, gid uint32) {
	if old.call.gid == gid {
		gs.drop(old)
		return
	}
	gs.leave(old)
}

// letRing lets a call ring at the members of whom no device takes part and who do not block the participant. A group
// rings once in the time that it may ring, whoever leaves and joins meanwhile. Under mu.
func (gs *Groups) letRing(c *groupCall, p *participant, now time.Time) {
	maps.DeleteFunc(gs.rang, func(_ uint32, until time.Time) bool { return !now.Before(until) })
	if _, rings := gs.rang[c.gid]; rings {
		return
	}
	c.rings, c.ringer = now.Add(wire.RingTimeout), p.user.UID
	gs.rang[c.gid] = c.rings
	var uids []uint32
	for uid := range c.members {
		if gs.ringsAt(c, uid, now) {
			uids = append(uids, uid)
		}
	}
	gs.send(uids, c.ring(p.number))
}

// ringsAt reports whether a call rings at the devices of a member. Under mu.
func (gs *Groups) ringsAt(c *groupCall, uid uint32, now time.Time) bool {
	return now.Before(c.rings) && !c.has(uid) && !gs.c.Log.Blocks(uid, c.ringer)
}

// GroupChanged applies a change of a group to its call. It may be called on the log's writer goroutine.
func (gs *Groups) GroupChanged(gid uint32, members GroupMembers) {
	gs.mu.Lock()
	defer gs.mu.Unlock()
	c := gs.live[gid]
	if c == nil {
		return
	}
	before := c.members
	c.setMembers(members.UIDs())
	others := len(c.participants)
	for _, p := range slices.Clone(c.participants) {
		rights := members.Rights(p.user.UID)
		if c.room != "" && rights.Publish != p.rights.Publish {
			gs.c.SFU.Permit(c.room, p.number, rights.Publish)
		}
		if p.rights = rights; !rights.Join {
			gs.remove(p)
			continue
		}
		p.publishes = p.publishes && rights.Publish
	}
	if len(c.participants) < others {
		gs.rekey(c)
	}
	var gone []uint32
	for uid := range before {
		if _, member := c.members[uid]; !member {
			gone = append(gone, uid)
		}
	}
	gs.send(gone, c.signal(wire.CallComplete))
	if len(c.participants) > 0 {
		c.revision++
		gs.announce(c)
	}
}
