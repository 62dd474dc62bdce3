package eventlog

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/server/fileref"
	"github.com/parley-chat/parley/internal/server/record"
	"github.com/parley-chat/parley/internal/wire"
)

// batch collects the rows of one transaction. Changes read the database, and see the effects of earlier changes of the
// same batch, through it. What it has read stays valid because the transaction has locked the logs.
type batch struct {
	log  *Log
	now  time.Time
	plan record.Plan // lookups requested by the changes
	tx   record.Tx   // nil during planning

	states    map[uint32]*logState
	unplanned []uint32                        // logs that could not be locked late
	sent      map[record.NonceKey]record.Sent // replies of this batch
	taken     map[uint64]uint32               // message ids reserved by this batch, and their senders

	msgs, events, dedups record.Rows
	contacts, seen       record.Rows
	stretches            record.Rows
	settings             map[readKey]chatSettings // changed in this batch
	reads                map[readKey]uint64
	groups               map[uint32]*group            // changed in this batch
	profiles             map[uint32]*accounts.Profile // likewise
	pins                 map[string]*pin              // changed in this batch
	requests             map[pair]int64               // changed in this batch; 0: gone
	bans                 map[groupUser]bool           // changed in this batch
	invitations          map[groupUser]*invitation    // changed in this batch; nil: gone
	bodies               map[uint64]*storedMsg        // messages looked at or changed in this batch
	reactions            map[reactionKey]string       // changed in this batch
	blocks               map[pair]bool                // changed in this batch
	reports              map[reportKey]bool           // made in this batch
	condemnedFiles       map[fileref.ID]struct{}      // removed by this batch if unreferenced
	condemnedBlobs       map[string]struct{}          // likewise, by hash
	freshBlobs           map[string]struct{}          // stored by this batch
	fileBytes            map[uint32]int64             // announced in this batch
	newContacts          []pair                       // added to writer.knownContacts after the commit
	acquainted           []uint32                     // users who see another profile after the commit
	turns                map[uint32]uint32            // see writer.turns
	away                 []awayMessage                // for the webhook after the commit
	revisions            uint64                       // by how much the revision of profiles is raised
	updates              []record.Update
	touched              []uint32 // logs whose heads must be written
	pushes               []Push
	stored               map[uint32]int64 // bytes of messages by sender
	erases               bool             // content is removed, which has to disappear from the files of the database as well
	earliest             int64            // smallest deadline of the new events, 0 when there is none
}

type readKey struct{ uid, peer, gid uint32 }

// pair is an ordered pair of users.
type pair struct{ uid, other uint32 }

// Push is a committed event for the connections of a user.
type Push struct {
	UID uint32
	Event
}

// Event is a committed event. Without Raw it only reports the newest number of the log.
type Event struct {
	Seq uint64
	Raw []byte // encoded wire.Event without number, shared by all recipients and never changed
	Exp int64  // deadline in ms, 0 never
}

func newBatch(l *Log) *batch {
	return &batch{
		log:      l,
		states:   make(map[uint32]*logState),
		sent:     make(map[record.NonceKey]record.Sent),
		taken:    make(map[uint64]uint32),
		msgs:     record.Rows{Table: "msgs", Columns: "mid, sender, sseq, peer, gid, ts, exp, flags, body"},
		events:   record.Rows{Table: "events", Columns: "id, ts, exp, kind, mid, body"},
		dedups:   record.Rows{Table: "dedups", Columns: "uid, nonce, mid, seq, ts"},
		contacts: record.Rows{Table: "contacts", Columns: "uid, peer", OnConflict: `ON CONFLICT DO NOTHING`},
		seen: record.Rows{
			Table: "last_seen", Columns: "uid, seen",
			OnConflict: `ON CONFLICT(uid) DO UPDATE SET seen = excluded.seen`,
		},
		stretches: record.Rows{
			Table: "stretches", Columns: "uid, chat, stretch", OnConflict: `ON CONFLICT DO NOTHING`,
		},
		settings:    make(map[readKey]chatSettings),
		reads:       make(map[readKey]uint64),
		groups:      make(map[uint32]*group),
		profiles:    make(map[uint32]*accounts.Profile),
		pins:        make(map[string]*pin),
		requests:    make(map[pair]int64),
		bans:        make(map[groupUser]bool),
		invitations: make(map[groupUser]*invitation),
		bodies:      make(map[uint64]*storedMsg),
		reactions:   make(map[reactionKey]string),
		blocks:      make(map[pair]bool),
		reports:     make(map[reportKey]bool),
		turns:       make(map[uint32]uint32),
		stored:      make(map[uint32]int64),

		condemnedFiles: make(map[fileref.ID]struct{}),
		condemnedBlobs: make(map[string]struct{}),
		freshBlobs:     make(map[string]struct{}),
		fileBytes:      make(map[uint32]int64),
	}
}

// sentBefore returns the reply to an earlier request with the same nonce, committed or in this batch.
func (b *batch) sentBefore(key record.NonceKey) (record.Sent, bool) {
	if s, ok := b.sent[key]; ok {
		return s, true
	}
	return b.tx.Sent(key)
}

const (
	// maxSameID is the number of messages of one sender with the same 32-bit id in the coming seconds, one in each.
	maxSameID = 60
	// maxAhead is how far ahead, in seconds, a 64-bit id may be because other senders have used the same 32-bit id.
	maxAhead = 3600
)

// reserve returns a free 64-bit message id made of the time and a sender's 32-bit id. On a clash it takes a later second;
// ok is false when the sender has used the id too often. What others do with it does not count.
func (b *batch) reserve(sender, low uint32, planned uint64) (mid uint64, ok bool, err error) {
	mid = wire.MessageID(b.now, low)
	if _, clash := b.taken[mid]; mid == planned && !clash && !b.tx.Taken(mid) {
		b.taken[mid] = sender
		return mid, true, nil
	}
	own := 0
	for second := 0; second < maxAhead; second += maxSameID {
		ids := make([]uint64, maxSameID)
		for i := range ids {
			ids[i] = wire.MessageID(b.now.Add(time.Duration(second+i)*time.Second), low)
		}
		used, err := b.sendersOf(ids)
		if err != nil {
			return 0, false, err
		}
		for _, mid := range ids {
			switch by, clash := used[mid]; {
			case !clash:
				b.taken[mid] = sender
				return mid, true, nil
			case by == sender:
				own++
			}
		}
		if own >= maxSameID {
			break
		}
	}
	return 0, false, nil
}

// sendersOf returns the senders of the messages that have some ids, including those of this batch.
func (b *batch) sendersOf(ids []uint64) (map[uint64]uint32, error) {
	senders := make(map[uint64]uint32)
	args := make([]any, len(ids))
	for i, mid := range ids {
		args[i] = int64(mid)
		if sender, ok := b.taken[mid]; ok {
			senders[mid] = sender
		}
	}
	err := b.tx.Query(`SELECT mid, sender FROM msgs WHERE mid IN (?`+strings.Repeat(",?", len(ids)-1)+`)`, args,
		func(row record.Row) error {
			var (
				mid    int64
				sender uint32
			)
			if err := row.Scan(&mid, &sender); err != nil {
				return fmt.Errorf("look up message ids: %w", err)
			}
			senders[uint64(mid)] = sender
			return nil
		})
	return senders, err
}

// state returns the state of a user's log.
func (b *batch) state(uid uint32) (*logState, error) {
	if s, ok := b.states[uid]; ok {
		return s, nil
	}
	if err := b.lock([]uint32{uid}); err != nil {
		return nil, err
	}
	h := b.tx.Head(uid)
	s := b.log.states[uid]
	if s == nil || s.last != h.Last { // unknown, or another process has appended to the log
		s = &logState{last: h.Last, known: h.Last, delivered: h.Delivered}
		b.log.states[uid] = s
	}
	if h.Delivered > s.delivered {
		s.delivered = h.Delivered
		s.popUpTo(h.Delivered)
	}
	b.states[uid] = s
	return s, nil
}

// lock locks many logs at once, so that state needs no further query.
func (b *batch) lock(uids []uint32) error {
	err := b.tx.Lock(uids)
	if errors.Is(err, record.ErrReplan) {
		b.unplanned = append(b.unplanned, uids...)
	}
	return err
}

// touch marks the log's head as changed.
func (b *batch) touch(uid uint32, s *logState) {
	if !s.dirty {
		s.dirty = true
		b.touched = append(b.touched, uid)
	}
}

// entry is a new event of a log.
type entry struct {
	kind record.EventKind
	mid  uint64 // message it points to; 0: raw is stored with the event
	exp  int64  // deadline in ms, 0 never
	chat int64  // of a message; see record.PeerChat
	raw  []byte // encoded wire.Event without number
}

// append adds an event to a user's log and returns its number.
func (b *batch) append(uid uint32, e entry) (uint64, error) {
	s, err := b.state(uid)
	if err != nil {
		return 0, err
	}
	b.number(uid, s, e)
	b.touch(uid, s)
	var mid, body any
	if e.mid != 0 {
		mid = int64(e.mid)
	} else {
		body = e.raw
	}
	b.events.Add(record.EventKey(uid, s.last), b.now.UnixMilli(), e.exp, int(e.kind), mid, body)
	if e.chat != 0 {
		b.stretches.Add(int64(uid), e.chat, int64(record.Stretch(s.last)))
	}
	return s.last, nil
}

// number assigns the next number of a log to an event; the caller adds the rows.
func (b *batch) number(uid uint32, s *logState, e entry) {
	s.last++
	b.pushes = append(b.pushes, Push{uid, Event{Seq: s.last, Raw: e.raw, Exp: e.exp}})
	if e.exp != 0 && (b.earliest == 0 || e.exp < b.earliest) {
		b.earliest = e.exp
	}
}

// appendBody is append for an event whose body is stored with it.
func (b *batch) appendBody(uid uint32, kind record.EventKind, e *wire.Event) error {
	raw, err := proto.Marshal(e)
	if err != nil {
		return fmt.Errorf("encode event: %w", err)
	}
	_, err = b.append(uid, entry{kind: kind, raw: raw})
	return err
}

// empty reports whether there is nothing to commit.
func (b *batch) empty() bool {
	return len(b.touched) == 0 && len(b.updates) == 0 && b.events.Count == 0 && b.contacts.Count == 0 &&
		b.seen.Count == 0 && len(b.reads) == 0
}

// writeSet returns all collected rows and statements.
func (b *batch) writeSet() *record.WriteSet {
	reads := record.Rows{
		Table: "reads", Columns: "uid, peer, gid, up_to",
		OnConflict: `ON CONFLICT(uid, peer, gid) DO UPDATE SET up_to = excluded.up_to`,
	}
	for k, upTo := range b.reads {
		reads.Add(int64(k.uid), int64(k.peer), int64(k.gid), int64(upTo))
	}
	w := &record.WriteSet{
		Rows:    []*record.Rows{&b.msgs, &b.events, &b.stretches, &b.dedups, &b.contacts, &b.seen, &reads},
		Updates: b.updates,
		Heads:   make([]record.HeadRow, len(b.touched)),
	}
	for i, uid := range b.touched {
		s := b.states[uid]
		s.dirty = false
		w.Heads[i] = record.HeadRow{UID: uid, Head: record.Head{Last: s.last, Delivered: s.delivered}}
	}
	return w
}

// raiseRevision makes the revision of profiles and groups the next one.
func (b *batch) raiseRevision() {
	b.revisions++
	b.update(`UPDATE meta SET v = CAST(CAST(v AS BIGINT) + 1 AS TEXT) WHERE k = ?`, record.MetaProfileRev)
}

func (b *batch) update(text string, args ...any) {
	b.updates = append(b.updates, record.Update{Text: text, Args: args})
}
