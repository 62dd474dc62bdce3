package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"sync"

	"github.com/glebarez/sqlite"

	"github.com/parley-chat/parley/internal/server/record"
)

// readerConns is the number of reading connections and goroutines.
const readerConns = 4

// reader runs views on a few goroutines of its own. SQLite needs deep stacks, and a goroutine's stack stays large for
// long; this keeps the stacks of the many idle connections small.
type reader struct {
	db    *sql.DB // immutable, like all up to start
	jobs  chan func(context.Context)
	ended context.Context //nolint:containedctx // ends the workers; they outlive every call
	end   context.CancelFunc
	start sync.Once
	wg    sync.WaitGroup
}

func openReader(path, cache string) (*reader, error) {
	const query = "_pragma=busy_timeout(10000)&_pragma=query_only(1)"
	db, err := sql.Open(sqlite.DriverName, dsn(path, query+cache))
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	db.SetMaxOpenConns(readerConns)
	db.SetMaxIdleConns(readerConns)
	r := &reader{db: db, jobs: make(chan func(context.Context))}
	r.ended, r.end = context.WithCancel(context.Background())
	return r, nil
}

func (r *reader) work() {
	for {
		select {
		case job := <-r.jobs:
			job(context.WithoutCancel(r.ended)) // a cancelable context costs the driver a goroutine per statement
		case <-r.ended.Done():
			return
		}
	}
}

func (r *reader) view(ctx context.Context, f func(record.Reader) error) error {
	r.start.Do(func() {
		for range readerConns {
			r.wg.Go(r.work)
		}
	})
	done := make(chan error, 1)
	select {
	case r.jobs <- func(ctx context.Context) { done <- r.run(ctx, f) }:
		return <-done
	case <-r.ended.Done():
		return record.ErrClosed
	case <-ctx.Done():
		return fmt.Errorf("read: %w", ctx.Err())
	}
}

func (r *reader) run(ctx context.Context, f func(record.Reader) error) error {
	tx, err := r.db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("read: %w", err)
	}
	err = f(&querier{ctx: ctx, db: tx})
	if e := tx.Rollback(); e != nil && err == nil {
		err = fmt.Errorf("read: %w", e)
	}
	return err
}

func (r *reader) close() error {
	r.end()
	r.wg.Wait()
	if err := r.db.Close(); err != nil {
		return fmt.Errorf("close database: %w", err)
	}
	return nil
}

// querier reads with a transaction or a connection.
type querier struct {
	ctx context.Context //nolint:containedctx // for all queries of the transaction
	db  interface {
		QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	}
}

// Query implements record.Reader.
func (q *querier) Query(text string, args []any, each func(record.Row) error) error {
	if err := checkText(args); err != nil {
		return err
	}
	rows, err := q.db.QueryContext(q.ctx, text, args...)
	if err != nil {
		return fmt.Errorf("read: %w", err)
	}
	defer func() { _ = rows.Close() }() // its error is that of Err
	for rows.Next() {
		if err := each(rows); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read: %w", err)
	}
	return nil
}

// checkText refuses texts that PostgreSQL could not store, so that all implementations behave the same.
func checkText(args []any) error {
	for _, a := range args {
		if s, ok := a.(string); ok && !record.ValidText(s) {
			return record.ErrText
		}
	}
	return nil
}
