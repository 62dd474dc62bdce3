package eventlog_test

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/server/eventlog"
	"github.com/parley-chat/parley/internal/server/record/sqlite"
	"github.com/parley-chat/parley/internal/wire"
)

// nobodyOnline stands for a gateway without connections.
type nobodyOnline struct{}

func (nobodyOnline) Publish([]eventlog.Push)       {}
func (nobodyOnline) Online(uint32) bool            { return false }
func (nobodyOnline) InTransit(uint32, uint64) bool { return false }
func (nobodyOnline) Wake(uint32)                   {}

// noMetrics counts nothing.
type noMetrics struct{}

func (noMetrics) Committed(int, time.Duration) {}
func (noMetrics) Refused(string)               {}

// start runs a log on an empty record. clock is the log's, txClock the record's.
func start(t *testing.T, clock, txClock func() time.Time) (*sqlite.Record, *eventlog.Log) {
	t.Helper()
	rec, err := sqlite.Open(t.TempDir(), sqlite.Options{Clock: txClock})
	if err != nil {
		t.Fatal(err)
	}
	l, err := eventlog.New(t.Context(), &eventlog.Config{
		Record: rec, Hub: nobodyOnline{}, Metrics: noMetrics{}, Logger: slog.New(slog.DiscardHandler), Clock: clock,
		MaxUndelivered: 1000, Limits: eventlog.Limits{RetractWindow: -1}, Foreign: func() {},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	var writing sync.WaitGroup
	writing.Go(func() { l.Write(ctx) })
	t.Cleanup(func() {
		cancel()
		writing.Wait()
		if err := rec.Close(); err != nil {
			t.Error(err)
		}
	})
	return rec, l
}

// TestSend_id_clash_when_the_second_changes: an id that was looked up for one second is not taken for free in the next,
// in which the transaction starts.
func TestSend_id_clash_when_the_second_changes(t *testing.T) {
	t.Parallel()
	second := time.Unix(1_700_000_000, 0)
	var later atomic.Int64
	_, l := start(t, func() time.Time { return second },
		func() time.Time { return second.Add(time.Duration(later.Load())) })
	for i := range byte(3) {
		if i == 2 { // the first two have this second and the next
			later.Store(int64(time.Second))
		}
		nonce := make([]byte, wire.NonceSize)
		nonce[0] = i
		s := &eventlog.Send{
			Message: &wire.Send{Id: 7, Nonce: nonce, Peer: "b", Expiry: -1, Content: &wire.Content{Data: []byte("x")}},
			Sender:  accounts.UserRef{UID: 1, Address: "a"}, Peer: &accounts.UserRef{UID: 2, Address: "b"},
		}
		if err := l.Commit(s); err != nil || s.Reply.GetStatus() != wire.StatusSent {
			t.Fatalf("message %d: got %v, error %v", i, s.Reply, err)
		}
	}
}

// TestGroup_with_text_of_an_older_server: a picture's URL with NUL, which once was accepted, does not keep the group
// from being changed.
func TestGroup_with_text_of_an_older_server(t *testing.T) {
	t.Parallel()
	rec, l := start(t, time.Now, time.Now)
	for _, q := range []string{
		`INSERT INTO users(uid, address, folded, name, created, rev) VALUES(1, 'a', 'a', 'a', 0, 1)`,
		`INSERT INTO groups(gid, creator, nonce, name, status, flags, expiry, picture_url, created, changed, deleted, rev)
			VALUES(5, 1, x'00', 'n', '', 0, -1, 'x' || char(0) || 'y', 0, 0, 0, 1)`,
		`INSERT INTO members(gid, uid, flags, admin, joined, place) VALUES(5, 1, 255, 4095, 0, 1)`,
	} {
		if err := rec.ORM().WithContext(t.Context()).Exec(q).Error; err != nil {
			t.Fatal(err)
		}
	}
	name := "new"
	op := &eventlog.GroupOp{
		Actor:  accounts.UserRef{UID: 1, Address: "a"},
		Action: &eventlog.SetGroup{GID: 5, Fields: eventlog.GroupFields{Name: &name}},
	}
	if err := l.Commit(op); err != nil || op.Refused != nil || op.Reply.GetGroup().GetName() != name {
		t.Errorf("got %v, refused %v, error %v", op.Reply, op.Refused, err)
	}
}
