package mesibo

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/parley-chat/parley/internal/wire"
	"github.com/parley-chat/parley/models"
)

// presence is whether this user is online for others, and whose presence is asked for.
type presence struct {
	m *Mesibo

	mu         sync.Mutex
	mode       OnlineMode
	foreground bool
	manual     bool // ActivityOnline was sent
	screen     int
	sent       map[activityKey]time.Time

	doings  *doings // of others; immutable
	watched []string
}

type activityKey struct {
	peer     string
	group    uint32
	activity Activity
}

func newPresence(m *Mesibo) *presence {
	return &presence{m: m, mode: OnlineModeForeground, sent: make(map[activityKey]time.Time), doings: newDoings()}
}

// reset forgets what the application has said.
func (p *presence) reset() {
	p.doings.left("")
	p.mu.Lock()
	defer p.mu.Unlock()
	p.mode, p.foreground, p.manual, p.screen, p.watched = OnlineModeForeground, false, false, 0, nil
	clear(p.sent)
}

// visible reports whether this user counts as online. Under mu.
func (p *presence) visible() bool {
	switch p.mode {
	case OnlineModeLogin:
		return true
	case OnlineModeManual:
		return p.manual
	case OnlineModeForeground:
	}
	return p.foreground
}

// connected publishes on a new connection whether this user is online, and asks for the presence of others.
func (p *presence) connected(r *run) {
	p.doings.left("")
	p.mu.Lock()
	p.watched = nil
	visible := p.visible()
	p.mu.Unlock()
	if visible {
		p.publish()
	}
	p.watch(r)
}

// publish sends whether this user is online at this device.
func (p *presence) publish() {
	p.mu.Lock()
	visible := p.visible()
	p.mu.Unlock()
	set := &wire.SetPresence{Foreground: visible}
	p.m.ask(&wire.Request{Op: &wire.Request_SetPresence{SetPresence: set}}, func(*wire.Response) {})
}

// met looks at new messages for people whose presence is not asked for yet.
func (p *presence) met(r *run, rows ...*models.Message) {
	p.mu.Lock()
	news := slices.ContainsFunc(rows, func(m *models.Message) bool {
		if m.GroupID != 0 || strings.EqualFold(m.Peer, r.account.Load().Address) || len(p.watched) >= wire.MaxWatch {
			return false
		}
		_, known := slices.BinarySearchFunc(p.watched, m.Peer, cmp.Compare[string])
		return !known
	})
	p.mu.Unlock()
	if news {
		p.watch(r)
	}
}

// watch asks for the presence of the users of the newest chats, when those are others than before.
func (p *presence) watch(r *run) {
	chats, err := r.db.Recent(context.Background(), r.account.Load().ID, wire.MaxWatch)
	if err != nil {
		p.m.log.Error("list conversations", errAttr(err))
		return
	}
	var addresses []string
	for _, c := range chats {
		if c.GroupID == 0 && !strings.EqualFold(c.Peer, r.account.Load().Address) {
			addresses = append(addresses, c.Peer)
		}
	}
	slices.Sort(addresses)
	p.mu.Lock()
	same := slices.Equal(addresses, p.watched)
	p.watched = addresses
	p.mu.Unlock()
	if same {
		return
	}
	p.m.ask(&wire.Request{Op: &wire.Request_Watch{Watch: &wire.Watch{Addresses: addresses}}},
		func(answer *wire.Response) {
			if answer.GetWatch() != nil {
				r.presences(context.Background(), answer.GetWatch().GetPresences())
			}
		})
}

// presences applies presence updates from the server.
func (r *run) presences(ctx context.Context, all []*wire.Presence) {
	var told []*UserProfile
	for _, p := range all {
		if !p.GetOnline() {
			r.m.presence.doings.left(p.GetAddress())
		}
		if !r.m.profiles.presence(p.GetAddress(), p.GetOnline(), p.GetLastSeen()) {
			continue
		}
		told = append(told, r.m.profiles.complete(p.GetAddress(), 0))
	}
	r.reportPresence(ctx, told)
}

// unseen reports, when the connection was lost, that no user is known to be online.
func (r *run) unseen() {
	var all []*UserProfile
	for _, address := range r.m.profiles.offline(time.Now()) {
		r.m.presence.doings.left(address)
		all = append(all, r.m.profiles.complete(address, 0))
	}
	r.reportPresence(context.Background(), all)
}

func (r *run) reportPresence(ctx context.Context, all []*UserProfile) {
	if len(all) == 0 {
		return
	}
	r.m.listeners.post(ctx, func(l *snapshot) {
		for _, profile := range all {
			each(l, func(pl PresenceListener) { pl.OnPresence(profile) })
		}
	})
}

// activity calls listeners with what another user does now.
func (r *run) activity(ctx context.Context, a *wire.ActivitySignal) {
	r.m.profiles.alive(a.GetFrom(), a.GetTime())
	r.m.presence.doings.note(a.GetFrom(), a.GetGroupId(), Activity(a.GetActivity()))
	p := MessageParams{
		Peer: a.GetFrom(), GroupID: a.GetGroupId(), Ts: a.GetTime(), Flag: FlagPresence, Origin: OriginRealtime,
		Status: MsgStatusReceivedNew,
	}
	r.m.profiles.attach(&p)
	r.m.listeners.post(ctx, func(l *snapshot) { l.activity(p, Activity(a.GetActivity())) })
}

const mostActivities = 1000 // that are remembered for their interval

// SendActivity sends what this user does now, such as ActivityTyping, to a user or a group's members: only those
// who are connected get it, nothing is stored, and no status follows. Own activities of the application are above
// 1000. id is not used. interval is how many ms lie at least between two equal activities to the same place:
// earlier ones are dropped without an error; 0 sends always. The server takes a few in a second. Errors:
// ResultBadRequest; ResultDisconnected when not online.
func (m *Mesibo) SendActivity(p MessageParams, _ uint32, activity Activity, interval int) error {
	const op = "SendActivity"
	if err := checkParams(&p); err != nil {
		return opError(op, ResultBadRequest, err)
	}
	if activity <= 0 {
		return opError(op, ResultBadRequest, fmt.Errorf("no such activity: %d", activity))
	}
	if activity == ActivityOnline || activity == ActivityLeft {
		m.presence.mu.Lock()
		m.presence.manual = activity == ActivityOnline
		manual := m.presence.mode == OnlineModeManual
		m.presence.mu.Unlock()
		if manual {
			m.presence.publish()
		}
	}
	key := activityKey{strings.ToLower(p.Peer), p.GroupID, activity}
	if !m.presence.due(key, time.Duration(interval)*time.Millisecond) {
		return nil
	}
	request := &wire.Request{Op: &wire.Request_Activity{Activity: &wire.Activity{
		Peer: p.Peer, GroupId: p.GroupID, Activity: uint32(activity),
	}}}
	if !m.ask(request, func(answer *wire.Response) {
		if answer.GetResult() != wire.ResultOK {
			m.log.Debug("activity refused", intAttr("result", answer.GetResult()))
		}
	}) {
		return opError(op, ResultDisconnected, nil)
	}
	return nil
}

// due reports whether an activity may be sent again, and notes that it is.
func (p *presence) due(key activityKey, interval time.Duration) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if key.activity == ActivityTypingCleared || key.activity == ActivityLeft {
		delete(p.sent, activityKey{key.peer, key.group, ActivityTyping}) // typing may begin again at once
	}
	if interval > 0 && time.Since(p.sent[key]) < interval {
		return false
	}
	if len(p.sent) > mostActivities {
		clear(p.sent)
	}
	p.sent[key] = time.Now()
	return true
}

// SetAppInForeground says whether the user looks at the application, and at which of its screens, a number of the
// application's own. By default this is what makes the user online for others; see SetOnlineStatusMode.
func (m *Mesibo) SetAppInForeground(screenID int, foreground bool) {
	p := m.presence
	p.mu.Lock()
	before := p.visible()
	p.foreground, p.screen = foreground, screenID
	changed := before != p.visible()
	p.mu.Unlock()
	if changed {
		p.publish()
	}
}

// IsAppInForeground returns what SetAppInForeground said last; false at first.
func (m *Mesibo) IsAppInForeground() bool {
	m.presence.mu.Lock()
	defer m.presence.mu.Unlock()
	return m.presence.foreground
}

// SetOnlineStatusMode sets when this user counts as online. At first OnlineModeForeground.
func (m *Mesibo) SetOnlineStatusMode(mode OnlineMode) error {
	if mode < OnlineModeLogin || mode > OnlineModeManual {
		return opError("SetOnlineStatusMode", ResultBadRequest, fmt.Errorf("no such mode: %d", mode))
	}
	p := m.presence
	p.mu.Lock()
	before := p.visible()
	p.mode = mode
	changed := before != p.visible()
	p.mu.Unlock()
	if changed {
		p.publish()
	}
	return nil
}

// SetOnlineStatusPrivacy sets who sees whether this user is online and when they last were. At first
// VisibilityPublic. It holds for all devices, and is kept until the server knows it.
func (m *Mesibo) SetOnlineStatusPrivacy(v Visibility) error {
	const op = "SetOnlineStatusPrivacy"
	if v != VisibilityNone && v != VisibilityPublic && v != VisibilityContact {
		return opError(op, ResultBadRequest, fmt.Errorf("no such visibility: %d", v))
	}
	db, target, err := m.open("", 0)
	if err != nil {
		return opError(op, ResultFail, err)
	}
	body, err := operation(&wire.Request{Op: &wire.Request_SetSelf{SetSelf: &wire.SetSelf{Visibility: new(uint32(v))}}})
	if err == nil {
		err = db.SetVisibility(target.Account, int(v), body)
	}
	if err != nil {
		return opError(op, ResultFail, err)
	}
	m.mu.Lock()
	m.account.Visibility = int64(v)
	m.mu.Unlock()
	m.wakeOperations()
	return nil
}

// GetOnlineStatusPrivacy returns what SetOnlineStatusPrivacy set on this device.
func (m *Mesibo) GetOnlineStatusPrivacy() Visibility {
	m.mu.Lock()
	defer m.mu.Unlock()
	return Visibility(m.account.Visibility)
}
