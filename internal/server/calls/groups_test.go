package calls_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/server/calls"
	"github.com/parley-chat/parley/internal/server/eventlog"
	"github.com/parley-chat/parley/internal/wire"
)

// office is a server with one group, its members' devices, and what they were sent.
type office struct {
	groups *calls.Groups
	rights map[uint32]eventlog.CallRights // of the members

	mu      sync.Mutex
	online  map[string]bool
	rosters map[uint32]*wire.CallSignalled // the newest state that each user's devices have
	records []*wire.CallRecord
	kept    []eventlog.LiveGroupCall // since the newest record
	fail    int                      // submissions that fail
}

const (
	office7   = 7 // the group
	deviceFmt = "device %d of %d"
)

func newOffice() *office {
	o := &office{
		rights: make(map[uint32]eventlog.CallRights), online: make(map[string]bool),
		rosters: make(map[uint32]*wire.CallSignalled),
	}
	o.groups = calls.NewGroups(calls.GroupsConfig{
		Log: o, Hub: o, Metrics: o, Logger: slog.New(slog.DiscardHandler), Clock: time.Now,
	})
	return o
}

func (*office) Call(uint32) {}

func (o *office) UIDs() (uids []uint32) {
	for uid := range o.rights {
		uids = append(uids, uid)
	}
	return uids
}

func (o *office) Rights(uid uint32) eventlog.CallRights { return o.rights[uid] }

func (o *office) Submit(ch eventlog.Change) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if kept, ok := ch.(*eventlog.KeepGroupCall); ok {
		o.kept = append(o.kept, kept.Call)
		kept.Done(nil)
		return nil
	}
	end, _ := ch.(*eventlog.EndGroupCall)
	if o.fail > 0 {
		o.fail--
		end.Done(errDisk)
		return nil
	}
	o.records = append(o.records, end.Record())
	o.kept = nil
	end.Done(nil)
	return nil
}

func (*office) Blocks(uint32, uint32) bool { return false }

func (o *office) GroupCalls(context.Context) ([]eventlog.LiveGroupCall, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.kept) == 0 {
		return nil, nil
	}
	return o.kept[len(o.kept)-1:], nil
}

func (o *office) stored() []*wire.CallRecord {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.records)
}

func (o *office) Signal(uids []uint32, sig *wire.Signal, _ bool) (bool, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, uid := range uids {
		if s := sig.GetCall(); s.GetDevice() == "" {
			o.rosters[uid] = s
		}
	}
	return true, nil
}

func (o *office) Devices(uid uint32) (ids []string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for n := range 2 {
		if id := fmt.Sprintf(deviceFmt, n, uid); o.online[id] {
			ids = append(ids, id)
		}
	}
	return ids
}

func (o *office) device(uid uint32, n int) calls.Device {
	return calls.Device{
		UserRef: accounts.UserRef{UID: uid, Address: fmt.Sprint("user ", uid)}, ID: fmt.Sprintf(deviceFmt, n, uid),
	}
}

func (o *office) connect(d calls.Device, online bool) {
	o.mu.Lock()
	o.online[d.ID] = online
	o.mu.Unlock()
	if !online {
		o.groups.Disconnected(d, false)
	}
}

func (o *office) join(d calls.Device, ring bool) (ticket *wire.CallTicketReply) {
	o.groups.Join(context.Background(), calls.Join{
		Device: d, GID: office7, Ring: ring, Members: func() (calls.GroupMembers, error) { return o, nil },
	}, func(reply *wire.CallTicketReply, _ error) { ticket = reply })
	return ticket
}

// status signals a status and returns the replied one.
func (o *office) status(d calls.Device, ticket *wire.CallTicketReply, seq, status uint32) uint32 {
	reply, err := o.groups.Signal(d, &wire.CallSignal{
		CallId: ticket.GetCallId(), GroupId: office7, Seq: seq, Change: &wire.CallChange{Status: status},
	})
	if err != nil {
		return 0
	}
	return reply.GetStatus()
}

// seen returns the numbers of the participants as a user knows them.
func (o *office) seen(uid uint32) (numbers []uint32) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, p := range o.rosters[uid].GetRoster().GetParticipants() {
		numbers = append(numbers, p.GetNumber())
	}
	return numbers
}

// TestGroups_grace: a participant whose device is gone leaves after a while, unless the device comes back and says so.
func TestGroups_grace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := newOffice()
		o.rights[1], o.rights[2] = eventlog.CallRights{Join: true}, eventlog.CallRights{Join: true}
		a, b := o.device(1, 0), o.device(2, 0)
		o.connect(a, true)
		o.connect(b, true)
		ticket := o.join(a, false)
		o.join(b, false)
		want := func(what string, numbers ...uint32) {
			t.Helper()
			synctest.Wait()
			if got := o.seen(2); !slices.Equal(got, numbers) {
				t.Errorf("%s: got %v, want %v", what, got, numbers)
			}
		}
		o.connect(a, false)
		<-time.After(19 * time.Second)
		want("away", 1, 2)
		o.connect(a, true)
		if got := o.status(a, ticket, 1, wire.CallInfo); got != wire.CallInProgress {
			t.Errorf("back: status %#x", got)
		}
		<-time.After(time.Minute)
		want("back", 1, 2)
		o.connect(a, false)
		o.connect(a, true) // and has forgotten the call
		<-time.After(21 * time.Second)
		want("forgotten", 2)
		if got := o.status(a, ticket, 2, wire.CallInfo); got != wire.CallBadID {
			t.Errorf("too late: status %#x", got)
		}
		o.groups.Disconnected(b, false) // it has connected again: nothing happens
		<-time.After(time.Minute)
		want("connected", 2)
		o.mu.Lock()
		o.online[b.ID], o.fail = false, 1
		o.mu.Unlock()
		o.groups.Disconnected(b, true)
		want("for good")
		if len(o.stored()) != 0 {
			t.Error("a record in spite of the failure")
		}
		<-time.After(10 * time.Second)
		synctest.Wait()
		if got := o.stored(); len(got) != 1 || got[0].GetPeople() != 2 {
			t.Errorf("records %v", got)
		}
		o.groups.Stop()
	})
}

// TestGroups_no_storage: a join that cannot be judged is answered with the failure.
func TestGroups_no_storage(t *testing.T) {
	t.Parallel()
	o := newOffice()
	o.groups.Join(t.Context(), calls.Join{
		Device: o.device(1, 0), GID: office7, Members: func() (calls.GroupMembers, error) { return nil, errDisk },
	}, func(reply *wire.CallTicketReply, err error) {
		if reply != nil || !errors.Is(err, errDisk) {
			t.Errorf("got %v, %v", reply, err)
		}
	})
}

// TestGroups_kept: a call that is to have a record is stored when that is certain, and each minute; after a restart it
// ends as of when it was last stored.
func TestGroups_kept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := newOffice()
		o.rights[1], o.rights[2] = eventlog.CallRights{Join: true}, eventlog.CallRights{Join: true}
		want := func(what string, kept, records int) {
			t.Helper()
			synctest.Wait()
			o.mu.Lock()
			defer o.mu.Unlock()
			if len(o.kept) != kept || len(o.records) != records {
				t.Errorf("%s: stored %d times, with %d records; want %d, %d", what, len(o.kept), len(o.records), kept, records)
			}
		}
		a, b := o.device(1, 0), o.device(2, 0)
		o.connect(a, true)
		o.connect(b, true)
		first := o.join(a, false)
		<-time.After(10 * time.Minute)
		want("alone", 0, 0)
		second := o.join(b, false)
		want("answered", 1, 0)
		<-time.After(150 * time.Second)
		want("for a while", 3, 0)

		restarted := newOffice()
		restarted.kept = o.kept
		if err := restarted.groups.Load(t.Context()); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if r := restarted.stored(); len(r) != 1 || r[0].GetStatus() != wire.CallComplete || r[0].GetPeople() != 2 ||
			r[0].GetEnded()-r[0].GetAnswered() != 120_000 {
			t.Errorf("after a restart: %v", r)
		}

		o.status(a, first, 1, wire.CallComplete)
		o.status(b, second, 1, wire.CallComplete)
		<-time.After(10 * time.Minute)
		want("ended", 0, 1)
		o.groups.Stop()
	})
}

// TestGroups_removed_while_joining: a user who is removed from the group at the same moment does not stay.
func TestGroups_removed_while_joining(t *testing.T) {
	t.Parallel()
	o := newOffice()
	o.rights[1] = eventlog.CallRights{Join: true}
	d := o.device(1, 0)
	o.connect(d, true)
	looked := 0
	o.groups.Join(t.Context(), calls.Join{Device: d, GID: office7, Members: func() (calls.GroupMembers, error) {
		if looked++; looked == 2 {
			delete(o.rights, 1)
		}
		return o, nil
	}}, func(*wire.CallTicketReply, error) {})
	if got := o.seen(1); len(got) != 0 {
		t.Errorf("participants %v", got)
	}
}

// TestGroups_model: whatever happens, who is in the call may be, is there once, and all members know it; each call
// leaves at most one record.
func TestGroups_model(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { rapid.Check(struct{ rapid.TB }{t}, runOffice) })
}

func runOffice(t *rapid.T) {
	o := newOffice()
	defer o.groups.Stop()
	tickets, numbers := make(map[string]*wire.CallTicketReply), make(map[string]uint32)
	byNumber := make(map[uint32]uint32) // users by numbers of the newest call
	var call uint64
	for uid := range uint32(6) {
		o.rights[uid] = eventlog.CallRights{Join: true}
		o.connect(o.device(uid, 0), true)
		o.connect(o.device(uid, 1), true)
	}
	for range rapid.IntRange(1, 60).Draw(t, "steps") {
		d := o.device(rapid.Uint32Range(0, 5).Draw(t, "user"), rapid.IntRange(0, 1).Draw(t, "device"))
		switch rapid.IntRange(0, 6).Draw(t, "step") {
		case 0, 1:
			ticket := o.join(d, rapid.Bool().Draw(t, "ring"))
			if (ticket.GetStatus() == wire.CallInProgress) != (ticket.GetNumber() != 0) {
				t.Fatalf("ticket %v", ticket)
			}
			if ticket.GetNumber() == 0 {
				break
			}
			if ticket.GetCallId() != call {
				clear(byNumber)
				call = ticket.GetCallId()
			}
			if _, used := byNumber[ticket.GetNumber()]; used || !o.rights[d.UID].Join {
				t.Fatalf("ticket %v for %v", ticket, d)
			}
			tickets[d.ID], byNumber[ticket.GetNumber()] = ticket, d.UID
		case 2:
			if tickets[d.ID] != nil {
				numbers[d.ID]++
				o.status(d, tickets[d.ID], numbers[d.ID], wire.CallComplete)
			}
		case 3:
			o.connect(d, false)
		case 4:
			o.connect(d, true)
			if tickets[d.ID] != nil {
				numbers[d.ID]++
				o.status(d, tickets[d.ID], numbers[d.ID], wire.CallInfo)
			}
		case 5:
			if _, member := o.rights[d.UID]; member {
				delete(o.rights, d.UID)
			} else {
				o.rights[d.UID] = eventlog.CallRights{Join: true}
			}
			o.groups.GroupChanged(office7, o)
		case 6:
			<-time.After(25 * time.Second)
		}
		synctest.Wait()
		o.checkRosters(t, byNumber)
	}
	for uid := range uint32(6) {
		o.connect(o.device(uid, 0), false)
		o.connect(o.device(uid, 1), false)
	}
	<-time.After(time.Minute)
	synctest.Wait()
	ids := make(map[uint64]bool)
	for _, r := range o.stored() {
		if ids[r.GetCallId()] || r.GetPeople() > wire.MaxMesh || r.GetEnded() < r.GetStarted() {
			t.Fatalf("record %v", r)
		}
		ids[r.GetCallId()] = true
	}
	for uid := range o.rights {
		if got := o.seen(uid); len(got) != 0 {
			t.Fatalf("at the end user %d sees %v", uid, got)
		}
	}
}

// checkRosters checks that all members know the same participants, who are members.
func (o *office) checkRosters(t *rapid.T, byNumber map[uint32]uint32) {
	var want []uint32
	known := false
	for uid := range o.rights {
		if o.rosters[uid] == nil {
			continue // it has not been a member during a call
		}
		got := o.seen(uid)
		if known && !slices.Equal(got, want) {
			t.Fatalf("some members see %v, others %v", want, got)
		}
		want, known = got, true
	}
	if len(want) > wire.MaxMesh {
		t.Fatalf("participants %v", want)
	}
	for _, n := range want {
		if _, member := o.rights[byNumber[n]]; !member {
			t.Fatalf("participant %d is user %d, who is not a member", n, byNumber[n])
		}
	}
}
