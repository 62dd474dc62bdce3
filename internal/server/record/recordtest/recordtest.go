// Package recordtest has the tests for all implementations of record.Record.
package recordtest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/server/record"
)

// Open opens a record with the current schema. A new folder has no users; one opened before has its committed rows.
type Open func(t *testing.T, dir string) record.Record

// Run tests a record.
func Run(t *testing.T, open Open) {
	t.Helper()
	for _, test := range []struct {
		name string
		run  func(t *testing.T, open Open)
	}{
		{"a commit is there, and still after opening again", commitStays},
		{"heads follow commits, fan-outs and rollbacks", heads},
		{"a lookup answers what was planned", lookups},
		{"rollback writes nothing", rollback},
		{"a failed commit writes nothing, and the next one works", failedCommit},
		{"a view sees one state", viewIsOneState},
		{"the error of a view is returned", viewError},
		{"text with NUL or invalid UTF-8 is refused", invalidText},
		{"conflicting rows follow OnConflict", conflicts},
		{"what is written elsewhere is noticed once", foreign},
		{"Once runs the job", once},
		{"Check finds nothing in a sound database, and has a limit", check},
		{"after Close everything fails", closed},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, open) })
	}
}

// world is a record under test.
type world struct {
	*testing.T
	record.Record

	dir  string
	open Open
}

func start(t *testing.T, open Open) *world {
	t.Helper()
	w := &world{T: t, dir: t.TempDir(), open: open}
	w.Record = open(t, w.dir)
	t.Cleanup(func() { _ = w.Close() })
	return w
}

func (w *world) begin(p record.Plan) record.Tx { //nolint:ireturn // the contract
	w.Helper()
	tx, err := w.Begin(w.Context(), &p)
	if err != nil {
		w.Fatalf("begin: %v", err)
	}
	return tx
}

// commit appends events to logs.
func (w *world) commit(logs []uint32, set func(tx record.Tx) *record.WriteSet) {
	w.Helper()
	tx := w.begin(record.Plan{Logs: logs})
	if err := tx.Commit(set(tx)); err != nil {
		w.Fatalf("commit: %v", err)
	}
}

func newEvents() *record.Rows {
	return &record.Rows{Table: "events", Columns: "id, ts, exp, kind, mid, body"}
}

// appendTo returns a write set that appends an event to each log.
func appendTo(tx record.Tx, logs ...uint32) *record.WriteSet {
	events := newEvents()
	set := &record.WriteSet{Rows: []*record.Rows{events}}
	for _, uid := range logs {
		h := tx.Head(uid)
		h.Last++
		events.Add(record.EventKey(uid, h.Last), tx.Now().UnixMilli(), 0, int(record.KindStatus), nil, []byte("body"))
		set.Heads = append(set.Heads, record.HeadRow{UID: uid, Head: h})
	}
	return set
}

// log returns the numbers of the events of a log.
func (w *world) log(uid uint32) []uint64 {
	w.Helper()
	var list []uint64
	err := w.View(w.Context(), func(read record.Reader) error {
		return read.Query(`SELECT id FROM events WHERE id >= ? AND id < ? ORDER BY id`,
			[]any{record.EventKey(uid, 0), record.EventKey(uid+1, 0)}, func(row record.Row) error {
				var id int64
				if err := row.Scan(&id); err != nil {
					return fmt.Errorf("scan: %w", err)
				}
				_, seq := record.SplitKey(id)
				list = append(list, seq)
				return nil
			})
	})
	if err != nil {
		w.Fatalf("read log: %v", err)
	}
	return list
}

func (w *world) wantLog(uid uint32, want ...uint64) {
	w.Helper()
	if got := w.log(uid); !slices.Equal(got, want) {
		w.Errorf("log of %d: got %v, want %v", uid, got, want)
	}
}

func (w *world) wantHead(uid uint32, last, delivered uint64) {
	w.Helper()
	tx := w.begin(record.Plan{Logs: []uint32{uid}})
	defer tx.Rollback()
	if got := tx.Head(uid); got != (record.Head{Last: last, Delivered: delivered}) {
		w.Errorf("head of %d: got %+v, want last %d and delivered %d", uid, got, last, delivered)
	}
}

func commitStays(t *testing.T, open Open) {
	t.Helper()
	w := start(t, open)
	w.commit([]uint32{1, 2}, func(tx record.Tx) *record.WriteSet { return appendTo(tx, 1, 2) })
	w.commit([]uint32{1}, func(tx record.Tx) *record.WriteSet { return appendTo(tx, 1) })
	w.wantLog(1, 1, 2)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	w.Record = open(t, w.dir)
	w.wantLog(1, 1, 2)
	w.wantLog(2, 1)
	w.wantHead(1, 2, 0)
	w.wantHead(2, 1, 0)
	w.wantHead(3, 0, 0)
}

func heads(t *testing.T, open Open) {
	t.Helper()
	w := start(t, open)
	w.commit([]uint32{1, 2, 3}, func(tx record.Tx) *record.WriteSet {
		set := appendTo(tx, 1, 2)
		set.Heads = append(set.Heads, record.HeadRow{UID: 3, Head: record.Head{Last: 0, Delivered: 0}})
		return set
	})
	// A fan-out raises 1 and 2; the head of 2 is also written.
	w.commit([]uint32{1, 2}, func(record.Tx) *record.WriteSet {
		f := &record.FanOut{
			Keys: []int64{record.EventKey(1, 2), record.EventKey(2, 2)}, Time: 5, Kind: record.KindMessage, MID: 77,
			Raise: []uint32{1, 2},
		}
		return &record.WriteSet{
			Updates: []record.Update{{FanOut: f}},
			Heads:   []record.HeadRow{{UID: 2, Head: record.Head{Last: 2, Delivered: 1}}},
		}
	})
	w.wantHead(1, 2, 0)
	w.wantHead(2, 2, 1)
	w.wantLog(1, 1, 2)
	tx := w.begin(record.Plan{})
	defer tx.Rollback()
	if err := tx.Lock([]uint32{2, 2}); err != nil && !errors.Is(err, record.ErrReplan) {
		t.Fatal(err)
	}
}

func lookups(t *testing.T, open Open) {
	t.Helper()
	w := start(t, open)
	key := record.NonceKey{UID: 1, Nonce: [16]byte{1, 0, 255}}
	want := record.Sent{MID: 1<<63 + 5, Seq: 9, Time: 77}
	w.commit([]uint32{1}, func(record.Tx) *record.WriteSet {
		dedups := &record.Rows{Table: "dedups", Columns: "uid, nonce, mid, seq, ts"}
		mid := want.MID
		dedups.Add(int64(key.UID), key.Nonce[:], int64(mid), int64(want.Seq), want.Time)
		msgs := &record.Rows{Table: "msgs", Columns: "mid, sender, sseq, peer, gid, ts, exp, flags, body"}
		msgs.Add(int64(mid), 1, 9, 2, 0, 77, 0, 0, []byte("body"))
		return &record.WriteSet{Rows: []*record.Rows{dedups, msgs}}
	})
	other := record.NonceKey{UID: 2, Nonce: key.Nonce}
	tx := w.begin(record.Plan{Nonces: []record.NonceKey{key, other, key}, IDs: []uint64{want.MID, 6, want.MID}})
	defer tx.Rollback()
	if got, ok := tx.Sent(key); !ok || got != want {
		t.Errorf("got %+v, %v, want %+v", got, ok, want)
	}
	if got, ok := tx.Sent(other); ok {
		t.Errorf("the nonce of another user has the answer %+v", got)
	}
	if !tx.Taken(want.MID) || tx.Taken(6) {
		t.Errorf("taken: got %v and %v, want true and false", tx.Taken(want.MID), tx.Taken(6))
	}
}

func rollback(t *testing.T, open Open) {
	t.Helper()
	w := start(t, open)
	tx := w.begin(record.Plan{Logs: []uint32{1}})
	_ = appendTo(tx, 1)
	tx.Rollback()
	tx.Rollback()
	w.wantLog(1)
	w.wantHead(1, 0, 0)
}

func failedCommit(t *testing.T, open Open) {
	t.Helper()
	w := start(t, open)
	tx := w.begin(record.Plan{Logs: []uint32{1}})
	set := appendTo(tx, 1)
	set.Updates = append(set.Updates, record.Update{Text: `UPDATE there_is_no_such_table SET x = 1`})
	if err := tx.Commit(set); err == nil {
		t.Fatal("a wrong statement was committed")
	}
	tx.Rollback()
	w.wantLog(1)
	w.commit([]uint32{1}, func(tx record.Tx) *record.WriteSet { return appendTo(tx, 1) })
	w.wantLog(1, 1)
	w.wantHead(1, 1, 0)
}

func viewIsOneState(t *testing.T, open Open) {
	t.Helper()
	w := start(t, open)
	count := func(read record.Reader) (n int, err error) {
		err = read.Query(`SELECT count(*) FROM events`, nil, func(row record.Row) error { return row.Scan(&n) })
		return n, err
	}
	seen, written := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(written)
		<-seen
		w.commit([]uint32{1}, func(tx record.Tx) *record.WriteSet { return appendTo(tx, 1) })
	}()
	var before, after int
	err := w.View(t.Context(), func(read record.Reader) (err error) {
		if before, err = count(read); err != nil {
			return err
		}
		close(seen)
		<-written
		after, err = count(read)
		return err
	})
	if err != nil || before != after {
		t.Errorf("one view saw %d and then %d events, error %v", before, after, err)
	}
	w.wantLog(1, 1)
}

func viewError(t *testing.T, open Open) {
	t.Helper()
	w := start(t, open)
	errWanted := errors.New("wanted")
	calls := 0
	err := w.View(t.Context(), func(read record.Reader) error {
		return read.Query(`SELECT 1 UNION ALL SELECT 2`, nil, func(record.Row) error {
			calls++
			return errWanted
		})
	})
	if !errors.Is(err, errWanted) || calls != 1 {
		t.Errorf("got error %v after %d rows, want %v after the first", err, calls, errWanted)
	}
	if err := w.View(t.Context(), func(read record.Reader) error {
		return read.Query(`SELECT nonsense FROM nowhere`, nil, func(record.Row) error { return nil })
	}); err == nil {
		t.Error("a wrong query has no error")
	}
	w.wantLog(1)
}

func invalidText(t *testing.T, open Open) {
	t.Helper()
	w := start(t, open)
	for _, text := range []string{"a\x00b", "\xff", string([]byte{0xed, 0xa0, 0x80})} {
		err := w.View(t.Context(), func(read record.Reader) error {
			return read.Query(`SELECT uid FROM users WHERE folded = ?`, []any{text}, func(record.Row) error { return nil })
		})
		if !errors.Is(err, record.ErrText) {
			t.Errorf("query with %q: got error %v, want ErrText", text, err)
		}
		tx := w.begin(record.Plan{Logs: []uint32{1}})
		set := appendTo(tx, 1)
		set.Updates = append(
			set.Updates,
			record.Update{Text: `UPDATE users SET name = ? WHERE uid = ?`, Args: []any{text, 1}},
		)
		if err := tx.Commit(set); !errors.Is(err, record.ErrText) {
			t.Errorf("update with %q: got error %v, want ErrText", text, err)
		}
		w.wantLog(1)
	}
}

func conflicts(t *testing.T, open Open) {
	t.Helper()
	w := start(t, open)
	write := func(onConflict string, upTo int) error {
		reads := &record.Rows{Table: "reads", Columns: "uid, peer, gid, up_to", OnConflict: onConflict}
		reads.Add(1, 2, 0, upTo)
		return w.begin(record.Plan{}).Commit(&record.WriteSet{Rows: []*record.Rows{reads}})
	}
	for _, c := range []struct {
		onConflict string
		upTo, want int
		fails      bool
	}{
		{"", 5, 5, false},
		{"", 6, 5, true},
		{"ON CONFLICT DO NOTHING", 7, 5, false},
		{"ON CONFLICT(uid, peer, gid) DO UPDATE SET up_to = excluded.up_to", 8, 8, false},
	} {
		if err := write(c.onConflict, c.upTo); (err != nil) != c.fails {
			t.Errorf("%q: got error %v", c.onConflict, err)
		}
		got := 0
		err := w.View(t.Context(), func(read record.Reader) error {
			return read.Query(`SELECT up_to FROM reads`, nil, func(row record.Row) error { return row.Scan(&got) })
		})
		if err != nil || got != c.want {
			t.Errorf("%q: got %d, error %v, want %d", c.onConflict, got, err, c.want)
		}
	}
}

func foreign(t *testing.T, open Open) {
	t.Helper()
	w := start(t, open)
	ask := func() bool {
		t.Helper()
		changed, err := w.Foreign(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return changed
	}
	ask() // drop the changes made by opening
	w.commit([]uint32{1}, func(tx record.Tx) *record.WriteSet { return appendTo(tx, 1) })
	if ask() {
		t.Error("a commit of this record counts as written elsewhere")
	}
	err := w.ORM().WithContext(t.Context()).Exec(
		`INSERT INTO users(address, folded, name, created, rev) VALUES('a', 'a', 'a', 1, 1)`).Error
	if err != nil {
		t.Fatal(err)
	}
	if !ask() || ask() {
		t.Error("what the ORM has written was not noticed, or twice")
	}
}

func once(t *testing.T, open Open) {
	t.Helper()
	w := start(t, open)
	calls := 0
	errWanted := errors.New("wanted")
	for _, want := range []error{nil, errWanted} {
		ran, err := w.Once(t.Context(), "job", func(context.Context) error {
			calls++
			return want
		})
		if !ran || !errors.Is(err, want) {
			t.Errorf("got %v, error %v, want true, %v", ran, err, want)
		}
	}
	if calls != 2 {
		t.Errorf("the job ran %d times", calls)
	}
}

func check(t *testing.T, open Open) {
	t.Helper()
	w := start(t, open)
	w.commit([]uint32{1}, func(tx record.Tx) *record.WriteSet { return appendTo(tx, 1) })
	for limit, want := range map[time.Duration]bool{time.Minute: true, 1: false} {
		problems, whole, err := w.Check(t.Context(), limit)
		if err != nil || len(problems) > 0 || whole != want {
			t.Errorf("within %s: got %v, whole %v, error %v, want nothing, %v", limit, problems, whole, err, want)
		}
	}
}

func closed(t *testing.T, open Open) {
	t.Helper()
	w := start(t, open)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := w.View(t.Context(), func(record.Reader) error { return nil }); !errors.Is(err, record.ErrClosed) {
		t.Errorf("view: got error %v, want ErrClosed", err)
	}
}
