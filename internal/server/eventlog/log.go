package eventlog

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/server/record"
	"github.com/parley-chat/parley/internal/wire"
)

// Hub knows the connected users. Its answers may be out of date a moment later. Its methods may be called from any
// goroutine and do not block.
type Hub interface {
	// Publish passes committed events to the connections of their users and wakes them.
	Publish(events []Push)
	// Online reports whether a user is connected.
	Online(uid uint32) bool
	// InTransit reports whether an event has been sent to a device that has not acknowledged it yet.
	InTransit(uid uint32, seq uint64) bool
	// Wake makes the connections of a user look at the log again.
	Wake(uid uint32)
}

// Webhook receives stored messages to users who are not connected.
type Webhook interface {
	// Offer must not block. away are the addresses of the users.
	Offer(m *wire.Message, away []string)
}

// Metrics counts commits and failures.
type Metrics interface {
	Committed(changes int, took time.Duration)
	Refused(reason string)
}

// Config holds the dependencies and limits of a Log.
type Config struct {
	Record  record.Record
	Hub     Hub
	Webhook Webhook // nil: none
	Metrics Metrics
	Logger  *slog.Logger
	Clock   func() time.Time
	// Elapsed returns the real time since some moment, which no change of the clock affects. Default: the system's.
	Elapsed func() time.Duration
	// MaxUndelivered is the maximum number of undelivered events per user.
	MaxUndelivered int
	// MaxFromStranger is how many of them may come from one user to whom this one has never written. Default: all.
	MaxFromStranger int
	// MessageRequests lets a user get one message only of another one before it is accepted.
	MessageRequests bool
	// OnlineExpiry is how long a message with expiry 0 waits for a connected recipient.
	OnlineExpiry time.Duration
	// Limits are those that SetLimits can change.
	Limits Limits
	// Foreign is called on the writer's goroutine when another process has written. It must not block.
	Foreign func()
	// Listing says whose profiles a user sees. Default: everyone's.
	Listing accounts.Listing
	// Acquainted is called on the writer's goroutine with users who see another profile from now on. It must not block.
	// nil: nothing.
	Acquainted func(uids []uint32)
	// GroupChanged is called on the writer's goroutine when a group has changed. It must not block. nil: nothing.
	GroupChanged func(gid uint32, members CallMembers)
}

// Limits are what a running Log can be made to do otherwise.
type Limits struct {
	// RetractWindow is the maximum age of a message that is recalled or modified. Negative: any age.
	RetractWindow time.Duration
	// Retention says what is kept.
	Retention Retention
}

// Log appends to the logs of users, in one goroutine, and reads them. Its methods may be called from any goroutine.
type Log struct {
	writer

	record  record.Record // immutable, like all
	hub     Hub
	webhook Webhook
	metrics Metrics
	log     *slog.Logger
	clock   func() time.Time
	limit   uint64 // undelivered events per user
	share   uint64 // of them, from one stranger
	// requests: messages to users who have never written to their sender have to be accepted.
	requests bool
	online   time.Duration
	foreign  func()
	changed  func(gid uint32, members CallMembers)

	listing    accounts.Listing
	acquainted func(uids []uint32)

	groups  *groupCache
	blocks  *blockCache
	privacy *privacyCache
	sweeper *sweeper
	limits  atomic.Pointer[Limits]
	usage   usage
	erased  atomic.Bool // content was removed since the last Tidy
}

// New loads the blocks. The caller must start Write and Sweep.
func New(ctx context.Context, c *Config) (*Log, error) {
	l := &Log{
		writer: newWriter(), record: c.Record, hub: c.Hub, webhook: c.Webhook, metrics: c.Metrics, log: c.Logger,
		clock: c.Clock, limit: uint64(c.MaxUndelivered), share: uint64(c.MaxFromStranger),
		requests: c.MessageRequests, online: c.OnlineExpiry, foreign: c.Foreign,
		listing: c.Listing, acquainted: c.Acquainted,
		changed: c.GroupChanged, usage: usage{bytes: make(map[uint32]int64)},
	}
	l.SetLimits(c.Limits)
	if l.share == 0 {
		l.share = l.limit
	}
	if l.listing == "" {
		l.listing = accounts.ListAll
	}
	if l.acquainted == nil {
		l.acquainted = func([]uint32) {}
	}
	if l.changed == nil {
		l.changed = func(uint32, CallMembers) {}
	}
	l.groups, l.privacy = &groupCache{record: c.Record}, &privacyCache{adders: wire.VisibilityPublic}
	if l.requests { // else strangers would write in groups
		l.privacy.adders = wire.VisibilityContact
	}
	last, err := l.newest(ctx)
	if err != nil {
		return nil, err
	}
	l.sweeper = newSweeper(l, last, c.Elapsed)
	if l.blocks, err = loadBlocks(ctx, c.Record); err != nil {
		return nil, err
	}
	return l, nil
}

// SetLimits changes the limits. What is not to be kept any more is removed in the next round.
func (l *Log) SetLimits(limits Limits) { l.limits.Store(&limits) }

// RetractWindow returns the maximum age of a message that is recalled or modified. Negative: any age.
func (l *Log) RetractWindow() time.Duration { return l.limits.Load().RetractWindow }

// newest returns the time of the newest message, the zero time if there is none.
func (l *Log) newest(ctx context.Context) (at time.Time, err error) {
	err = l.record.View(ctx, func(read record.Reader) error {
		return read.Query(`SELECT coalesce(max(mid), 0) FROM msgs`, nil, func(row record.Row) error {
			var mid int64
			if err := row.Scan(&mid); err != nil {
				return fmt.Errorf("find newest message: %w", err)
			}
			if mid > 0 {
				at = wire.MessageTime(uint64(mid))
			}
			return nil
		})
	})
	return at, err
}

// Now returns the time by the server's clock.
func (l *Log) Now() time.Time { return l.clock() }
