package mesibo

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/parley-chat/parley/internal/wire"
)

const mostStates = 256 // calls of groups that are known at the same time

// GroupCallState is what is known of the call of a group. While this device is not connected that is nothing.
type GroupCallState struct {
	Group     *UserProfile
	Video     bool
	Started   time.Time // by the server's clock; zero when there is no call
	Addresses []string  // of the users who take part, one for each device; empty when there is no call
	Ringing   bool      // it rings here: the user may be asked to join
	From      string    // who lets it ring, empty when that is not known
}

// groupState is a call of a group.
type groupState struct {
	id       uint64
	revision uint32
	state    GroupCallState
	timer    *time.Timer // of the ring
}

// GetGroupCallState returns what is known of the call of a group.
func (m *Mesibo) GetGroupCallState(groupID uint32) GroupCallState {
	m.calls.mu.Lock()
	defer m.calls.mu.Unlock()
	if s := m.calls.states[groupID]; s != nil {
		return s.copy()
	}
	return GroupCallState{Group: &UserProfile{GroupID: groupID}}
}

func (s *groupState) copy() GroupCallState {
	own := s.state
	profile := *own.Group
	own.Group, own.Addresses = &profile, slices.Clone(own.Addresses)
	return own
}

// groupSignalled takes a signal about the call of a group. It does not block.
func (cs *calls) groupSignalled(r *run, s *wire.CallSignalled) {
	if !wellFormedInGroup(s) {
		return
	}
	group := cs.m.profiles.complete("", s.GetGroupId()) // may read the database
	defer cs.flushStates()
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if r == nil || cs.run != r || s.GetDevice() != "" && s.GetDevice() != *r.device.Load() {
		return
	}
	if s.GetDevice() == "" {
		cs.noteState(s, group)
	}
	if t := cs.meeting; t != nil && t.g.groupID == s.GetGroupId() {
		t.signalled(s)
	}
}

// wellFormedInGroup reports whether a signal keeps the limits of the protocol.
func wellFormedInGroup(s *wire.CallSignalled) bool {
	ch := s.GetChange()
	return s.GetCallId() != 0 && s.GetGroupId() != 0 && ch.GetStatus() != 0 && ch.GetStatus() <= wire.CallMaxStatus &&
		len(ch.GetSdp()) <= wire.MaxSDP && len(ch.GetCandidates()) <= wire.MaxCandidates &&
		!slices.ContainsFunc(ch.GetCandidates(), func(c string) bool { return len(c) > wire.MaxCandidate }) &&
		wellFormedRoster(s.GetRoster())
}

func wellFormedRoster(r *wire.CallRoster) bool {
	last := uint32(0)
	for _, p := range r.GetParticipants() {
		if p.GetNumber() <= last || p.GetAddress() == "" {
			return false
		}
		last = p.GetNumber()
	}
	return len(r.GetParticipants()) <= wire.MaxGroupCall
}

// noteState notes who takes part in the call of a group. Under mu.
func (cs *calls) noteState(s *wire.CallSignalled, group *UserProfile) {
	known, roster := cs.states[s.GetGroupId()], s.GetRoster()
	current := known != nil && known.id == s.GetCallId()
	switch {
	case len(roster.GetParticipants()) == 0:
		if current {
			delete(cs.states, s.GetGroupId())
			known.stopRinging()
			cs.tellState(GroupCallState{Group: group})
		}
		return
	case current && roster.GetRevision() < known.revision, known == nil && len(cs.states) >= mostStates:
		return
	case !current:
		if known != nil {
			known.stopRinging()
		}
		known = &groupState{id: s.GetCallId()}
		cs.states[s.GetGroupId()] = known
	}
	before := known.state
	known.revision = roster.GetRevision()
	known.state.Group, known.state.Video, known.state.Started = group, s.GetVideo(), moment(int64(s.GetStarted()))
	own, from := known.takePeople(roster, s.GetFrom(), cs.m.GetAddress())
	switch {
	case own:
		known.stopRinging()
	case s.GetChange().GetStatus() == wire.CallIncoming:
		known.stopRinging()
		known.state.Ringing, known.state.From = true, from
		known.timer = time.AfterFunc(cs.times.groupRing, func() { cs.stopRinging(known) })
	}
	if !slices.Equal(before.Addresses, known.state.Addresses) || before.Ringing != known.state.Ringing {
		cs.tellState(known.copy())
	}
}

// takePeople notes who takes part. It reports whether a user is among them, and returns the address of a participant.
func (s *groupState) takePeople(r *wire.CallRoster, number uint32, user string) (present bool, address string) {
	s.state.Addresses = nil
	for _, p := range r.GetParticipants() {
		s.state.Addresses = append(s.state.Addresses, p.GetAddress())
		present = present || strings.EqualFold(p.GetAddress(), user)
		if p.GetNumber() == number {
			address = p.GetAddress()
		}
	}
	return present, address
}

// stopRinging ends the ring. Under mu.
func (s *groupState) stopRinging() {
	s.state.Ringing, s.state.From = false, ""
	if s.timer != nil {
		s.timer.Stop()
		s.timer = nil
	}
}

// stopRinging ends a ring when its time is over.
func (cs *calls) stopRinging(s *groupState) {
	defer cs.flushStates()
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if s.state.Ringing && cs.states[s.state.Group.GroupID] == s {
		s.stopRinging()
		cs.tellState(s.copy())
	}
}

// tellState lets flushStates call the listeners. Under mu.
func (cs *calls) tellState(state GroupCallState) { cs.untold = append(cs.untold, state) }

// flushStates calls the listeners with what has changed, in order.
func (cs *calls) flushStates() {
	cs.mu.Lock()
	idle := len(cs.untold) > 0 && !cs.telling
	cs.telling = cs.telling || idle
	cs.mu.Unlock()
	if !idle {
		return
	}
	cs.m.listeners.post(context.Background(), func(ls *snapshot) {
		cs.mu.Lock()
		untold := cs.untold
		cs.untold, cs.telling = nil, false
		cs.mu.Unlock()
		for _, state := range untold {
			each(ls, func(l GroupCallStateListener) {
				own := groupState{state: state}
				l.OnGroupCallState(own.copy())
			})
		}
	})
}

// forgetStates forgets the calls of groups: without a connection it is not known how they go on.
func (cs *calls) forgetStates() {
	defer cs.flushStates()
	cs.mu.Lock()
	defer cs.mu.Unlock()
	for group, s := range cs.states {
		delete(cs.states, group)
		s.stopRinging()
		cs.tellState(GroupCallState{Group: s.state.Group})
	}
}
