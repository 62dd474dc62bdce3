package calls

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/server/eventlog"
	"github.com/parley-chat/parley/internal/wire"
)

const (
	// groupGrace is how long a participant may be disconnected.
	groupGrace = 20 * time.Second
	// maxStates is how many calls of groups a device that connects learns of.
	maxStates = 64
)

// GroupLog stores the records of calls of groups.
type GroupLog interface {
	Submit(ch eventlog.Change) error
	GroupCalls(ctx context.Context) ([]eventlog.LiveGroupCall, error)
	// Blocks reports whether one user blocks another.
	Blocks(uid, other uint32) bool
}

// GroupsConfig holds the dependencies of Groups.
type GroupsConfig struct {
	Log     GroupLog
	Hub     Hub
	Metrics Metrics
	Logger  *slog.Logger
	Clock   func() time.Time
	// SFU carries sound and video. Default: none, and participants are connected each with each.
	SFU SFU
	// MaxPeople is how many participants a call through the SFU has.
	MaxPeople int
}

// Groups are the calls of groups on this node. Who takes part is in memory alone: after a restart the participants join
// again, which is another call.
// The methods may be called from any goroutine and do not block, but for Join.
type Groups struct {
	c GroupsConfig // immutable

	mu      sync.Mutex
	live    map[uint32]*groupCall // by group
	rooms   map[string]*groupCall // by room, those that have one
	devices map[deviceKey]*participant
	rang    map[uint32]time.Time // by group: until when it may not ring again, also in another call
	stopped bool
}

// deviceKey identifies a device.
type deviceKey struct {
	uid uint32
	id  string
}

func (d Device) key() deviceKey { return deviceKey{d.UID, d.ID} }

// groupCall is a call with at least one participant. Under Groups.mu.
type groupCall struct {
	id           uint64
	gid          uint32
	nonce        [wire.NonceSize]byte
	starter      accounts.UserRef
	video        bool
	started      time.Time
	answered     time.Time // when there were two for the first time; zero before
	rings        time.Time // until when it rings at those who connect; zero when it has not rung
	ringer       uint32    // the user who lets it ring
	revision     uint32    // of the roster
	last         uint32    // number of the newest participant
	sent         uint32    // number of the newest signal to a participant
	most         int       // participants at the same time
	participants []*participant
	keeps        *time.Timer   // stores again that it goes on; nil while there is to be no record
	submitted    chan struct{} // closed when what is to be stored is in the log's queue; nil for nothing
	room         string        // of the SFU, empty when participants are connected each with each
	key          callKey
	members      map[uint32]struct{} // who may join
	removed      map[uint32]struct{} // users who were removed from the call
}

// participant is a device in a call.
type participant struct {
	party

	call   *groupCall
	user   Device
	number uint32
	rights eventlog.CallRights
	seen   uint32      // the newest signal of the device
	timer  *time.Timer // runs while the device is away

	publishes, video bool
	mute, sid        uint32
}

// NewGroups returns a node without calls of groups.
func NewGroups(c GroupsConfig) *Groups {
	return &Groups{
		c: c, live: make(map[uint32]*groupCall), rooms: make(map[string]*groupCall),
		devices: make(map[deviceKey]*participant),
		rang:    make(map[uint32]time.Time),
	}
}

// Stop stops all timers.
func (gs *Groups) Stop() {
	gs.mu.Lock()
	defer gs.mu.Unlock()
	gs.stopped = true
	for _, p := range gs.devices {
		p.back()
	}
	for _, c := range gs.live {
		c.forget()
	}
}

// newGroupCall starts the call of a group, in a room if that is not empty. Under mu.
func (gs *Groups) newGroupCall(j *Join, members GroupMembers, room string) *groupCall {
	c := &groupCall{
		gid: j.GID, starter: j.Device.UserRef, video: j.Video, started: gs.c.Clock(), id: randomCallID(), room: room,
		removed: make(map[uint32]struct{}),
	}
	if room != "" {
		gs.rooms[room] = c
		c.key.renew()
	}
	_, _ = rand.Read(c.nonce[:]) // never fails
	c.setMembers(members.UIDs())
	gs.live[j.GID] = c
	return c
}

func randomCallID() uint64 {
	for {
		var b [8]byte
		_, _ = rand.Read(b[:]) // never fails
		if id := binary.BigEndian.Uint64(b[:]) >> 1; id != 0 {
			return id
		}
	}
}

func (c *groupCall) setMembers(uids []uint32) {
	c.members = make(map[uint32]struct{}, len(uids))
	for _, uid := range uids {
		c.members[uid] = struct{}{}
	}
}

// has reports whether a device of a user takes part.
func (c *groupCall) has(uid uint32) bool {
	return slices.ContainsFunc(c.participants, func(p *participant) bool { return p.user.UID == uid })
}

// find returns a participant, nil when it has left.
func (c *groupCall) find(number uint32) *participant {
	i := slices.IndexFunc(c.participants, func(p *participant) bool { return p.number == number })
	if i < 0 {
		return nil
	}
	return c.participants[i]
}

// add makes a device a participant.
func (c *groupCall) add(d Device, rights eventlog.CallRights, now time.Time) *participant {
	c.last++
	p := &participant{party: party{device: d.ID}, call: c, user: d, number: c.last, rights: rights}
	c.participants = append(c.participants, p)
	c.revision++
	c.most = max(c.most, len(c.participants))
	if c.answered.IsZero() && len(c.participants) > 1 {
		c.answered = now
	}
	return p
}

func (c *groupCall) roster() *wire.CallRoster {
	r := &wire.CallRoster{Revision: c.revision}
	for _, p := range c.participants {
		r.Participants = append(r.Participants, &wire.CallParticipant{
			Number: p.number, Address: p.user.Address, Listens: !p.rights.Publish, Publishes: p.publishes, Video: p.video,
			Mute: p.mute, Sid: p.sid,
		})
	}
	return r
}

// signal returns a signal for all devices.
func (c *groupCall) signal(status uint32) *wire.CallSignalled {
	return &wire.CallSignalled{
		CallId: c.id, GroupId: c.gid, Video: c.video, Started: uint64(c.started.UnixMilli()),
		Change: &wire.CallChange{Status: status},
	}
}

// state returns the signal that says who takes part, no one after the end.
func (c *groupCall) state() *wire.CallSignalled {
	if len(c.participants) == 0 {
		return c.signal(wire.CallComplete)
	}
	s := c.signal(wire.CallInProgress)
	s.Roster = c.roster()
	return s
}

// ring returns the signal that makes devices ring.
func (c *groupCall) ring(from uint32) *wire.CallSignalled {
	s := c.signal(wire.CallIncoming)
	s.Roster, s.From = c.roster(), from
	return s
}

// back notes that the device is there.
func (p *participant) back() {
	p.away = false
	if p.timer != nil {
		p.timer.Stop()
		p.timer = nil
	}
}

// send passes a signal to all devices of users. Under mu, so that signals of one call keep their order.
func (gs *Groups) send(uids []uint32, s *wire.CallSignalled) {
	if len(uids) == 0 {
		return
	}
	sig := &wire.Signal{Body: &wire.Signal_Call{Call: s}}
	if _, err := gs.c.Hub.Signal(uids, sig, false); err != nil {
		gs.c.Logger.Error("signal a call", slog.Any("error", err))
	}
}

// sendTo passes a change to the device of a participant. Under mu.
func (gs *Groups) sendTo(p *participant, from uint32, change *wire.CallChange) {
	s := p.call.signal(change.GetStatus())
	s.From, s.To, s.Change = from, p.number, change
	p.last = p.call.sent // the numbers rise also for a device that has joined again
	p.keep(s)
	p.call.sent = p.last
	gs.send([]uint32{p.user.UID}, s)
}

// announce lets the members know who takes part. Under mu.
func (gs *Groups) announce(c *groupCall) {
	uids := make([]uint32, 0, len(c.members))
	for uid := range c.members {
		uids = append(uids, uid)
	}
	gs.send(uids, c.state())
}

// announceInside lets the participants know of a change that matters to them alone. Under mu.
func (gs *Groups) announceInside(c *groupCall) {
	c.revision++
	var uids []uint32
	for _, p := range c.participants {
		if !slices.Contains(uids, p.user.UID) {
			uids = append(uids, p.user.UID)
		}
	}
	gs.send(uids, c.state())
}

// drop removes a participant without a word. Under mu.
func (gs *Groups) drop(p *participant) {
	p.back()
	delete(gs.devices, p.user.key())
	c := p.call
	c.participants = slices.DeleteFunc(c.participants, func(other *participant) bool { return other == p })
	c.revision++
	if c.room != "" {
		gs.c.SFU.Remove(c.room, p.number)
	}
}

// leave removes a participant, and ends a call without any. Under mu.
func (gs *Groups) leave(p *participant) {
	gs.drop(p)
	gs.announce(p.call)
	if len(p.call.participants) == 0 {
		gs.end(p.call)
	}
}

// remove is leave for a participant that must. The others need another key then, see rekey.
func (gs *Groups) remove(p *participant) {
	gs.sendTo(p, 0, &wire.CallChange{Status: wire.CallNotAllowed})
	gs.leave(p)
}
