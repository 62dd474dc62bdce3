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

// presence keeps who is to see this user, and whom this user wants to see.
type presence struct {
	m *Mesibo

	mu         sync.Mutex
	mode       OnlineMode
	foreground bool
	manual     bool // ActivityOnline was sent
	screen     int
	sent       map[activityKey]time.Time
	watched    []string
}

type activityKey struct {
	peer     string
	group    uint32
	activity Activity
}

func newPresence(m *Mesibo) *presence {
	return &presence{m: m, mode: OnlineModeForeground, sent: make(map[activityKey]time.Time)}
}

// visible tells whether this user counts as being there. Under mu.
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

// connected tells a new connection whether this user is there and whom they want to see.
func (p *presence) connected(e *engine) {
	p.mu.Lock()
	p.watched = nil
	visible := p.visible()
	p.mu.Unlock()
	if visible {
		p.publish()
	}
	p.watch(e)
}

// publish tells the server whether somebody is at this device.
func (p *presence) publish() {
	p.mu.Lock()
	visible := p.visible()
	p.mu.Unlock()
	p.m.ask(&wire.Request{Op: &wire.Request_SetPresence{SetPresence: &wire.SetPresence{Foreground: visible}}}, func(*wire.Response) {})
}

// met looks at new messages for people whose presence is not asked for yet.
func (p *presence) met(e *engine, rows ...*models.Message) {
	p.mu.Lock()
	news := slices.ContainsFunc(rows, func(m *models.Message) bool {
		if m.GroupID != 0 || strings.EqualFold(m.Peer, e.account.Load().Address) || len(p.watched) >= wire.MaxWatch {
			return false
		}
		_, known := slices.BinarySearchFunc(p.watched, m.Peer, cmp.Compare[string])
		return !known
	})
	p.mu.Unlock()
	if news {
		p.watch(e)
	}
}

// watch asks for the presence of the users of the newest conversations, when those are others than before.
func (p *presence) watch(e *engine) {
	chats, err := e.db.Recent(context.Background(), e.account.Load().ID, wire.MaxWatch)
	if err != nil {
		p.m.log.Error("list conversations", errAttr(err))
		return
	}
	var addresses []string
	for _, c := range chats {
		if c.GroupID == 0 && !strings.EqualFold(c.Peer, e.account.Load().Address) {
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
	p.m.ask(&wire.Request{Op: &wire.Request_Watch{Watch: &wire.Watch{Addresses: addresses}}}, func(answer *wire.Response) {
		if answer.GetWatch() != nil {
			e.presences(context.Background(), answer.GetWatch().GetPresences())
		}
	})
}

// presences takes in who is there.
func (e *engine) presences(ctx context.Context, all []*wire.Presence) {
	var told []*UserProfile
	for _, p := range all {
		if !e.m.profiles.presence(p.GetAddress(), p.GetOnline(), p.GetLastSeen()) {
			continue
		}
		if profile, ok := e.m.profiles.get(p.GetAddress(), 0); ok {
			told = append(told, profile)
		}
	}
	if len(told) == 0 {
		return
	}
	e.m.calls.post(ctx, func(l *listeners) {
		for _, profile := range told {
			each(l, func(pl PresenceListener) { pl.OnPresence(profile) })
		}
	})
}

// activity hands over what somebody does now.
func (e *engine) activity(ctx context.Context, a *wire.ActivitySignal) {
	e.m.profiles.alive(a.GetFrom(), a.GetTime())
	p := MessageParams{
		Peer: a.GetFrom(), GroupID: a.GetGroupId(), Ts: a.GetTime(), Flag: FlagPresence, Origin: OriginRealtime,
		Status: MsgStatusReceivedNew,
	}
	e.m.profiles.attach(&p)
	e.m.calls.post(ctx, func(l *listeners) { l.activity(p, Activity(a.GetActivity())) })
}

const mostActivities = 1000 // that are remembered for their interval

// SendActivity tells a user, or a group's members, what this user does now, such as ActivityTyping (mesibo-api 1.2, 5.9): those who are connected are
// told, nobody later, nothing is stored, and no status follows. Own activities of the application are above 1000. id is not used. interval is
// how many ms lie at least between two equal activities to the same place: earlier ones are dropped without an error; 0 sends
// always. The server takes a few in a second.
// Errors: ResultBadRequest; ResultDisconnected when not online.
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
	if !m.presence.due(activityKey{strings.ToLower(p.Peer), p.GroupID, activity}, time.Duration(interval)*time.Millisecond) {
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

// due tells whether an activity may be sent again, and notes that it is.
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

// SetAppInForeground says whether somebody looks at the application, and at which of its screens, a number of the application's own (mesibo-api
// 1.1). By default this is what makes the user online for others; see SetOnlineStatusMode.
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

// IsAppInForeground tells what SetAppInForeground said last; false at first (mesibo-api 1.1).
func (m *Mesibo) IsAppInForeground() bool {
	m.presence.mu.Lock()
	defer m.presence.mu.Unlock()
	return m.presence.foreground
}

// SetOnlineStatusMode sets when this user counts as online (mesibo-api 4.5). At first OnlineModeForeground.
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

// SetOnlineStatusPrivacy sets who sees whether this user is online and when they last were (mesibo-api 4.5). At first VisibilityPublic.
// It holds for all devices, and is kept until the server knows it.
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

// GetOnlineStatusPrivacy gives what SetOnlineStatusPrivacy set on this device. It is an addition to the reference.
func (m *Mesibo) GetOnlineStatusPrivacy() Visibility {
	m.mu.Lock()
	defer m.mu.Unlock()
	return Visibility(m.account.Visibility)
}
