package eventlog

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/parley-chat/parley/internal/server/record"
	"github.com/parley-chat/parley/internal/wire"
)

// privacy is what a user lets others know and do.
type privacy struct {
	visibility uint32 // who may know whether the user is online, VISIBILITY_*
	adders     uint32 // who may add the user to groups, VISIBILITY_*
}

// maxPrivacy is the maximum number of users in a privacyCache.
const maxPrivacy = 50_000

// privacyCache holds the privacy of users in memory, because every receipt checks it.
type privacyCache struct {
	adders uint32 // of users who have not chosen; immutable

	mu    sync.Mutex
	known map[uint32]privacy
	epoch int // incremented by each change
}

// of returns the privacy of a user.
func (k *privacyCache) of(read record.Reader, uid uint32) (privacy, error) {
	k.mu.Lock()
	p, ok := k.known[uid]
	epoch := k.epoch
	k.mu.Unlock()
	if ok {
		return p, nil
	}
	p = privacy{visibility: wire.VisibilityPublic, adders: k.adders}
	const query = `SELECT visibility, group_adds FROM profiles WHERE uid = ?`
	err := read.Query(query, []any{int64(uid)}, func(row record.Row) error {
		var adders int64
		if err := row.Scan(&p.visibility, &adders); err != nil {
			return fmt.Errorf("read privacy: %w", err)
		}
		if adders >= 0 {
			p.adders = uint32(adders)
		}
		return nil
	})
	if err != nil {
		return privacy{}, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.epoch == epoch { // not outdated by a change
		if k.known == nil || len(k.known) >= maxPrivacy {
			k.known = make(map[uint32]privacy)
		}
		k.known[uid] = p
	}
	return p, nil
}

// forget empties the cache.
func (k *privacyCache) forget() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.known = nil
	k.epoch++
}

// ForgetPrivacy is called after users have changed what others may know or do.
func (l *Log) ForgetPrivacy() { l.privacy.forget() }

// GroupAdds returns who may add a user to groups, VISIBILITY_*.
func (l *Log) GroupAdds(ctx context.Context, uid uint32) (adders uint32, err error) {
	err = l.record.View(ctx, func(read record.Reader) error {
		p, err := l.privacy.of(read, uid)
		adders = p.adders
		return err
	})
	return adders, err
}

// Conceals reports whether one of several users does not let another one know whether they are online.
func (l *Log) Conceals(ctx context.Context, uids []uint32, viewer uint32) (conceals bool, err error) {
	err = l.record.View(ctx, func(read record.Reader) error {
		for _, uid := range uids {
			conceals, err = l.conceals(read, uid, viewer)
			if conceals || err != nil {
				return err
			}
		}
		return nil
	})
	return conceals, err
}

func (l *Log) conceals(read record.Reader, uid, viewer uint32) (bool, error) {
	if uid == viewer || viewer == 0 {
		return false, nil
	}
	if l.EitherBlocks(uid, viewer) {
		return true, nil
	}
	p, err := l.privacy.of(read, uid)
	if err != nil || p.visibility != wire.VisibilityContact {
		return p.visibility == wire.VisibilityNone, err
	}
	known, err := isContact(read, pair{uid, viewer})
	return !known, err
}

// isContact reports whether the first user has ever written to the second one.
func isContact(read record.Reader, p pair) (found bool, err error) {
	err = read.Query(`SELECT uid FROM contacts WHERE uid = ? AND peer = ?`, []any{int64(p.uid), int64(p.other)},
		func(record.Row) error {
			found = true
			return nil
		})
	return found, err
}

// conceals is Log.conceals with the changes of this batch.
func (b *batch) conceals(uid, viewer uint32) (bool, error) {
	if uid != viewer && viewer != 0 && (b.isBlocked(uid, viewer) || b.isBlocked(viewer, uid)) {
		return true, nil
	}
	hidden, err := b.log.conceals(b.tx, uid, viewer)
	if !hidden || err != nil {
		return false, err
	}
	if p, err := b.log.privacy.of(b.tx, uid); err != nil || p.visibility != wire.VisibilityContact {
		return true, err
	}
	return !b.knows(pair{uid, viewer}), nil
}

// shortLife is the lifetime of a message below which its end says when the recipient was online.
const shortLife = 24 * time.Hour

// appendExpired sends EXPIRED to the sender of a message, unless that would reveal when one of its recipients was
// online.
func (b *batch) appendExpired(sender uint32, st *wire.Status, recipients ...uint32) error {
	m, err := b.message(st.GetId())
	if err != nil {
		return err
	}
	if m != nil && m.msg.GetRequest() && len(recipients) == 1 {
		if err := b.endRequest(pair{recipients[0], sender}, m.mid); err != nil {
			return err
		}
	}
	if m != nil && m.msg.GetExpires() < uint64(m.ts+shortLife.Milliseconds()) {
		for _, uid := range recipients {
			if hidden, err := b.conceals(uid, sender); hidden || err != nil {
				return err
			}
		}
	}
	return b.appendStatus(sender, st)
}
