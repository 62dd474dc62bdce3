package server

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/glebarez/sqlite"
)

const (
	// maxBatch bounds the changes of one transaction.
	maxBatch = 512
	// queueSize is how many changes wait before those who bring more have to.
	queueSize = 4096
	// maxHeads bounds the logs whose state the writer keeps in memory.
	maxHeads = 20_000
	// maxMet bounds the contacts that the writer keeps in memory.
	maxMet = 100_000
	// pollInterval is how often the writer looks whether another process has written.
	pollInterval = time.Second
)

var (
	errClosed = errors.New("the server has stopped")
	// errSkipped is what a change ends with when an earlier one of the same connection has failed.
	errSkipped = errors.New("an earlier change failed")
)

// change is one thing to commit. The writer calls all methods but origin on its own goroutine, in this order.
type change interface {
	// origin is the connection that shares the change's fate: when a commit fails, everything that the connection has
	// queued behind it fails as well. Nil for changes of the server itself.
	origin() *conn
	// plan notes what has to be looked up for the batch.
	plan(b *batch)
	// apply decides and notes rows. An error means the storage failed, and with it the batch.
	apply(ctx context.Context, b *batch) error
	// finish reports the outcome after the commit. It must not block.
	finish(err error)
}

// writer commits changes in groups: whatever has queued while the last commit ran goes into the next one. There is no
// timer, so a lone change is committed at once and a hundred cost little more than one.
type writer struct {
	path    string // immutable, like all up to foreign
	pragmas func() []string
	log     *slog.Logger
	hub     *hub
	metrics *metrics
	groups  *groupBook
	blocks  *blockBook
	hook    *webhook      // nil: none
	limit   uint64        // undelivered events per user
	retract time.Duration // how old a message may be that is recalled or modified, negative: any age
	online  time.Duration
	clock   func() time.Time
	queue   chan change
	done    chan struct{}
	// foreign is told when another process has written to the database.
	foreign chan struct{}
	// expiring is told of the earliest deadline of every batch.
	expiring func(at int64)

	// The rest belongs to run.
	db          *sql.DB
	conn        *sql.Conn
	heads       map[uint32]*head
	met         map[pair]struct{}   // contacts that are in the database
	turns       map[uint32]uint32   // group to the member who had the last message, of those that pass them round
	suspects    map[uint32]struct{} // logs that a failed commit may or may not have changed
	dataVersion int64
}

// submit queues a change; it waits while the queue is full. The change's finish is called unless submit returns an error.
func (w *writer) submit(ch change) error {
	select {
	case w.queue <- ch:
		return nil
	case <-w.done:
		return errClosed
	}
}

// run works until ctx ends, then commits what is queued, closes its connection and returns.
func (w *writer) run(ctx context.Context) {
	// A context that can end costs the driver a goroutine for each statement.
	dbCtx := context.WithoutCancel(ctx)
	defer close(w.done)
	defer w.disconnect()
	poll := time.NewTicker(pollInterval)
	defer poll.Stop()
	for {
		select {
		case ch := <-w.queue:
			w.commit(dbCtx, w.gather(ch))
		case <-poll.C:
			w.poll(dbCtx)
		case <-ctx.Done():
			w.drain(dbCtx)
			return
		}
	}
}

// gather takes what has queued.
func (w *writer) gather(first change) []change {
	changes := []change{first}
	for len(changes) < maxBatch {
		select {
		case ch := <-w.queue:
			changes = append(changes, ch)
		default:
			return changes
		}
	}
	return changes
}

func (w *writer) drain(ctx context.Context) {
	for {
		select {
		case ch := <-w.queue:
			w.commit(ctx, w.gather(ch))
		default:
			return
		}
	}
}

// commit takes one group from the queue to its answers.
func (w *writer) commit(ctx context.Context, changes []change) {
	start := time.Now()
	group := changes[:0]
	for _, ch := range changes {
		if c := ch.origin(); c != nil && c.storageFailed.Load() {
			ch.finish(errSkipped)
			continue
		}
		group = append(group, ch)
	}
	b := newBatch(w, w.clock())
	err := w.write(ctx, b, group)
	if err != nil {
		w.fail(b, err)
	} else {
		w.remember(b)
	}
	for _, ch := range group {
		ch.finish(err)
	}
	touched := make([]*conn, 0, len(group)+len(b.pushes))
	if err == nil {
		touched = w.hub.publish(b.pushes, touched)
		if b.earliest != 0 {
			w.expiring(b.earliest)
		}
		w.metrics.committed(len(group), time.Since(start))
	}
	for _, ch := range group {
		if c := ch.origin(); c != nil {
			touched = append(touched, c)
		}
	}
	for _, c := range touched {
		c.kick()
	}
	if len(w.heads) > maxHeads {
		w.heads = make(map[uint32]*head)
	}
}

// remember keeps in memory what a batch has committed.
func (w *writer) remember(b *batch) {
	for _, g := range b.groups {
		w.groups.put(g)
	}
	w.blocks.put(b.blocks)
	if w.hook != nil {
		w.hook.offer(b.hooks)
	}
	if len(w.met) > maxMet {
		w.met = make(map[pair]struct{})
	}
	for _, p := range b.met {
		w.met[p] = struct{}{}
	}
}

func (w *writer) write(ctx context.Context, b *batch, group []change) error {
	if err := w.connect(ctx); err != nil {
		return err
	}
	for uid := range w.suspects {
		h, err := b.head(ctx, uid)
		if err != nil {
			return err
		}
		b.pushes = append(b.pushes, push{uid: uid, liveEvent: liveEvent{seq: h.last}})
	}
	for _, ch := range group {
		ch.plan(b)
	}
	if err := b.lookup(ctx); err != nil {
		return err
	}
	for _, ch := range group {
		if err := ch.apply(ctx, b); err != nil {
			return err
		}
	}
	if !b.empty() {
		if err := b.flush(ctx); err != nil {
			return err
		}
	}
	clear(w.suspects)
	return nil
}

// fail forgets everything that the failed batch may have made wrong. The next batch begins with a new connection.
func (w *writer) fail(b *batch, err error) {
	w.log.Error("commit failed", slog.Any("error", err))
	w.metrics.refused("storage")
	w.disconnect()
	w.heads = make(map[uint32]*head)
	for _, p := range b.pushes {
		w.suspects[p.uid] = struct{}{}
	}
}

func (w *writer) connect(ctx context.Context) error {
	if w.conn != nil {
		return nil
	}
	query := pragmas + "&_pragma=cache_size(-16384)"
	var extra strings.Builder
	if w.pragmas != nil {
		for _, p := range w.pragmas() {
			extra.WriteString("&_pragma=" + p)
		}
	}
	db, err := sql.Open(sqlite.DriverName, dsn(w.path, query+extra.String()))
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

// disconnect gives the connection up, and with it a transaction that is still open.
func (w *writer) disconnect() {
	if w.conn == nil {
		return
	}
	if err := errors.Join(w.conn.Close(), w.db.Close()); err != nil {
		w.log.Warn("close database", slog.Any("error", err))
	}
	w.conn, w.db = nil, nil
}

// poll asks SQLite whether another connection has changed the database since the last time.
func (w *writer) poll(ctx context.Context) {
	if len(w.suspects) > 0 {
		w.commit(ctx, nil)
	}
	if err := w.connect(ctx); err != nil {
		w.log.Warn("poll database", slog.Any("error", err))
		return
	}
	var version int64
	if err := w.conn.QueryRowContext(ctx, `PRAGMA data_version`).Scan(&version); err != nil {
		w.log.Warn("poll database", slog.Any("error", err))
		w.disconnect()
		return
	}
	if version == w.dataVersion {
		return
	}
	w.dataVersion = version
	select {
	case w.foreign <- struct{}{}:
	default: // it has not yet looked at the last time
	}
}
