package backup

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/parley-chat/parley/internal/dirlock"
	"github.com/parley-chat/parley/internal/server/record"
	"github.com/parley-chat/parley/internal/server/record/sqlite"
)

// Problem is something that is not as it should be in a data folder.
type Problem struct {
	Text string
	// Lesser problems do not concern messages: content of files that is missing, which may be in a bucket.
	Lesser bool
}

// Check looks for problems in a data folder or a backup: in the file of the database, in its indexes as well if full is
// true, and among its rows. A server may go on using the folder.
func Check(ctx context.Context, dir string, full bool) (problems []Problem, err error) {
	c := &checker{dir: dir}
	damage, err := sqlite.Inspect(ctx, dir, full, c.run)
	for _, d := range damage {
		problems = append(problems, Problem{Text: "the database is damaged: " + d})
	}
	return append(problems, c.problems...), err
}

type checker struct {
	dir      string // immutable
	problems []Problem
}

// rule is a query for rows that should not exist; its one column says which.
type rule struct{ text, query string }

// Versions of the layout since which there is what rules are about.
const (
	withFiles     = 3
	withStretches = 19
)

// rules hold at any moment between two transactions. Those about later tables are for databases that have them.
func rules(version int) []rule {
	list := []rule{
		{"the log of user %s does not end where its head says", `SELECT h.uid FROM heads h WHERE h.last <> coalesce(
			(SELECT max(e.id) & 4294967295 FROM events e WHERE e.id > h.uid << 32 AND e.id < (h.uid + 1) << 32), h.floor)`},
		{"the log of user %s has a gap", `SELECT h.uid FROM heads h WHERE h.last - h.floor <> (SELECT count(*) FROM events e
			WHERE e.id > h.uid << 32 AND e.id < (h.uid + 1) << 32)`},
		{"user %s has events without a head", `SELECT DISTINCT e.id >> 32 FROM events e
			WHERE NOT EXISTS (SELECT 1 FROM heads h WHERE h.uid = e.id >> 32)`},
		{"more is delivered to user %s than there is", `SELECT uid FROM heads WHERE delivered > last OR floor > last`},
		{"an event of user %s is about a message that does not exist", `SELECT DISTINCT e.id >> 32 FROM events e
			WHERE e.mid >= (SELECT min(mid) FROM msgs) AND e.body IS NULL
			AND NOT EXISTS (SELECT 1 FROM msgs m WHERE m.mid = e.mid)`},
		{"an event of user %s is empty", `SELECT DISTINCT id >> 32 FROM events WHERE mid IS NULL AND body IS NULL`},
		{"a repeated message of user %s would be answered with an event that does not exist", `SELECT DISTINCT d.uid
			FROM dedups d LEFT JOIN heads h ON h.uid = d.uid WHERE d.seq > coalesce(h.last, 0)`},
		{"user %s has read more than there is", `SELECT DISTINCT r.uid FROM reads r LEFT JOIN heads h ON h.uid = r.uid
			WHERE r.up_to > coalesce(h.last, 0)`},
		{"a token is of user %s, who does not exist", `SELECT DISTINCT uid FROM tokens
			WHERE uid NOT IN (SELECT uid FROM users)`},
	}
	if version >= withFiles {
		list = append(list, []rule{
			{"something refers to the file %s, which does not exist", `SELECT DISTINCT file FROM refs
				WHERE file NOT IN (SELECT id FROM files)`},
			{"the file %s has no content", `SELECT id FROM files WHERE done > 0 AND hash NOT IN (SELECT hash FROM blobs)`},
		}...)
	}
	if version >= withStretches {
		list = append(list, rule{
			"a message of user %s would not be found in the history", `SELECT DISTINCT e.id >> 32
			FROM events e JOIN msgs m ON m.mid = e.mid WHERE e.kind IN (1, 2) AND NOT EXISTS (SELECT 1 FROM stretches s
			WHERE s.uid = e.id >> 32 AND s.stretch = (e.id & 4294967295) >> 8 AND s.chat = CASE WHEN m.gid <> 0 THEN -m.gid
			WHEN m.sender = e.id >> 32 THEN m.peer ELSE m.sender END)`,
		})
	}
	return list
}

// mostReported is how many rows of one kind are reported.
const mostReported = 10

func (c *checker) run(read record.Reader) error {
	version := 0
	err := read.Query(`SELECT user_version FROM pragma_user_version`, nil, func(row record.Row) error { return row.Scan(&version) })
	if err != nil {
		return fmt.Errorf("read schema version: %w", err)
	}
	for _, r := range rules(version) {
		n := 0
		err := read.Query(r.query, nil, func(row record.Row) error {
			var what string
			if err := row.Scan(&what); err != nil {
				return fmt.Errorf("check: %w", err)
			}
			if n++; n <= mostReported {
				c.report(false, r.text, what)
			}
			return nil
		})
		if err != nil {
			return err
		}
		if n > mostReported {
			c.report(false, "the same %d times more", n-mostReported)
		}
	}
	if version < withFiles {
		return nil
	}
	return c.content(read)
}

func (c *checker) report(lesser bool, text string, args ...any) {
	c.problems = append(c.problems, Problem{Text: fmt.Sprintf(text, args...), Lesser: lesser})
}

// content looks for the content of files.
func (c *checker) content(read record.Reader) error {
	missing, found := 0, 0
	const query = `SELECT b.key, (SELECT f.size FROM files f WHERE f.hash = b.hash LIMIT 1) FROM blobs b ORDER BY b.key`
	err := read.Query(query, nil, func(row record.Row) error {
		var (
			key  string
			size *int64
		)
		if err := row.Scan(&key, &size); err != nil {
			return fmt.Errorf("check files: %w", err)
		}
		if len(key) <= shardDigits {
			c.report(false, "a file has the key %q", key)
			return nil
		}
		info, err := os.Stat(filepath.Join(c.dir, filesDir, key[:shardDigits], key))
		switch {
		case errors.Is(err, fs.ErrNotExist):
			missing++
			return nil
		case err != nil:
			return fmt.Errorf("check files: %w", err)
		case size != nil && info.Size() != *size:
			c.report(true, "the file %s has %d bytes instead of %d", key, info.Size(), *size)
		}
		found++
		return nil
	})
	if err != nil {
		return err
	}
	if missing > 0 {
		c.report(true, "the content of %d of %d files is not in the folder; where files are in a bucket this is as it should be",
			missing, missing+found)
	}
	return nil
}

// Compact makes the database smaller: as much as possible, or, while a server uses the folder, as far as it does not
// disturb it. It returns the size before and after.
func Compact(ctx context.Context, dir string) (before, after int64, err error) {
	if before, err = databaseSize(dir); err != nil {
		return 0, 0, err
	}
	unlock, err := dirlock.Lock(ctx, dir)
	switch {
	case errors.Is(err, dirlock.ErrInUse):
		err = sqlite.Shrink(ctx, dir)
	case err == nil:
		err = errors.Join(sqlite.Compact(ctx, dir), unlock())
	}
	if err != nil {
		return 0, 0, fullError(err, dir)
	}
	after, err = databaseSize(dir)
	return before, after, err
}

func databaseSize(dir string) (size int64, err error) {
	for i, name := range sqlite.Files() {
		info, err := os.Stat(filepath.Join(dir, name))
		switch {
		case err == nil:
			size += info.Size()
		case i == 0 || !errors.Is(err, fs.ErrNotExist):
			return 0, fmt.Errorf("look at database: %w", err)
		}
	}
	return size, nil
}
