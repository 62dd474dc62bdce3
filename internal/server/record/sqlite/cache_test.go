package sqlite

import "testing"

// A server with few users keeps less of its database in memory, all connections together.
func TestOpen_cache(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		small          bool
		writer, reader int // KiB
	}{{false, 16 << 10, 8 << 10}, {true, 2 << 10, 1 << 10}} {
		r, err := Open(t.TempDir(), Options{SmallCache: test.small})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := r.Close(); err != nil {
				t.Error(err)
			}
		})
		if err := r.writer.connect(t.Context()); err != nil {
			t.Fatal(err)
		}
		const query = "PRAGMA cache_size" // negative: in KiB
		var writer, reader int
		if err := r.writer.conn.QueryRowContext(t.Context(), query).Scan(&writer); err != nil {
			t.Fatal(err)
		}
		if err := r.reader.db.QueryRowContext(t.Context(), query).Scan(&reader); err != nil {
			t.Fatal(err)
		}
		if writer != -test.writer || reader != -test.reader {
			t.Errorf("small %v: caches of %d and %d KiB, want %d and %d", test.small, -writer, -reader, test.writer, test.reader)
		}
	}
}
