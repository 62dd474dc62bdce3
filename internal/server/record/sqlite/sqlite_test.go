package sqlite_test

import (
	"testing"

	"github.com/parley-chat/parley/internal/server/record"
	"github.com/parley-chat/parley/internal/server/record/recordtest"
	"github.com/parley-chat/parley/internal/server/record/sqlite"
)

func TestRecord(t *testing.T) {
	t.Parallel()
	recordtest.Run(t, func(t *testing.T, dir string) record.Record {
		t.Helper()
		rec, err := sqlite.Open(dir, sqlite.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return rec
	})
}
