package eventlog

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"sync/atomic"
	"time"

	"github.com/parley-chat/parley/internal/server/record"
)

const (
	// maxStates is the maximum number of log states kept in memory.
	maxStates = 20_000
	// maxKnownContacts is the maximum number of contacts kept in memory.
	maxKnownContacts = 100_000
	// pollInterval is how often the writer checks whether another process has written.
	pollInterval = time.Second
)

var (
	// ErrClosed is returned after the log has stopped.
	ErrClosed = errors.New("the server has stopped")
	// errSkipped is the result of a change after a failed one of the same origin.
	errSkipped = errors.New("an earlier change failed")
)

// Origin is the connection that submits a change. Its methods may be called from any goroutine and do not block.
type Origin interface {
	// Failed reports whether a change of this origin could not be committed. Later ones are then skipped.
	Failed() bool
	// Wake is called after Done, once the committed events have been published.
	Wake()
}

// Change is a unit of work that is committed as a whole. The writer calls its methods on its own goroutine, in this
// order. A batch that has to start again calls plan and apply again.
type Change interface {
	submission() *Submission
	// plan adds the change's lookups to the batch's plan.
	plan(b *batch)
	// apply adds rows to the batch. An error is a failure of the storage, which fails the whole batch.
	apply(b *batch) error
}

// Submission is embedded in all changes.
type Submission struct {
	// Origin is nil for changes of the server itself.
	Origin Origin
	// User is whose backlog the change waits in, 0 for the server itself.
	User uint32
	// Weight is how much of a batch the change takes, in messages to one user.
	Weight float64
	// Done is called on the writer's goroutine after the commit, with an error if the storage failed. It must not
	// block. The results of the change may be read from then on.
	Done func(error)
}

func (s *Submission) submission() *Submission { return s }

func (*Submission) plan(*batch) {}

// writer commits changes in batches: each batch takes the changes queued during the last commit. There is no timer, so
// a single change is committed at once and a hundred cost little more than one.
type writer struct {
	queue   *queue
	failing atomic.Pointer[error] // of the newest commit, nil after a success

	// The fields below belong to the goroutine of Write.
	states        map[uint32]*logState
	knownContacts map[pair]struct{}   // contacts that are in the database
	turns         map[uint32]uint32   // round-robin group to the recipient of its last message
	uncertain     map[uint32]struct{} // logs that a failed commit may have changed
	revisions     uint64              // by how much the writer has raised the revision of profiles
}

func newWriter() writer {
	return writer{
		queue:  newQueue(),
		states: make(map[uint32]*logState), uncertain: make(map[uint32]struct{}),
		knownContacts: make(map[pair]struct{}), turns: make(map[uint32]uint32),
	}
}

// Submit queues a change; it blocks while its user has too many queued. Done is called unless Submit returns an error.
func (l *Log) Submit(ch Change) error { return l.queue.add(ch) }

// Commit submits a change of the server itself and waits for its result.
func (l *Log) Commit(ch Change) error {
	done := make(chan error, 1)
	ch.submission().Done = func(err error) { done <- err }
	if err := l.Submit(ch); err != nil {
		return err
	}
	return <-done
}

// Failing returns the error of the newest commit, nil if it has succeeded.
func (l *Log) Failing() error {
	if err := l.failing.Load(); err != nil {
		return *err
	}
	return nil
}

// Write commits changes until ctx ends, then those still queued.
func (l *Log) Write(ctx context.Context) {
	poll := time.NewTicker(pollInterval)
	defer poll.Stop()
	for {
		select {
		case <-l.queue.ready:
			if changes := l.queue.take(); len(changes) > 0 {
				l.commit(ctx, changes)
			}
		case <-poll.C:
			l.poll(ctx)
		case <-ctx.Done():
			l.queue.close()
			for changes := l.queue.take(); len(changes) > 0; changes = l.queue.take() {
				l.commit(ctx, changes)
			}
			return
		}
	}
}

// commit writes a batch, calls Done and publishes the events.
func (l *Log) commit(ctx context.Context, changes []Change) {
	start := time.Now()
	group := changes[:0]
	for _, ch := range changes {
		if s := ch.submission(); s.Origin != nil && s.Origin.Failed() {
			s.Done(errSkipped)
			continue
		}
		group = append(group, ch)
	}
	b, err := l.write(ctx, group)
	if err != nil {
		l.fail(b, err)
	} else {
		l.remember(b)
	}
	for _, ch := range group {
		ch.submission().Done(err)
	}
	if err == nil {
		l.hub.Publish(b.pushes)
		if b.earliest != 0 {
			l.sweeper.wakeAt(b.earliest)
		}
		l.metrics.Committed(len(group), time.Since(start))
	}
	for _, ch := range group {
		if o := ch.submission().Origin; o != nil {
			o.Wake()
		}
	}
	if len(l.states) > maxStates {
		clear(l.states)
	}
}

// remember updates the caches after a commit.
func (l *Log) remember(b *batch) {
	l.revisions += b.revisions
	for _, g := range b.groups {
		l.groups.put(g)
		l.changed(g.gid, CallMembers{g})
	}
	l.blocks.put(b.blocks)
	for _, a := range b.away {
		l.webhook.Offer(a.message, a.to)
	}
	if len(l.knownContacts) > maxKnownContacts {
		clear(l.knownContacts)
	}
	for _, p := range b.newContacts {
		l.knownContacts[p] = struct{}{}
	}
	if len(b.acquainted) > 0 {
		l.acquainted(b.acquainted)
	}
	maps.Copy(l.turns, b.turns)
	l.usage.add(b.stored)
	if b.erases {
		l.erased.Store(true)
	}
}

// write commits a group of changes. It starts again with a larger plan if a log could only be locked from the start.
func (l *Log) write(ctx context.Context, group []Change) (*batch, error) {
	var more []uint32
	for {
		b := newBatch(l)
		b.plan.Logs = more
		err := l.tryWrite(ctx, b, group)
		if !errors.Is(err, record.ErrReplan) {
			return b, err
		}
		more = append(more, b.unplanned...)
		for uid := range b.states { // may be ahead of the database
			delete(l.states, uid)
		}
	}
}

func (l *Log) tryWrite(ctx context.Context, b *batch, group []Change) error {
	for uid := range l.uncertain {
		b.plan.Logs = append(b.plan.Logs, uid)
	}
	b.now = l.clock()
	for _, ch := range group {
		ch.plan(b)
	}
	tx, err := l.record.Begin(ctx, &b.plan)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	b.tx, b.now = tx, tx.Now()
	for uid := range l.uncertain {
		s, err := b.state(uid)
		if err != nil {
			return err
		}
		b.pushes = append(b.pushes, Push{UID: uid, Event: Event{Seq: s.last}})
	}
	for _, ch := range group {
		if err := ch.apply(b); err != nil {
			return err
		}
	}
	if !b.empty() {
		if err := tx.Commit(b.writeSet()); err != nil {
			return err
		}
		l.failing.Store(nil)
	}
	clear(l.uncertain)
	return nil
}

// fail drops all state that the failed batch may have changed.
func (l *Log) fail(b *batch, err error) {
	l.log.Error("commit failed", slog.Any("error", err))
	l.failing.Store(&err)
	l.metrics.Refused("storage")
	clear(l.states)
	for _, p := range b.pushes {
		l.uncertain[p.UID] = struct{}{}
	}
}

// attempt is a change that changes nothing, to find out whether the database can be written again.
type attempt struct{ Submission }

func (*attempt) apply(b *batch) error {
	b.update(`UPDATE meta SET v = v WHERE k = ?`, record.MetaEpoch)
	return nil
}

// poll retries uncertain logs and checks whether another process has written.
func (l *Log) poll(ctx context.Context) {
	if l.Failing() != nil || len(l.uncertain) > 0 {
		l.commit(ctx, []Change{&attempt{Submission{Done: func(error) {}}}})
	}
	changed, err := l.record.Foreign(ctx)
	switch {
	case err != nil:
		l.log.Warn("poll database", slog.Any("error", err))
	case changed:
		l.foreign()
	}
}
