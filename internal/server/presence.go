package server

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"gorm.io/gorm"

	"github.com/parley-chat/parley/internal/wire"
)

// seenInterval is how often it is written down when users were last seen.
const seenInterval = time.Minute

// presences know who is watched by whom. A user whom nobody watches costs nothing but the time last seen.
type presences struct {
	db     *gorm.DB // immutable, like all up to soon
	hub    *hub
	blocks *blockBook
	writer *writer
	log    *slog.Logger
	soon   chan struct{} // told that the times are to be written now

	mu      sync.Mutex
	watched map[uint32]*watched
	seen    map[uint32]int64 // times that are not in the database yet
}

// watched is a user whom at least one connection watches.
type watched struct {
	address    string
	loaded     bool // what follows is known
	visibility uint32
	seen       int64 // ms, 0 never
	watchers   map[*conn]contact
}

// contact tells whether the watched user has written to the watcher at some time.
type contact bool

func newPresences(db *gorm.DB, h *hub, b *blockBook, w *writer, log *slog.Logger) *presences {
	return &presences{
		db: db, hub: h, blocks: b, writer: w, log: log, soon: make(chan struct{}, 1),
		watched: make(map[uint32]*watched), seen: make(map[uint32]int64),
	}
}

// came is called when a user comes to one of the devices, having been at none.
func (p *presences) came(uid uint32) { p.note(uid) }

// left is called when a user has left the last device. gone tells that it has disconnected.
func (p *presences) left(uid uint32, gone bool) {
	p.note(uid)
	if gone {
		select {
		case p.soon <- struct{}{}:
		default: // it has not yet been done for the last one
		}
	}
}

func (p *presences) note(uid uint32) {
	now := time.Now().UnixMilli()
	p.mu.Lock()
	p.seen[uid] = now
	if w := p.watched[uid]; w != nil {
		w.seen = now
	}
	p.mu.Unlock()
	p.poke(uid)
}

// poke makes those who watch a user be told of the user's presence, as it is when they are.
func (p *presences) poke(uid uint32) {
	for _, c := range p.watchers(uid) {
		c.presenceSoon(uid)
	}
}

func (p *presences) watchers(uid uint32) []*conn {
	p.mu.Lock()
	defer p.mu.Unlock()
	w := p.watched[uid]
	if w == nil {
		return nil
	}
	conns := make([]*conn, 0, len(w.watchers))
	for c := range w.watchers {
		conns = append(conns, c)
	}
	return conns
}

// setVisibility takes notice of what a user has chosen.
func (p *presences) setVisibility(uid, visibility uint32) {
	p.mu.Lock()
	if w := p.watched[uid]; w != nil {
		w.visibility, w.loaded = visibility, true
	}
	p.mu.Unlock()
	p.poke(uid)
}

// state is a user's presence as one of the watchers may see it.
func (p *presences) state(uid uint32, c *conn) (presence *wire.Presence, visible bool) {
	online := p.hub.present(uid)
	barred := p.blocks.either(uid, c.dev.uid)
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
	presence = &wire.Presence{Address: w.address}
	switch {
	case barred, w.visibility == wire.VisibilityNone && uid != c.dev.uid:
		return presence, false
	case w.visibility == wire.VisibilityContact && !bool(known) && uid != c.dev.uid:
		return presence, false
	}
	presence.Online, presence.LastSeen = online, uint64(w.seen)
	return presence, true
}

// watch replaces what a connection watches.
func (p *presences) watch(ctx context.Context, c *conn, users []party) ([]*wire.Presence, error) {
	p.forget(c)
	// First the entries, so that whatever changes from now on finds them; then what the database says.
	p.mu.Lock()
	for _, u := range users {
		w := p.watched[u.uid]
		if w == nil {
			w = &watched{address: u.address, watchers: make(map[*conn]contact)}
			p.watched[u.uid] = w
		}
		w.watchers[c] = false
	}
	p.mu.Unlock()
	c.setWatching(users)
	const chunk = 500
	for part := range slices.Chunk(users, chunk) {
		if err := p.load(ctx, c, part); err != nil {
			return nil, err
		}
	}
	var list []*wire.Presence
	for _, u := range users {
		if state, visible := p.state(u.uid, c); visible {
			list = append(list, state)
		}
	}
	return list, nil
}

// load fills in what the database knows of some users that a connection watches.
func (p *presences) load(ctx context.Context, c *conn, users []party) error {
	args := []any{wire.VisibilityPublic, c.dev.uid}
	for _, u := range users {
		args = append(args, u.uid)
	}
	var rows []struct {
		UID        uint32 `gorm:"column:uid"`
		Visibility uint32
		Seen       int64
		Contact    bool
	}
	err := p.db.WithContext(ctx).Raw(`SELECT u.uid, coalesce(p.visibility, ?) AS visibility, coalesce(s.seen, 0) AS seen,
		c.uid IS NOT NULL AS contact FROM users u LEFT JOIN profiles p ON p.uid = u.uid LEFT JOIN last_seen s ON s.uid = u.uid
		LEFT JOIN contacts c ON c.uid = u.uid AND c.peer = ?
		WHERE u.uid IN (?`+strings.Repeat(",?", len(users)-1)+`)`, args...).Scan(&rows).Error
	if err != nil {
		return fmt.Errorf("read presence: %w", err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, r := range rows {
		w := p.watched[r.UID]
		if w == nil {
			continue
		}
		w.watchers[c] = contact(r.Contact)
		w.seen = max(w.seen, r.Seen, p.seen[r.UID])
		if !w.loaded {
			w.visibility, w.loaded = r.Visibility, true
		}
	}
	return nil
}

// forget ends all that a connection watches.
func (p *presences) forget(c *conn) {
	uids := c.takeWatching()
	if len(uids) == 0 {
		return
	}
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

// run writes down when users were last seen, until ctx ends and once more then.
func (p *presences) run(ctx context.Context) {
	tick := time.NewTicker(seenInterval)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-p.soon:
		case <-ctx.Done():
			p.flush()
			return
		}
		p.flush()
	}
}

func (p *presences) flush() {
	p.mu.Lock()
	seen := p.seen
	p.seen = make(map[uint32]int64)
	p.mu.Unlock()
	if len(seen) == 0 {
		return
	}
	ch := &seenChange{seen: seen, done: make(chan error, 1)}
	err := p.writer.submit(ch)
	if err == nil {
		err = <-ch.done
	}
	if err == nil {
		return
	}
	p.log.Warn("write last seen", slog.Any("error", err))
	p.mu.Lock()
	defer p.mu.Unlock()
	for uid, at := range seen { // for the next time
		p.seen[uid] = max(p.seen[uid], at)
	}
}

// seenChange writes down when users were last seen.
type seenChange struct {
	seen map[uint32]int64
	done chan error
}

func (*seenChange) origin() *conn { return nil }

func (*seenChange) plan(*batch) {}

func (ch *seenChange) apply(_ context.Context, b *batch) error {
	for uid, at := range ch.seen {
		b.seen.add(int64(uid), at)
	}
	return nil
}

func (ch *seenChange) finish(err error) { ch.done <- err }
