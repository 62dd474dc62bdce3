package mesibo

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/wire"
)

// member is a phone in the call of a group, which plays whoever sends.
type member struct {
	*phone

	call *GroupCall
}

// inGroup returns phones that take part in the call of a group, in this order.
func inGroup(t *testing.T, list ...*phone) []*member {
	t.Helper()
	var addresses []string
	for _, p := range list {
		p.calls.times.linkAgain = 1 // the tests do not wait
		addresses = append(addresses, p.GetAddress())
	}
	list[0].must(list[0].CreateGroup(GroupSettings{Name: "Team"}, addresses[1:], 1))
	var members []*member
	for _, p := range list {
		p.until("the group", func() bool { return len(p.groups()) > 0 })
		g, err := p.GroupCall(p.groups()[0])
		p.must(err)
		m := &member{p, g}
		p.must(g.Join(&GroupCallFuncs{
			Publisher: func(other *CallParticipant, joined bool) {
				p.note("publisher %s %v", other.GetAddress(), joined)
				if joined {
					_ = other.Call(true, true, false, false, m.diaryOf(other))
				}
			},
			Status: func(s CallStatus) { p.note("group %v", s) },
		}, false))
		p.must(g.CreatePublisher(1).Call(false, true, false, false, nil))
		p.await("group INPROGRESS")
		members = append(members, m)
	}
	return members
}

// groups returns the groups that there are.
func (p *phone) groups() (ids []uint32) {
	for _, profile := range p.GetProfiles() {
		if profile.GroupID != 0 {
			ids = append(ids, profile.GroupID)
		}
	}
	return ids
}

func (m *member) diaryOf(other *CallParticipant) *GroupCallInProgressFuncs {
	return &GroupCallInProgressFuncs{
		Connected: func(_ *CallParticipant, on bool) { m.note("%s connected %v", other.GetAddress(), on) },
		Hangup:    func(_ *CallParticipant, r HangupReason) { m.note("%s hangup %v", other.GetAddress(), r) },
	}
}

// link returns the media that connect a member with the only other one, nil while there are none.
func (m *member) link() *fakeMedia {
	t := m.call.current()
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.others) == 0 || t.others[0].link == nil {
		return nil
	}
	f, _ := t.others[0].link.media.(*fakeMedia)
	return f
}

// connected waits until two members are connected, with other media than before.
func connected(a, b *member, before ...*fakeMedia) (f, g *fakeMedia) {
	a.t.Helper()
	a.until("a connection", func() bool {
		f, g = a.link(), b.link()
		if f == nil || g == nil || slices.Contains(before, f) || slices.Contains(before, g) {
			return false
		}
		f.mu.Lock()
		defer f.mu.Unlock()
		return f.peer == g && a.call.GetParticipants()[0].IsConnected() && b.call.GetParticipants()[0].IsConnected()
	})
	return f, g
}

var errTest = errors.New("the network is bad")

// TestGroupCall_connection_fails: it is made anew, whichever side notices, also when that does not succeed at once, and
// what the users want of each other stays.
func TestGroupCall_connection_fails(t *testing.T) {
	t.Parallel()
	for name, fail := range map[string]func(a, b *fakeMedia){
		"both": func(a, b *fakeMedia) {
			a.h.OnFailed(errTest)
			b.h.OnFailed(errTest)
		},
		"who offers":         func(_, b *fakeMedia) { b.h.OnFailed(errTest) },
		"who does not offer": func(a, _ *fakeMedia) { a.h.OnFailed(errTest) },
		"again and again": func(a, b *fakeMedia) {
			a.line.failTimes(5, errTest)
			b.h.OnFailed(errTest)
			a.h.OnFailed(errTest)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, alice, bob := phones(t)
			list := inGroup(t, alice, bob) // bob, who came last, offers
			f, g := connected(list[0], list[1])
			fail(f, g)
			again, _ := connected(list[0], list[1], f, g)
			alice.until("the picture is sent", func() bool {
				again.mu.Lock()
				defer again.mu.Unlock()
				return again.muted == "true false" && again.source != nil
			})
			for _, entry := range append(alice.entries(), bob.entries()...) {
				if entry == "alice hangup ERROR" || entry == "bob hangup ERROR" {
					t.Error(entry)
				}
			}
		})
	}
}

// TestGroupCall_no_answer: when there is no connection in time, there is another offer.
func TestGroupCall_no_answer(t *testing.T) {
	t.Parallel()
	_, alice, bob := phones(t)
	bob.calls.times.link = 200 * time.Millisecond
	alice.line.silent.Store(true)
	list := inGroup(t, alice, bob)
	bob.until("several offers", func() bool {
		p := list[1].call.GetParticipants()
		if len(p) == 0 {
			return false
		}
		p[0].meeting.mu.Lock()
		defer p[0].meeting.mu.Unlock()
		return p[0].connection > 2
	})
	alice.line.silent.Store(false)
	connected(list[0], list[1])
}

// TestGroupCall_many_connections: another participant cannot make this device make ever more of them.
func TestGroupCall_many_connections(t *testing.T) {
	t.Parallel()
	_, alice, bob := phones(t)
	list := inGroup(t, alice, bob)
	connected(list[0], list[1])
	made := len(alice.line.media)
	to := list[0].call.GetParticipants()[0]
	m := to.meeting
	for i := range uint32(100) {
		m.mu.Lock()
		to.inbox = append(to.inbox, &wire.CallChange{
			Status: wire.CallSDP, Sdp: "offer 1 of m0", Connection: 10 + i,
		})
		m.mu.Unlock()
	}
	m.wakeUp()
	alice.until("all are read", func() bool {
		m.mu.Lock()
		defer m.mu.Unlock()
		return len(to.inbox) == 0
	})
	alice.line.mu.Lock()
	defer alice.line.mu.Unlock()
	if n := len(alice.line.media) - made; n > 2*renewalBurst {
		t.Errorf("%d connections were made", n)
	}
}
