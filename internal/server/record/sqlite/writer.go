package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/glebarez/sqlite"

	"github.com/parley-chat/parley/internal/server/record"
)

const (
	// maxHeads is the maximum number of cached heads.
	maxHeads = 20_000
	// lookupChunk is the maximum number of keys in one lookup.
	lookupChunk = 500
)

// writer is the writing connection. Only the goroutine that calls Begin writes the tables of the log, so its reads stay
// valid: the database's transaction starts only at the commit, and heads are cached.
type writer struct {
	path    string // immutable, like all up to log
	cache   string // a pragma
	pragmas func() []string
	clock   func() time.Time
	log     *slog.Logger

	// The fields below belong to the goroutine that calls Begin.
	db          *sql.DB
	conn        *sql.Conn // nil before the first use and after a failure
	heads       map[uint32]record.Head
	dataVersion int64
}

func newWriter(path string, opts *Options) *writer {
	return &writer{
		path: path, cache: cachePragma(opts.SmallCache, writerCache, smallWriterCache), pragmas: opts.WriterPragmas,
		clock: opts.Clock, log: opts.Log, heads: make(map[uint32]record.Head),
	}
}

func (w *writer) connect(ctx context.Context) error {
	if w.conn != nil {
		return nil
	}
	query := pragmas + w.cache
	if w.pragmas != nil {
		var extra strings.Builder
		for _, p := range w.pragmas() {
			extra.WriteString("&_pragma=" + p)
		}
		query += extra.String()
	}
	db, err := sql.Open(sqlite.DriverName, dsn(w.path, query))
	if err != nil {
		return fmt.Errorf("open database: %w", err)
	}
	db.SetMaxOpenConns(1)
	conn, err := db.Conn(ctx)
	if err != nil {
		_ = db.Close()
		return fmt.Errorf("open database: %w", err)
	}
	w.db, w.conn = db, conn
	return nil
}

// disconnect closes the connection, which rolls back an open transaction. The next Begin opens a new one.
func (w *writer) disconnect() {
	clear(w.heads)
	if w.conn == nil {
		return
	}
	if err := errors.Join(w.conn.Close(), w.db.Close()); err != nil {
		w.log.Warn("close database", slog.Any("error", err))
	}
	w.conn, w.db = nil, nil
}

// foreign reports whether another connection has changed the database since the last call.
func (w *writer) foreign(ctx context.Context) (bool, error) {
	ctx = context.WithoutCancel(ctx)
	if err := w.connect(ctx); err != nil {
		return false, err
	}
	var version int64
	if err := w.conn.QueryRowContext(ctx, `PRAGMA data_version`).Scan(&version); err != nil {
		w.disconnect()
		return false, fmt.Errorf("poll database: %w", err)
	}
	changed := version != w.dataVersion
	w.dataVersion = version
	return changed, nil
}

func (w *writer) begin(ctx context.Context, p *record.Plan) (*tx, error) {
	ctx = context.WithoutCancel(ctx) // a cancelable context costs the driver a goroutine per statement
	if err := w.connect(ctx); err != nil {
		return nil, err
	}
	if len(w.heads) > maxHeads {
		clear(w.heads)
	}
	t := &tx{
		querier: querier{ctx: ctx, db: w.conn}, w: w, now: w.clock(),
		sent: make(map[record.NonceKey]record.Sent), taken: make(map[uint64]struct{}),
	}
	if err := errors.Join(t.Lock(p.Logs), t.lookupSent(p.Nonces), t.lookupIDs(p.IDs)); err != nil {
		t.fail()
		return nil, err
	}
	return t, nil
}

// tx implements record.Tx.
type tx struct {
	querier

	w      *writer
	now    time.Time
	sent   map[record.NonceKey]record.Sent
	taken  map[uint64]struct{}
	broken bool // a query has failed
}

// Query implements record.Reader.
func (t *tx) Query(text string, args []any, each func(record.Row) error) error {
	err := t.querier.Query(text, args, each)
	t.broken = t.broken || err != nil
	return err
}

func (t *tx) Now() time.Time { return t.now }

// Lock loads the heads that are not cached; no other goroutine changes them.
func (t *tx) Lock(logs []uint32) error {
	var missing []any
	for _, uid := range logs {
		if _, ok := t.w.heads[uid]; !ok {
			t.w.heads[uid] = record.Head{}
			missing = append(missing, int64(uid))
		}
	}
	for part := range slices.Chunk(missing, lookupChunk) {
		err := t.Query(`SELECT uid, last, delivered FROM heads WHERE uid IN (?`+strings.Repeat(",?", len(part)-1)+`)`, part,
			func(row record.Row) error {
				var (
					uid uint32
					h   record.Head
				)
				if err := row.Scan(&uid, &h.Last, &h.Delivered); err != nil {
					return fmt.Errorf("read heads: %w", err)
				}
				t.w.heads[uid] = h
				return nil
			})
		if err != nil {
			clear(t.w.heads) // it has empty entries for the missing heads
			return err
		}
	}
	return nil
}

func (t *tx) Head(log uint32) record.Head { return t.w.heads[log] }

func (t *tx) Sent(key record.NonceKey) (record.Sent, bool) {
	s, ok := t.sent[key]
	return s, ok
}

func (t *tx) Taken(mid uint64) bool {
	_, ok := t.taken[mid]
	return ok
}

func (t *tx) lookupSent(keys []record.NonceKey) error {
	if len(keys) == 0 {
		return nil
	}
	args := make([]any, 0, 2*len(keys))
	for _, k := range keys {
		args = append(args, int64(k.UID), k.Nonce[:])
	}
	text := `SELECT uid, nonce, mid, seq, ts FROM dedups WHERE (uid, nonce) IN (VALUES (?,?)` +
		strings.Repeat(",(?,?)", len(keys)-1) + `)`
	return t.Query(text, args, func(row record.Row) error {
		var (
			key   record.NonceKey
			nonce []byte
			mid   int64
			s     record.Sent
		)
		if err := row.Scan(&key.UID, &nonce, &mid, &s.Seq, &s.Time); err != nil {
			return fmt.Errorf("look up nonces: %w", err)
		}
		copy(key.Nonce[:], nonce)
		s.MID = uint64(mid)
		t.sent[key] = s
		return nil
	})
}

func (t *tx) lookupIDs(ids []uint64) error {
	if len(ids) == 0 {
		return nil
	}
	args := make([]any, len(ids))
	for i, id := range ids {
		args[i] = int64(id)
	}
	return t.Query(`SELECT mid FROM msgs WHERE mid IN (?`+strings.Repeat(",?", len(ids)-1)+`)`, args,
		func(row record.Row) error {
			var mid int64
			if err := row.Scan(&mid); err != nil {
				return fmt.Errorf("look up ids: %w", err)
			}
			t.taken[uint64(mid)] = struct{}{}
			return nil
		})
}

// Rollback has nothing to undo. After a failure the next transaction gets a new connection.
func (t *tx) Rollback() {
	if t.w != nil && t.broken {
		t.fail()
	}
	t.w = nil
}

// fail closes the connection after an error, because its state is unknown.
func (t *tx) fail() {
	t.w.disconnect()
	t.w = nil
}
