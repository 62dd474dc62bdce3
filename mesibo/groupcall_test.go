package mesibo

import (
	"fmt"
	"testing"

	"github.com/parley-chat/parley/internal/wire"
)

// stateOf describes a state.
func stateOf(s GroupCallState) string {
	return fmt.Sprintf("%v %v %q", s.Addresses, s.Ringing, s.From)
}

// TestGroupCallState: of what comes late, twice or damaged nothing is left.
func TestGroupCallState(t *testing.T) {
	t.Parallel()
	_, alice, _ := phones(t)
	r := alice.running()
	roster := func(revision uint32, people ...string) *wire.CallRoster {
		out := &wire.CallRoster{Revision: revision}
		for i, address := range people {
			out.Participants = append(out.Participants, &wire.CallParticipant{Number: uint32(i + 1), Address: address})
		}
		return out
	}
	wrong := roster(9, "bob", "carol")
	wrong.Participants[1].Number = 1
	signal := func(id uint64, status, from uint32, list *wire.CallRoster) *wire.CallSignalled {
		return &wire.CallSignalled{
			CallId: id, GroupId: 7, From: from, Roster: list, Started: 1, Change: &wire.CallChange{Status: status},
		}
	}
	for i, step := range []struct {
		s    *wire.CallSignalled
		want string
	}{
		{signal(5, wire.CallComplete, 0, nil), `[] false ""`},
		{signal(5, wire.CallInProgress, 0, roster(2, "bob")), `[bob] false ""`},
		{signal(5, wire.CallIncoming, 1, roster(2, "bob")), `[bob] true "bob"`},
		{signal(5, wire.CallInProgress, 0, roster(1, "dave")), `[bob] true "bob"`}, // late
		{signal(5, wire.CallInProgress, 0, roster(9, "")), `[bob] true "bob"`},
		{signal(5, wire.CallInProgress, 0, wrong), `[bob] true "bob"`},
		{signal(5, wire.CallInProgress, 0, roster(9, make([]string, wire.MaxGroupCall+1)...)), `[bob] true "bob"`},
		{signal(5, wire.CallMaxStatus+1, 0, roster(9, "eve")), `[bob] true "bob"`},
		{signal(0, wire.CallInProgress, 0, roster(9, "eve")), `[bob] true "bob"`},
		{signal(4, wire.CallComplete, 0, nil), `[bob] true "bob"`}, // of the call before
		{signal(5, wire.CallInProgress, 0, roster(3, "bob", "ALICE")), `[bob ALICE] false ""`},
		{signal(6, wire.CallInProgress, 0, roster(1, "carol")), `[carol] false ""`}, // another call
		{signal(6, wire.CallComplete, 0, nil), `[] false ""`},
	} {
		alice.calls.signalled(r, step.s)
		if got := stateOf(alice.GetGroupCallState(7)); got != step.want {
			t.Errorf("step %d: got %s, want %s", i, got, step.want)
		}
	}
}

// TestGroupCallState_ring: a ring ends by itself.
func TestGroupCallState_ring(t *testing.T) {
	t.Parallel()
	_, alice, _ := phones(t)
	alice.calls.mu.Lock()
	alice.calls.times.groupRing = 1
	alice.calls.mu.Unlock()
	alice.must(alice.AddListener(&GroupCallFuncs{State: func(s GroupCallState) { alice.note("state %s", stateOf(s)) }}))
	alice.calls.signalled(alice.running(), &wire.CallSignalled{
		CallId: 5, GroupId: 7, From: 1, Change: &wire.CallChange{Status: wire.CallIncoming},
		Roster: &wire.CallRoster{Revision: 1, Participants: []*wire.CallParticipant{{Number: 1, Address: "bob"}}},
	})
	alice.await(`state [bob] true "bob"`)
	alice.await(`state [bob] false ""`)
	alice.Stop()
	alice.await(`state [] false ""`)
}

// TestGroupCall_errors: what refuses to join.
func TestGroupCall_errors(t *testing.T) {
	t.Parallel()
	_, alice, bob := phones(t)
	g, err := alice.GroupCall(7)
	alice.must(err)
	if again, _ := alice.GroupCall(7); again != g || g.GetGroupID() != 7 || g.GetParticipants() != nil {
		t.Error("another call")
	}
	g.Leave() // of what was not joined
	alice.must(g.Join(&GroupCallFuncs{Status: func(s CallStatus) { alice.note("group %v", s) }}, true))
	alice.await("group NOTALLOWED") // there is no such group
	alice.until("not in it", func() bool { return alice.GetActiveGroupCall() == nil })
	of, _ := talk(alice, bob, false)
	if err := g.Join(nil, false); ResultOf(err) != ResultReqInProgress {
		t.Errorf("during a call: %v", err)
	}
	alice.must(of.Hangup())
	bob.await("hangup REMOTE")
	alice.await("hangup USER")
	alice.calls.mu.Lock()
	alice.calls.media = nil
	alice.calls.mu.Unlock()
	if err := g.Join(nil, false); ResultOf(err) != ResultFail {
		t.Errorf("without devices: %v", err)
	}
}

// TestCallParticipant_listens: nothing is played of who may not send, whatever that device says.
func TestCallParticipant_listens(t *testing.T) {
	t.Parallel()
	p := &CallParticipant{meeting: &meeting{}, called: true, audio: true, video: true}
	w := &wire.CallParticipant{Number: 1, Address: "eve", Publishes: true, Video: true}
	p.update(w)
	if got := p.notWanted(); got != 0 {
		t.Errorf("not wanted of who may send: %d", got)
	}
	w.Listens = true
	p.update(w)
	if got := p.notWanted(); got != MuteStatusAudio|MuteStatusVideo || p.publishes {
		t.Errorf("not wanted of who may not: %d", got)
	}
}
