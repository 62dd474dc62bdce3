package server

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/parley-chat/parley/internal/wire"
)

// insertChunk is how many rows one INSERT statement carries. The driver compiles a statement anew each time it runs,
// so rows are written many at a time.
const insertChunk = 100

// batch gathers what one transaction will write. Changes look at the database and at each other through it and note
// rows; only flush writes. The writer is the only one that writes these tables, so what it has read stays true.
type batch struct {
	w   *writer
	now time.Time

	wanted  []sentKey            // nonces to look up
	sent    map[sentKey]*sentRow // answers given earlier, or in this batch
	wantMID []uint64             // ids to look up
	taken   map[uint64]struct{}  // ids in use

	msgs, events, dedups insertion
	contacts, seen       insertion
	settings             map[readKey]chatSettings // changed in this batch
	reads                map[readKey]uint64
	groups               map[uint32]*group      // changed in this batch
	pins                 map[string]*pin        // changed in this batch
	bodies               map[uint64]*storedMsg  // messages looked at or changed in this batch
	reactions            map[reactionKey]string // changed in this batch
	blocks               map[pair]bool          // changed in this batch
	doomedFiles          map[fileID]struct{}    // to be taken away by this batch, unless somebody refers to them
	doomedBlobs          map[string]struct{}    // likewise, by hash
	freshBlobs           map[string]struct{}    // brought by this batch
	fileBytes            map[uint32]int64       // announced in this batch
	met                  []pair                 // contacts to be remembered after the commit
	hooks                []hookEvent            // for the webhook after the commit
	updates              []statement
	touched              []touchedHead
	pushes               []push
	earliest             int64 // smallest deadline of the new events, 0 when there is none
}

type statement struct {
	text string
	args []any
}

type touchedHead struct {
	uid  uint32
	head *head
}

type readKey struct{ uid, peer, gid uint32 }

// pair is a user and another one, in this order.
type pair struct{ uid, other uint32 }

// push is a committed event on its way to whoever is connected. Without raw it only says how far the log goes.
type push struct {
	uid uint32
	liveEvent
}

func newBatch(w *writer, now time.Time) *batch {
	return &batch{
		w: w, now: now,
		sent:      make(map[sentKey]*sentRow),
		taken:     make(map[uint64]struct{}),
		msgs:      insertion{table: "msgs", columns: "mid, sender, sseq, peer, gid, ts, exp, flags, body"},
		events:    insertion{table: "events", columns: "id, ts, exp, kind, mid, body"},
		dedups:    insertion{table: "dedups", columns: "uid, nonce, mid, seq, ts"},
		contacts:  insertion{table: "contacts", columns: "uid, peer"},
		seen:      insertion{table: "last_seen", columns: "uid, seen"},
		settings:  make(map[readKey]chatSettings),
		reads:     make(map[readKey]uint64),
		groups:    make(map[uint32]*group),
		pins:      make(map[string]*pin),
		bodies:    make(map[uint64]*storedMsg),
		reactions: make(map[reactionKey]string),
		blocks:    make(map[pair]bool),

		doomedFiles: make(map[fileID]struct{}),
		doomedBlobs: make(map[string]struct{}),
		freshBlobs:  make(map[string]struct{}),
		fileBytes:   make(map[uint32]int64),
	}
}

// lookup answers what the changes of the batch have asked for in plan.
func (b *batch) lookup(ctx context.Context) error {
	if err := b.lookupSent(ctx); err != nil {
		return err
	}
	return b.lookupMIDs(ctx, b.wantMID)
}

func (b *batch) lookupMIDs(ctx context.Context, ids []uint64) error {
	if len(ids) == 0 {
		return nil
	}
	args := make([]any, len(ids))
	for i, id := range ids {
		args[i] = int64(id)
	}
	return b.query(ctx, `SELECT mid FROM msgs WHERE mid IN (?`+strings.Repeat(",?", len(ids)-1)+`)`, args,
		func(rows *sql.Rows) error {
			var mid int64
			if err := rows.Scan(&mid); err != nil {
				return fmt.Errorf("look up ids: %w", err)
			}
			b.taken[uint64(mid)] = struct{}{}
			return nil
		})
}

// reserve finds a free 64-bit id for a caller's id. On a clash the next second is taken; ok is false when somebody has
// used the same id for every second of the last minute.
func (b *batch) reserve(ctx context.Context, low uint32) (mid uint64, ok bool, err error) {
	const attempts = 60
	for i := range attempts {
		mid = wire.MessageID(b.now.Add(time.Duration(i)*time.Second), low)
		if i > 0 { // the first was looked up with the batch
			if err := b.lookupMIDs(ctx, []uint64{mid}); err != nil {
				return 0, false, err
			}
		}
		if _, clash := b.taken[mid]; !clash {
			b.taken[mid] = struct{}{}
			return mid, true, nil
		}
	}
	return 0, false, nil
}

// head returns the state of a user's log, from memory when it is there.
func (b *batch) head(ctx context.Context, uid uint32) (*head, error) {
	if h, ok := b.w.heads[uid]; ok {
		return h, nil
	}
	h := &head{}
	err := b.query(ctx, `SELECT last, delivered FROM heads WHERE uid = ?`, []any{int64(uid)}, func(rows *sql.Rows) error {
		if err := rows.Scan(&h.last, &h.delivered); err != nil {
			return fmt.Errorf("read head: %w", err)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	h.known = h.last
	b.w.heads[uid] = h
	return h, nil
}

// loadHeads makes head answer from memory for many users at once.
func (b *batch) loadHeads(ctx context.Context, uids []uint32) error {
	const chunk = 500
	var missing []any
	for _, uid := range uids {
		if _, ok := b.w.heads[uid]; !ok {
			missing = append(missing, int64(uid))
		}
	}
	for part := range slices.Chunk(missing, chunk) {
		for _, uid := range part {
			b.w.heads[uint32(uid.(int64))] = &head{} //nolint:forcetypeassert // put in above
		}
		err := b.query(ctx, `SELECT uid, last, delivered FROM heads WHERE uid IN (?`+strings.Repeat(",?", len(part)-1)+`)`, part,
			func(rows *sql.Rows) error {
				var (
					uid uint32
					h   head
				)
				if err := rows.Scan(&uid, &h.last, &h.delivered); err != nil {
					return fmt.Errorf("read heads: %w", err)
				}
				h.known = h.last
				b.w.heads[uid] = &h
				return nil
			})
		if err != nil {
			return err
		}
	}
	return nil
}

// touch notes that the head's row has to be written.
func (b *batch) touch(uid uint32, h *head) {
	if !h.dirty {
		h.dirty = true
		b.touched = append(b.touched, touchedHead{uid, h})
	}
}

// entry is a new event of a log.
type entry struct {
	kind eventKind
	mid  uint64 // of the message it points to; 0: raw is stored with the event
	exp  int64  // deadline in ms, 0 never
	raw  []byte // encoded wire.Event without number
}

// append puts an event at the end of a user's log and returns its number.
func (b *batch) append(ctx context.Context, uid uint32, e entry) (uint64, error) {
	h, err := b.head(ctx, uid)
	if err != nil {
		return 0, err
	}
	b.number(uid, h, e)
	b.touch(uid, h)
	var mid, body any
	if e.mid != 0 {
		mid = int64(e.mid)
	} else {
		body = e.raw
	}
	b.events.add(eventKey(uid, h.last), b.now.UnixMilli(), e.exp, int(e.kind), mid, body)
	return h.last, nil
}

// number gives an event the next number of a log; the caller notes the rows.
func (b *batch) number(uid uint32, h *head, e entry) {
	h.last++
	b.pushes = append(b.pushes, push{uid, liveEvent{seq: h.last, raw: e.raw, exp: e.exp}})
	if e.exp != 0 && (b.earliest == 0 || e.exp < b.earliest) {
		b.earliest = e.exp
	}
}

// appendBody is append for an event that is stored whole.
func (b *batch) appendBody(ctx context.Context, uid uint32, kind eventKind, e *wire.Event) error {
	raw, err := proto.Marshal(e)
	if err != nil {
		return fmt.Errorf("encode event: %w", err)
	}
	_, err = b.append(ctx, uid, entry{kind: kind, raw: raw})
	return err
}

// empty tells whether there is nothing to commit.
func (b *batch) empty() bool {
	return len(b.touched) == 0 && len(b.updates) == 0 && b.events.rows == 0 && b.contacts.rows == 0 && b.seen.rows == 0 && len(b.reads) == 0
}

// flush writes everything in one transaction.
func (b *batch) flush(ctx context.Context) error {
	if err := b.exec(ctx, `BEGIN IMMEDIATE`); err != nil {
		return err
	}
	for _, in := range []*insertion{&b.msgs, &b.events, &b.dedups} {
		if err := in.run(ctx, b, ""); err != nil {
			return err
		}
	}
	if err := b.contacts.run(ctx, b, ` ON CONFLICT DO NOTHING`); err != nil {
		return err
	}
	if err := b.seen.run(ctx, b, ` ON CONFLICT(uid) DO UPDATE SET seen = excluded.seen`); err != nil {
		return err
	}
	for _, st := range b.updates {
		if err := b.exec(ctx, st.text, st.args...); err != nil {
			return err
		}
	}
	heads := insertion{table: "heads", columns: "uid, last, delivered"}
	for _, t := range b.touched {
		heads.add(int64(t.uid), int64(t.head.last), int64(t.head.delivered))
		t.head.dirty = false
	}
	err := heads.run(ctx, b, ` ON CONFLICT(uid) DO UPDATE SET last = excluded.last, delivered = excluded.delivered`)
	if err != nil {
		return err
	}
	reads := insertion{table: "reads", columns: "uid, peer, gid, up_to"}
	for k, upTo := range b.reads {
		reads.add(int64(k.uid), int64(k.peer), int64(k.gid), int64(upTo))
	}
	if err := reads.run(ctx, b, ` ON CONFLICT(uid, peer, gid) DO UPDATE SET up_to = excluded.up_to`); err != nil {
		return err
	}
	return b.exec(ctx, `COMMIT`)
}

func (b *batch) exec(ctx context.Context, text string, args ...any) error {
	if _, err := b.w.conn.ExecContext(ctx, text, args...); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

// query calls each for every row.
func (b *batch) query(ctx context.Context, text string, args []any, each func(*sql.Rows) error) error {
	rows, err := b.w.conn.QueryContext(ctx, text, args...)
	if err != nil {
		return fmt.Errorf("read: %w", err)
	}
	return eachRow(rows, each)
}

// reading is query for those who read either here or elsewhere.
func (b *batch) reading(ctx context.Context) reading {
	return func(text string, args []any, each func(*sql.Rows) error) error { return b.query(ctx, text, args, each) }
}

// update notes a statement for flush.
func (b *batch) update(text string, args ...any) {
	b.updates = append(b.updates, statement{text, args})
}

// insertion gathers rows of one table.
type insertion struct {
	table, columns string // columns is separated by commas
	rows           int
	args           []any
}

func (in *insertion) add(values ...any) {
	in.rows++
	in.args = append(in.args, values...)
}

func (in *insertion) run(ctx context.Context, b *batch, suffix string) error {
	if in.rows == 0 {
		return nil
	}
	width := len(in.args) / in.rows
	row := "(?" + strings.Repeat(",?", width-1) + ")"
	for done := 0; done < in.rows; {
		n := min(insertChunk, in.rows-done)
		// ROLLBACK instead of the usual ABORT: a failure ends the batch anyway, and SQLite then keeps no journal for
		// undoing a single statement.
		text := `INSERT OR ROLLBACK INTO ` + in.table + `(` + in.columns + `) VALUES ` + row + strings.Repeat(","+row, n-1) + suffix
		if err := b.exec(ctx, text, in.args[done*width:(done+n)*width]...); err != nil {
			return err
		}
		done += n
	}
	return nil
}
