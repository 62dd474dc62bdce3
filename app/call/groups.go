package call

import (
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/mesibo"
)

// Groups are the calls of groups: those that are on, those that ring here, and the one in which this device takes part.
// There is one call at a time at this device, of a group or of two.
type Groups struct {
	m       *Model
	states  map[uint32]mesibo.GroupCallState // of calls that are on
	rings   []uint32                         // groups whose call rings here, oldest first
	ignored map[uint32]bool                  // those that the user does not want to hear
	meeting *meeting                         // nil for none
	hidden  bool                             // the window was closed, and the meeting goes on
	// seatsChanged is called when others take part.
	seatsChanged func()
}

func newGroups(m *Model) *Groups {
	return &Groups{
		m: m, states: map[uint32]mesibo.GroupCallState{}, ignored: map[uint32]bool{}, seatsChanged: func() {},
	}
}

// Groups are the calls of groups.
func (m *Model) Groups() *Groups { return m.groups }

// OnGroup implements Listener.
func (m *Model) OnGroup(state mesibo.GroupCallState) {
	m.cfg.Dispatcher.Post(func() {
		if !m.ended && state.Group != nil {
			m.groups.stateChanged(state)
		}
	})
}

// OnGroupMissed implements Listener.
func (m *Model) OnGroupMissed(groupID uint32, video bool) {
	m.cfg.Dispatcher.Post(func() {
		if !m.ended {
			m.cfg.Missed("", groupID, tr.L("Missed call in {{.Group}}", "Group", m.cfg.GroupName(groupID)), callWords(video))
		}
	})
}

// stateChanged notes which call of a group is on, and who takes part.
func (g *Groups) stateChanged(state mesibo.GroupCallState) {
	group := state.Group.GroupID
	if g.states[group] = state; len(state.Addresses) == 0 {
		delete(g.states, group)
	}
	switch rings := slices.Contains(g.rings, group); {
	case !state.Ringing:
		delete(g.ignored, group)
		g.silence(group)
	case !rings && !g.ignored[group] && !g.takesPart(group):
		g.rings = append(g.rings, group)
	}
	if t := g.meeting; t != nil && t.group == group && !t.over() {
		t.update()
	}
	g.m.cfg.GroupChanged(group)
	g.m.changed()
}

// silence ends a ring here.
func (g *Groups) silence(group uint32) {
	g.rings = slices.DeleteFunc(g.rings, func(other uint32) bool { return other == group })
}

// live reports whether this device takes part in a call, or is about to.
func (g *Groups) live() bool { return g.meeting != nil && !g.meeting.over() }

// takesPart reports whether it is the call of this group.
func (g *Groups) takesPart(group uint32) bool { return g.live() && g.meeting.group == group }

// Start takes part in the call of a group, or starts one that rings at the members.
func (g *Groups) Start(group uint32, video bool) {
	m := g.m
	switch {
	case g.takesPart(group):
		g.Return()
		return
	case m.shown != nil && m.shown.rings():
		m.cfg.Notify(tr.L("{{.Name}} is calling. Answer or decline first.", "Name", m.cfg.Name(m.shown.peer)))
		return
	case g.live(), m.shown != nil && !m.shown.over():
		m.cfg.Notify(busyWords())
		return
	}
	made, err := m.cfg.Backend.GroupCall(group)
	if err == nil {
		g.enter(&meeting{g: g, call: made, group: group, video: video})
		_, on := g.states[group]
		err = made.Join(g.meeting.listener(), video, !on)
	}
	if err != nil {
		m.cfg.Logger.Warn("call of a group not joined", slog.Any("error", err))
		g.forget()
		m.cfg.Notify(m.explain(err))
		return
	}
	g.meeting.publish()
	m.lookForCamera(video)
	g.meeting.update()
	m.cfg.GroupChanged(group)
	m.changed()
}

// enter makes a meeting the one in the window.
func (g *Groups) enter(t *meeting) {
	g.forget()
	g.m.clear()
	g.silence(t.group)
	g.meeting, g.hidden = t, false
}

// forget removes a meeting that has ended from the window.
func (g *Groups) forget() {
	g.m.cancel(&g.m.tick)
	if t := g.meeting; t != nil {
		t.gone = true
		for _, x := range t.all() {
			x.SetVideoView(nil)
		}
		g.meeting = nil
		g.m.forgetProblems()
		g.seatsChanged()
	}
}

// status notes how far the part of this device is.
func (g *Groups) status(t *meeting, status mesibo.CallStatus) {
	if t.over() {
		return
	}
	t.status = status
	switch {
	case status == mesibo.CallStatusInProgress:
		if t.since.IsZero() {
			t.since = g.m.cfg.Dispatcher.Now()
		}
		t.update()
	case status.IsEnd():
		g.left(t)
		return
	}
	g.m.changed()
}

// left shows why this device takes part no more, unless the user wanted it.
func (g *Groups) left(t *meeting) {
	if t.inside() {
		g.forgetSelf(t.group)
	}
	after := t.after
	if t.status == mesibo.CallStatusComplete {
		g.forget()
	} else {
		for _, x := range t.all() {
			x.SetVideoView(nil)
		}
		t.seats = seats{}
		g.hidden = false
		g.seatsChanged()
	}
	g.m.cfg.GroupChanged(t.group)
	g.m.changed()
	if after != nil {
		after()
	}
}

// forgetSelf removes this device from what is known of the call: that it has left is known here first.
func (g *Groups) forgetSelf(group uint32) {
	state, ok := g.states[group]
	if !ok {
		return
	}
	i := slices.IndexFunc(state.Addresses, g.isSelf)
	if i < 0 {
		return
	}
	state.Addresses = slices.Delete(slices.Clone(state.Addresses), i, i+1)
	if g.states[group] = state; len(state.Addresses) == 0 {
		delete(g.states, group)
	}
}

func (g *Groups) isSelf(address string) bool {
	return strings.EqualFold(address, g.m.cfg.Backend.GetAddress())
}

// Leave ends the part of this device; what has ended already is removed from the window.
func (g *Groups) Leave() {
	switch t := g.meeting; {
	case t == nil:
	case t.over():
		g.forget()
		g.m.changed()
	default:
		t.call.Leave()
	}
}

// Again joins a call again that this device is not in any more.
func (g *Groups) Again() {
	if t := g.meeting; t != nil && t.over() {
		g.Start(t.group, t.video)
	}
}

// Hide closes the window; the meeting goes on, and a ring is ignored.
func (g *Groups) Hide() {
	switch {
	case g.meeting == nil:
		g.Ignore()
	case g.meeting.over():
		g.Leave()
	default:
		g.hidden = true
		g.seatsChanged()
		g.m.changed()
	}
}

// Return shows the window again.
func (g *Groups) Return() {
	g.hidden = false
	g.seatsChanged()
	g.m.changed()
}

// ringing is the group whose call rings first, 0 for none.
func (g *Groups) ringing() uint32 {
	if len(g.rings) == 0 {
		return 0
	}
	return g.rings[0]
}

// Ignore stops the ring of the call that rings first.
func (g *Groups) Ignore() {
	if group := g.ringing(); group != 0 {
		g.ignored[group] = true
		g.silence(group)
		g.m.changed()
	}
}

// JoinRinging takes part in the call that rings first, after the call in the window, if any, has ended.
func (g *Groups) JoinRinging(video bool) {
	group := g.ringing()
	if group == 0 {
		return
	}
	g.silence(group)
	join := func() { g.Start(group, video) }
	switch t := g.m.shown; {
	case g.live():
		g.meeting.after = join
		g.Leave()
	case t != nil && !t.over():
		t.after = join
		g.m.HangUp()
	default:
		join()
	}
}

// Rings reports whether the window is to show a call that rings.
func (g *Groups) Rings() bool { return g.meeting == nil && g.m.shown == nil && g.ringing() != 0 }

// Visible reports whether the window is to show a call of a group.
func (g *Groups) Visible() bool { return g.meeting != nil && !g.hidden || g.Rings() }

// Group is the one whose call the window shows, 0 for none.
func (g *Groups) Group() uint32 {
	if g.meeting != nil {
		return g.meeting.group
	}
	if g.Rings() {
		return g.ringing()
	}
	return 0
}

// Words say how far the call in the window is, or who lets it ring.
func (g *Groups) Words() string {
	switch {
	case g.meeting != nil:
		return g.meeting.words(g.m.cfg.Dispatcher.Now())
	case g.Rings():
		return g.ringWords(g.ringing())
	}
	return ""
}

// ringWords say who calls a group.
func (g *Groups) ringWords(group uint32) string {
	name := g.m.cfg.GroupName(group)
	if from := g.states[group].From; from != "" {
		return tr.L("{{.Name}} is calling the group {{.Group}}", "Name", g.m.cfg.Name(from), "Group", name)
	}
	return tr.L("A call in the group {{.Group}}", "Group", name)
}

// people are the users who take part in a call, each once.
func (g *Groups) people(group uint32) []string {
	var list []string
	for _, address := range g.states[group].Addresses {
		if !slices.ContainsFunc(list, func(other string) bool { return strings.EqualFold(other, address) }) {
			list = append(list, address)
		}
	}
	return list
}

// PartWords say who takes part in the call of a group.
func (g *Groups) PartWords(group uint32) string {
	people := g.people(group)
	names := make([]string, len(people))
	for i, address := range people {
		names[i] = g.m.cfg.Name(address)
	}
	return partWords(names, len(people) == 1 && g.isSelf(people[0]))
}

// IsOn reports whether a call of a group is on.
func (g *Groups) IsOn(group uint32) bool {
	return g.takesPart(group) || len(g.states[group].Addresses) > 0
}

// OnWords say in the chat of a group that a call is on in which this device takes no part; empty for none. elsewhere
// reports whether another device of this user takes part.
func (g *Groups) OnWords(group uint32) (words string, elsewhere bool) {
	people := g.people(group)
	if len(people) == 0 || g.takesPart(group) {
		return "", false
	}
	who := peopleWords(len(people))
	if slices.ContainsFunc(people, g.isSelf) {
		return tr.L("Call is on · {{.People}}, you on another device", "People", who), true
	}
	return tr.L("Call is on · {{.People}}", "People", who), false
}

// lasts returns since when this device takes part in the call that counts the time, and whether it does.
func (g *Groups) lasts(now time.Time) (time.Duration, bool) {
	if !g.live() || !g.meeting.inside() {
		return 0, false
	}
	return now.Sub(g.meeting.since), true
}
