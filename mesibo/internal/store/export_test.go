package store

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm/logger"
)

// watcher is a GORM logger that reports each query with its values.
type watcher struct {
	logger.Interface

	seen func(query string)
}

func (w watcher) LogMode(logger.LogLevel) logger.Interface { return w } //nolint:ireturn // as logger.Interface has it

func (w watcher) Trace(_ context.Context, _ time.Time, query func() (string, int64), _ error) {
	text, _ := query()
	w.seen(text)
}

// Watch reports every query from now on that goes through GORM.
func (s *Store) Watch(seen func(query string)) {
	w := watcher{Interface: logger.Discard, seen: seen}
	s.w.Logger, s.r.Logger = w, w
}

// Explain says how SQLite would run a query.
func (s *Store) Explain(t *testing.T, query string) []string {
	t.Helper()
	if strings.HasPrefix(query, "PRAGMA") || strings.HasPrefix(query, "INSERT") {
		return nil
	}
	pool, err := s.w.DB()
	if err != nil {
		t.Fatal(err)
	}
	rows, err := pool.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+query)
	if err != nil {
		t.Fatalf("%v in %s", err, query)
	}
	defer func() {
		if err := rows.Close(); err != nil {
			t.Error(err)
		}
	}()
	var steps []string
	for rows.Next() {
		var id, parent, unused int
		var step string
		if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
			t.Fatal(err)
		}
		steps = append(steps, step)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return steps
}

// Limit bounds the database to the pages it has and a few more, as a full disk would.
func (s *Store) Limit(t *testing.T, more int) {
	t.Helper()
	var pages int
	if err := s.w.Raw("PRAGMA page_count").Scan(&pages).Error; err != nil {
		t.Fatal(err)
	}
	if err := s.w.Exec(fmt.Sprintf("PRAGMA max_page_count = %d", pages+more)).Error; err != nil {
		t.Fatal(err)
	}
}

// IndexSome indexes some messages and reports whether there may be more.
func (s *Store) IndexSome() (more bool, err error) { return s.indexSome() }

// Tidy empties the write-ahead log.
func (s *Store) Tidy() (done bool, err error) { return s.tidy() }

// Migrations returns the statements that bring a database to each version.
func Migrations() [][]string { return migrations[:] }
