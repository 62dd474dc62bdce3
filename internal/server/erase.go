package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"sync"
	"time"

	"github.com/parley-chat/parley/internal/dirlock"
	"github.com/parley-chat/parley/internal/server/eventlog"
	"github.com/parley-chat/parley/internal/server/metrics"
	"github.com/parley-chat/parley/internal/server/record/sqlite"
)

// EraseUser erases a user of a data folder: see accounts.Accounts.EraseUser. If a server uses the folder, that removes the
// messages within a minute, and done is false.
func EraseUser(ctx context.Context, dir, address string, everywhere bool) (done bool, err error) {
	a, err := OpenAccounts(dir)
	if err != nil {
		return false, err
	}
	if err := errors.Join(a.EraseUser(ctx, address, everywhere), a.Close()); err != nil {
		return false, err
	}
	unlock, err := dirlock.Lock(ctx, dir)
	if errors.Is(err, ErrDirInUse) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if err := errors.Join(eraseUsers(ctx, dir), unlock()); err != nil {
		return false, fmt.Errorf("erase %q: %w", address, err)
	}
	return true, nil
}

// eraseUsers does it without a server, which would also collect files, perhaps in a bucket.
func eraseUsers(ctx context.Context, dir string) error {
	rec, err := sqlite.Open(dir, sqlite.Options{})
	if err != nil {
		return err
	}
	log, err := eventlog.New(ctx, &eventlog.Config{
		Record: rec, Hub: noHub{}, Metrics: metrics.New(), Logger: slog.New(slog.DiscardHandler), Clock: time.Now,
		MaxUndelivered: math.MaxInt, Limits: eventlog.Limits{RetractWindow: -1}, Foreign: func() {},
	})
	if err != nil {
		return errors.Join(err, rec.Close())
	}
	writeCtx, stop := context.WithCancel(context.WithoutCancel(ctx))
	var writing sync.WaitGroup
	writing.Go(func() { log.Write(writeCtx) })
	err = log.EraseUsers(ctx)
	stop()
	writing.Wait()
	return errors.Join(err, rec.Close())
}

// noHub is the hub of a log without connections.
type noHub struct{}

func (noHub) Publish([]eventlog.Push)       {}
func (noHub) Online(uint32) bool            { return false }
func (noHub) InTransit(uint32, uint64) bool { return false }
func (noHub) Wake(uint32)                   {}
