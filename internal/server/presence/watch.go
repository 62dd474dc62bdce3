package presence

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/server/record"
	"github.com/parley-chat/parley/internal/wire"
)

// Watcher is a connection that watches users. Its methods may be called from any goroutine and do not block.
type Watcher interface {
	// User is the user of the connection.
	User() uint32
	// PresenceChanged is called when Presence.State of a watched user has changed.
	PresenceChanged(uid uint32)
}

// watched is a user watched by at least one connection.
type watched struct {
	address    string
	loaded     bool // the fields below are valid
	visibility uint32
	seen       int64 // ms, 0 never
	watchers   map[Watcher]contact
}

// contact reports whether the watched user has ever written to the watcher.
type contact bool

// NotifyWatchers calls PresenceChanged of all connections that watch a user.
func (p *Presence) NotifyWatchers(uid uint32) {
	for _, w := range p.watchers(uid) {
		w.PresenceChanged(uid)
	}
}

func (p *Presence) watchers(uid uint32) []Watcher {
	p.mu.Lock()
	defer p.mu.Unlock()
	w := p.watched[uid]
	if w == nil {
		return nil
	}
	list := make([]Watcher, 0, len(w.watchers))
	for c := range w.watchers {
		list = append(list, c)
	}
	return list
}

// SetVisibility changes which users may see a user's presence.
func (p *Presence) SetVisibility(uid, visibility uint32) {
	p.mu.Lock()
	if w := p.watched[uid]; w != nil {
		w.visibility, w.loaded = visibility, true
	}
	p.mu.Unlock()
	p.NotifyWatchers(uid)
}

// State returns a user's presence as a watcher may see it, nil if the user is no longer watched. visible is false if
// the watcher may not see it.
func (p *Presence) State(uid uint32, c Watcher) (state *wire.Presence, visible bool) {
	self := uid == c.User()
	barred := p.c.EitherBlocks(uid, c.User())
	p.mu.Lock()
	defer p.mu.Unlock()
	w := p.watched[uid]
	if w == nil {
		return nil, false
	}
	known, watches := w.watchers[c]
	if !watches {
		return nil, false
	}
	state = &wire.Presence{Address: w.address}
	switch {
	case barred, w.visibility == wire.VisibilityNone && !self:
		return state, false
	case w.visibility == wire.VisibilityContact && !bool(known) && !self:
		return state, false
	}
	state.Online, state.LastSeen = p.present(uid), uint64(w.seen)
	return state, true
}

// Watch makes a connection watch users and returns the presence that it may see. The connection must not watch any user
// yet.
func (p *Presence) Watch(ctx context.Context, c Watcher, users []accounts.UserRef) ([]*wire.Presence, error) {
	// The entries come before the database's values, so that no change in between is missed.
	p.mu.Lock()
	for _, u := range users {
		w := p.watched[u.UID]
		if w == nil {
			w = &watched{address: u.Address, watchers: make(map[Watcher]contact)}
			p.watched[u.UID] = w
		}
		w.watchers[c] = false
	}
	p.mu.Unlock()
	const chunk = 500
	for part := range slices.Chunk(users, chunk) {
		if err := p.load(ctx, c, part); err != nil {
			return nil, err
		}
	}
	var list []*wire.Presence
	for _, u := range users {
		if state, visible := p.State(u.UID, c); visible {
			list = append(list, state)
		}
	}
	return list, nil
}

// row holds the stored values of a watched user.
type row struct {
	uid, visibility uint32
	seen            int64
	contact         bool
}

// load reads the stored values of users that a connection watches.
func (p *Presence) load(ctx context.Context, c Watcher, users []accounts.UserRef) error {
	args := []any{wire.VisibilityPublic, c.User()}
	for _, u := range users {
		args = append(args, u.UID)
	}
	var rows []row
	err := p.c.Record.View(ctx, func(read record.Reader) error {
		return read.Query(`SELECT u.uid, coalesce(p.visibility, ?), coalesce(s.seen, 0), c.uid IS NOT NULL
			FROM users u LEFT JOIN profiles p ON p.uid = u.uid LEFT JOIN last_seen s ON s.uid = u.uid
			LEFT JOIN contacts c ON c.uid = u.uid AND c.peer = ?
			WHERE u.uid IN (?`+strings.Repeat(",?", len(users)-1)+`)`, args, func(r record.Row) error {
			rows = append(rows, row{})
			last := &rows[len(rows)-1]
			return r.Scan(&last.uid, &last.visibility, &last.seen, &last.contact)
		})
	})
	if err != nil {
		return fmt.Errorf("read presence: %w", err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, r := range rows {
		w := p.watched[r.uid]
		if w == nil {
			continue
		}
		w.watchers[c] = contact(r.contact)
		w.seen = max(w.seen, r.seen, p.seen[r.uid])
		if !w.loaded {
			w.visibility, w.loaded = r.visibility, true
		}
	}
	return nil
}

// Unwatch makes a connection stop watching users.
func (p *Presence) Unwatch(c Watcher, uids []uint32) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, uid := range uids {
		w := p.watched[uid]
		if w == nil {
			continue
		}
		delete(w.watchers, c)
		if len(w.watchers) == 0 {
			delete(p.watched, uid)
		}
	}
}
