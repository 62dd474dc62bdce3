package files

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/parley-chat/parley/internal/server/eventlog"
	"github.com/parley-chat/parley/internal/server/fileref"
	"github.com/parley-chat/parley/internal/server/record"
)

const (
	// collectInterval is how often all files are checked.
	collectInterval = time.Hour
	// collectChunk is how many files one change removes.
	collectChunk = 500
	// unusedLife is how long an unreferenced file is kept.
	unusedLife = 24 * time.Hour
)

// collector removes unreferenced files, expired uploads, and the content of both. The database lists the content to
// delete, so that a crash loses nothing.
type collector struct {
	s      *Service // immutable, like wakeup
	wakeup chan struct{}
}

func newCollector(s *Service) *collector { return &collector{s: s, wakeup: make(chan struct{}, 1)} }

// wake makes the collector empty the trash.
func (c *collector) wake() {
	select {
	case c.wakeup <- struct{}{}:
	default:
	}
}

// Collect runs the collector at once and then every hour, until ctx ends.
func (s *Service) Collect(ctx context.Context) {
	c := s.collector
	report := func(err error) {
		if err != nil && ctx.Err() == nil {
			c.s.c.Logger.Warn("collect files", slog.Any("error", err))
		}
	}
	report(c.sweepStrays(ctx))
	report(s.CollectOnce(ctx))
	every := time.NewTicker(collectInterval)
	defer every.Stop()
	for {
		select {
		case <-every.C:
			report(s.CollectOnce(ctx))
		case <-c.wakeup:
			report(c.emptyTrash(ctx))
		case <-ctx.Done():
			return
		}
	}
}

// CollectOnce checks all files once, unless another process is doing so.
func (s *Service) CollectOnce(ctx context.Context) error {
	_, err := s.c.Record.Once(ctx, "collect files", s.collector.collect)
	return err
}

// collect checks all files once.
func (c *collector) collect(ctx context.Context) error {
	now := c.s.c.Clock()
	if err := c.endRefs(ctx, now.UnixMilli()); err != nil {
		return err
	}
	err := c.each(ctx, func(after fileref.ID) ([]eventlog.Condemned, error) {
		return c.find(ctx, false, `SELECT id FROM files WHERE done = 0 AND expires <= ? AND id > ? ORDER BY id LIMIT ?`,
			now.UnixMilli(), string(after), collectChunk)
	}, func(list []eventlog.Condemned) error {
		for _, f := range list {
			<-c.s.transfers.interrupt(f.ID)
		}
		return c.remove(list, "expired", now)
	})
	if err != nil {
		return err
	}
	err = c.each(ctx, func(after fileref.ID) ([]eventlog.Condemned, error) {
		return c.find(ctx, true, `SELECT f.id, f.hash FROM files f WHERE f.done BETWEEN 1 AND ? AND f.id > ?
			AND NOT EXISTS(SELECT 1 FROM refs r WHERE r.file = f.id) ORDER BY f.id LIMIT ?`,
			now.Add(-unusedLife).UnixMilli(), string(after), collectChunk)
	}, func(list []eventlog.Condemned) error { return c.remove(list, "unused", now) })
	if err != nil {
		return err
	}
	return c.emptyTrash(ctx)
}

// each calls handle for chunks of a table, as returned by next.
func (c *collector) each(
	ctx context.Context, next func(after fileref.ID) ([]eventlog.Condemned, error),
	handle func([]eventlog.Condemned) error,
) error {
	var after fileref.ID
	for ctx.Err() == nil {
		list, err := next(after)
		if err != nil || len(list) == 0 {
			return err
		}
		if err := handle(list); err != nil {
			return err
		}
		after = list[len(list)-1].ID
	}
	return nil
}

// find runs a query for ids and, if hashed is true, hashes.
func (c *collector) find(ctx context.Context, hashed bool, query string, args ...any) ([]eventlog.Condemned, error) {
	var list []eventlog.Condemned
	err := c.s.c.Record.View(ctx, func(read record.Reader) error {
		return read.Query(query, args, func(row record.Row) error {
			var f eventlog.Condemned
			dest := []any{&f.ID}
			if hashed {
				dest = append(dest, &f.Hash)
			}
			if err := row.Scan(dest...); err != nil {
				return fmt.Errorf("find files: %w", err)
			}
			list = append(list, f)
			return nil
		})
	})
	return list, err
}

func (c *collector) remove(list []eventlog.Condemned, why string, now time.Time) error {
	if err := c.s.c.Log.RemoveFiles(list, now.UnixMilli()); err != nil {
		return err
	}
	for range list {
		c.s.c.Metrics.File(why)
	}
	return nil
}

// endRefs removes the expired references of files that end with their message.
func (c *collector) endRefs(ctx context.Context, now int64) error {
	for ctx.Err() == nil {
		const query = `SELECT DISTINCT file FROM refs WHERE exp > 0 AND exp <= ? LIMIT ?`
		list, err := c.find(ctx, false, query, now, collectChunk)
		if err != nil || len(list) == 0 {
			return err
		}
		ids := make([]fileref.ID, len(list))
		for i := range list {
			ids[i] = list[i].ID
		}
		err = c.s.c.Log.EndRefs(ids, now)
		if err != nil {
			return err
		}
	}
	return nil
}

// emptyTrash deletes the content on the list.
func (c *collector) emptyTrash(ctx context.Context) error {
	after := ""
	for ctx.Err() == nil {
		var keys []string
		err := c.s.c.Record.View(ctx, func(read record.Reader) error {
			return read.Query(`SELECT key FROM trash WHERE key > ? ORDER BY key LIMIT ?`, []any{after, collectChunk},
				func(row record.Row) error {
					var key string
					if err := row.Scan(&key); err != nil {
						return fmt.Errorf("read trash: %w", err)
					}
					keys = append(keys, key)
					return nil
				})
		})
		if err != nil {
			return err
		}
		if len(keys) == 0 {
			return nil
		}
		after = keys[len(keys)-1]
		var gone []string
		for _, key := range keys {
			if err := c.s.blobs.remove(ctx, key); err != nil {
				c.s.c.Logger.Warn("remove file", slog.Any("error", err)) // it stays on the list
				continue
			}
			gone = append(gone, key)
		}
		if len(gone) == 0 {
			continue
		}
		err = c.s.c.Log.EmptyTrash(gone)
		if err != nil {
			return err
		}
	}
	return nil
}

// sweepStrays removes files from the folder that are not in the database, which a crash can leave behind.
func (c *collector) sweepStrays(ctx context.Context) error {
	list, err := c.s.blobs.strays(c.s.c.Clock().Add(-unusedLife))
	if err != nil {
		return err
	}
	for _, id := range list {
		select {
		case <-ctx.Done():
			return nil
		default:
		}
		known, err := c.isKnown(ctx, id)
		if err != nil {
			return err
		}
		if !known {
			if err := removeFile(c.s.blobs.path(string(id))); err != nil {
				return err
			}
			c.s.c.Logger.Info("removed a stray file", slog.String("file", string(id)))
		}
	}
	return nil
}

// isKnown reports whether a file belongs in the folder. With a bucket only unfinished files do.
func (c *collector) isKnown(ctx context.Context, id fileref.ID) (known bool, err error) {
	found := func(record.Row) error { //nolint:unparam // the contract
		known = true
		return nil
	}
	err = c.s.c.Record.View(ctx, func(read record.Reader) error {
		err := read.Query(`SELECT 1 FROM files WHERE id = ? AND done = 0`, []any{string(id)}, found)
		if err == nil && c.s.blobs.bucket == nil {
			err = read.Query(`SELECT 1 FROM blobs WHERE key = ?`, []any{string(id)}, found)
		}
		return err
	})
	return known, err
}
