package server

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"gorm.io/gorm"
)

const (
	// collectInterval is how often files are looked through.
	collectInterval = time.Hour
	// collectChunk is how many files one change takes away.
	collectChunk = 500
	// unusedLife is how long a file stays that nothing refers to.
	unusedLife = 24 * time.Hour
)

// collector takes away what is not needed any more: files that nothing refers to, uploads that were not finished in
// time, and the content of both. The database decides; content that outlasts a crash is on a list in it.
type collector struct {
	s     *Server
	db    *gorm.DB
	log   *slog.Logger
	awake chan struct{}
}

func newCollector(s *Server) *collector {
	return &collector{s: s, db: s.reader, log: s.log, awake: make(chan struct{}, 1)}
}

// poke tells the collector that there is trash.
func (c *collector) poke() {
	select {
	case c.awake <- struct{}{}:
	default:
	}
}

// run works until ctx ends.
func (c *collector) run(ctx context.Context) {
	dbCtx := context.WithoutCancel(ctx)
	report := func(err error) {
		if err != nil {
			c.log.Warn("collect files", slog.Any("error", err))
		}
	}
	report(c.sweepStrays(ctx, dbCtx))
	report(c.collect(ctx, dbCtx))
	every := time.NewTicker(collectInterval)
	defer every.Stop()
	for {
		select {
		case <-every.C:
			report(c.collect(ctx, dbCtx))
		case <-c.awake:
			report(c.emptyTrash(ctx, dbCtx))
		case <-ctx.Done():
			return
		}
	}
}

// collect goes through all files once.
func (c *collector) collect(ctx, dbCtx context.Context) error {
	now := c.s.opts.Clock()
	if err := c.endRefs(ctx, dbCtx, now.UnixMilli()); err != nil {
		return err
	}
	err := c.each(ctx, func(after fileID) ([]condemned, error) {
		return c.find(dbCtx, `SELECT id FROM files WHERE done = 0 AND expires <= ? AND id > ? ORDER BY id LIMIT ?`,
			now.UnixMilli(), after, collectChunk)
	}, func(list []condemned) error {
		for _, f := range list {
			<-c.s.transfers.interrupt(f.ID)
		}
		return c.remove(list, "expired", now)
	})
	if err != nil {
		return err
	}
	err = c.each(ctx, func(after fileID) ([]condemned, error) {
		return c.find(dbCtx, `SELECT f.id, f.hash FROM files f WHERE f.done BETWEEN 1 AND ? AND f.id > ?
			AND NOT EXISTS(SELECT 1 FROM refs r WHERE r.file = f.id) ORDER BY f.id LIMIT ?`,
			now.Add(-unusedLife).UnixMilli(), after, collectChunk)
	}, func(list []condemned) error { return c.remove(list, "unused", now) })
	if err != nil {
		return err
	}
	return c.emptyTrash(ctx, dbCtx)
}

// each goes through a table a chunk at a time.
func (c *collector) each(ctx context.Context, next func(after fileID) ([]condemned, error), take func([]condemned) error) error {
	var after fileID
	for ctx.Err() == nil {
		list, err := next(after)
		if err != nil || len(list) == 0 {
			return err
		}
		if err := take(list); err != nil {
			return err
		}
		after = list[len(list)-1].ID
	}
	return nil
}

func (c *collector) find(ctx context.Context, query string, args ...any) ([]condemned, error) {
	var list []condemned
	if err := c.db.WithContext(ctx).Raw(query, args...).Scan(&list).Error; err != nil {
		return nil, fmt.Errorf("find files: %w", err)
	}
	return list, nil
}

func (c *collector) remove(list []condemned, why string, now time.Time) error {
	if err := c.s.removeFiles(list, now.UnixMilli()); err != nil {
		return err
	}
	for range list {
		c.s.metrics.file(why)
	}
	return nil
}

// endRefs ends the references of files that go with their message.
func (c *collector) endRefs(ctx, dbCtx context.Context, now int64) error {
	for ctx.Err() == nil {
		list, err := c.find(dbCtx, `SELECT DISTINCT file AS id FROM refs WHERE exp > 0 AND exp <= ? LIMIT ?`, now, collectChunk)
		if err != nil || len(list) == 0 {
			return err
		}
		err = c.s.writeFiles(func(_ context.Context, b *batch) error {
			for _, f := range list {
				b.update(`DELETE FROM refs WHERE file = ? AND exp > 0 AND exp <= ?`, string(f.ID), now)
				// As if it had been there for long.
				b.update(`UPDATE files SET done = 1 WHERE id = ? AND done > 0 AND NOT EXISTS(SELECT 1 FROM refs WHERE file = files.id)`,
					string(f.ID))
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// emptyTrash removes the content that is on the list.
func (c *collector) emptyTrash(ctx, dbCtx context.Context) error {
	after := ""
	for ctx.Err() == nil {
		var keys []string
		err := c.db.WithContext(dbCtx).Raw(`SELECT key FROM trash WHERE key > ? ORDER BY key LIMIT ?`, after, collectChunk).
			Scan(&keys).Error
		if err != nil {
			return fmt.Errorf("read trash: %w", err)
		}
		if len(keys) == 0 {
			return nil
		}
		after = keys[len(keys)-1]
		var gone []any
		for _, key := range keys {
			if err := c.s.files.remove(ctx, key); err != nil {
				c.log.Warn("remove file", slog.Any("error", err)) // it stays on the list
				continue
			}
			gone = append(gone, key)
		}
		if len(gone) == 0 {
			continue
		}
		err = c.s.writeFiles(func(_ context.Context, b *batch) error {
			b.update(`DELETE FROM trash WHERE key IN (?`+strings.Repeat(",?", len(gone)-1)+`)`, gone...)
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// sweepStrays removes what is in the folder and not in the database: what a crash has left between the two.
func (c *collector) sweepStrays(ctx, dbCtx context.Context) error {
	list, err := c.s.files.strays(c.s.opts.Clock().Add(-unusedLife))
	if err != nil {
		return err
	}
	for _, id := range list {
		select {
		case <-ctx.Done():
			return nil
		default:
		}
		var known int
		// With a bucket only what is unfinished belongs into the folder.
		err := c.db.WithContext(dbCtx).Raw(`SELECT (SELECT count(*) FROM files WHERE id = ? AND done = 0) +
			(SELECT count(*) FROM blobs WHERE key = ? AND ?)`, string(id), string(id), c.s.files.bucket == nil).Scan(&known).Error
		if err != nil {
			return fmt.Errorf("look up file: %w", err)
		}
		if known == 0 {
			if err := removeFile(c.s.files.path(string(id))); err != nil {
				return err
			}
			c.log.Info("removed a stray file", slog.String("file", string(id)))
		}
	}
	return nil
}
