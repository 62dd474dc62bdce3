package store_test

import (
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parley-chat/parley/mesibo/internal/store"
)

// upgradeVariable makes this program a child process that opens the database which it names, and is killed by a test.
const upgradeVariable = "PARLEY_STORE_UPGRADE"

func TestMain(m *testing.M) {
	path := os.Getenv(upgradeVariable)
	if path == "" {
		os.Exit(m.Run())
	}
	fmt.Println("ready")
	s, err := store.Open(path, "", slog.New(slog.DiscardHandler))
	if err == nil {
		err = s.Close()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// layouts returns what each version of the database adds to the one before, as it was released.
func layouts(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "layouts.sql"))
	if err != nil {
		t.Fatal(err)
	}
	steps := strings.Split(string(text), "\n-- version ")[1:]
	for i := range steps {
		_, steps[i], _ = strings.Cut(steps[i], "\n")
	}
	return steps
}

// withoutComments returns a text of SQL without comments and in one line.
func withoutComments(text string) string {
	var words []string
	for line := range strings.Lines(text) {
		code, _, _ := strings.Cut(line, "--")
		words = append(words, strings.Fields(code)...)
	}
	return strings.Join(words, " ")
}

// TestMigrations_are_as_released: layouts.sql has a copy of every migration, from which tests upgrade.
func TestMigrations_are_as_released(t *testing.T) {
	t.Parallel()
	released := layouts(t)
	for i, step := range store.Migrations() {
		want := strings.Join(step, ";\n") + ";\n"
		switch {
		case i >= len(released):
			t.Errorf("testdata/layouts.sql lacks:\n\n-- version %d\n%s", i+1, want)
		case withoutComments(released[i]) != withoutComments(want):
			t.Errorf("version %d was released as\n%s\nand now is\n%s", i+1, released[i], want)
		}
	}
}

// fills has the rows that each version adds, for the tables and columns that it has brought.
var fills = []string{
	`INSERT INTO accounts(id, address, name, uid, epoch, cursor, base, profile_revision) VALUES(1, 'alice', 'Alice', 7, 99, 4, 0, 3);
	INSERT INTO chats(id, account_id, peer, group_id, last_id, last_position, unread, read_seq, read_sent, draft) VALUES
		(1, 1, 'bob', 0, 3, 9223372036854775807, 1, 0, 0, ''), (2, 1, 'carol', 0, 0, 0, 0, 0, 0, 'not sent');
	INSERT INTO messages(id, chat_id, account_id, mid, position, seq, sender, status, flags, type, expiry, ts, ref_id, nonce, tried, data)
		VALUES(1, 1, 1, (1000 << 32) + 1, 1, 1, 'bob', 18, 3, 0, 0, 1001, 0, NULL, 0, CAST('text 1' AS BLOB)),
		(2, 1, 1, (1000 << 32) + 2, 2, 2, '', 2, 3, 0, 0, 1002, 0, x'00000000000000000000000000000002', 1, CAST('text 2' AS BLOB)),
		(3, 1, 1, 9, 9223372036854775807, 0, '', 0, 3, 0, -1, 1003, 0, x'00000000000000000000000000000009', 0, CAST('text 9' AS BLOB));
	INSERT INTO profiles(id, account_id, address, group_id, name, updated_at) VALUES(1, 1, 'bob', 0, 'Bob B.', 5);
	INSERT INTO key_values(account_id, key, value) VALUES(1, 'k', 'v')`,
	`UPDATE accounts SET visibility = 2;
	UPDATE chats SET pinned = 1, archived = 1, muted_until = 77, cleared_ts = 3 WHERE id = 2;
	INSERT INTO messages(id, chat_id, account_id, mid, position, seq, sender, status, ts, kind, held, content)
		VALUES(4, 2, 1, (1000 << 32) + 4, 4, 4, 'carol', 19, 1004, 2, 0, '{"file":{"url":"http://a/b","path":"/tmp/x","size":5}}');
	UPDATE chats SET last_id = 4, last_position = 4 WHERE id = 2;
	UPDATE profiles SET local_name = 'Bobby', status = 'busy', picture = x'01', picture_url = 'u', flags = 1, last_active = 5;
	INSERT INTO groups(account_id, group_id, flags, expiry, members, own_flags, own_admin_flags, joined, created)
		VALUES(1, 5, 0, -1, 2, 255, 0, 1, 5);
	INSERT INTO group_members(account_id, group_id, address, flags, admin_flags) VALUES(1, 5, 'bob', 255, 0);
	INSERT INTO receipts(id, chat_id, address, status, position, ts) VALUES(1, 1, 'bob', 2, 2, 1005);
	INSERT INTO reactions(account_id, mid, address, emoji, ts) VALUES(1, (1000 << 32) + 1, 'alice', '👍', 1006);
	INSERT INTO operations(id, account_id, kind, message_id, body, undo) VALUES(1, 1, 2, 1, x'0102', NULL);
	INSERT INTO transfers(account_id, key, url, trace, etag, part, ts) VALUES(1, 'key', 'http://a/b', '', '"e"', 'part', 5);
	INSERT INTO removed(account_id, mid) VALUES(1, (1000 << 32) + 7)`,
	`INSERT INTO send_folders(account_id, path, peer, group_id) VALUES(1, '/tmp/send', 'bob', 0);
	INSERT INTO folder_files(account_id, path, size, modified, mid, peer, group_id, refusal, target) VALUES(1, 'a', 5, 6, 9, 'bob', 0, '', '')`,
	`UPDATE transfers SET message = 1;
	INSERT INTO copies(path, loose) VALUES('/tmp/x', 0)`,
	`UPDATE chats SET marked_unread = 1 WHERE id = 2`,
	`UPDATE chats SET age = 3600 WHERE id = 2;
	UPDATE messages SET age = 60 WHERE id = 4`,
	`INSERT INTO messages(id, chat_id, account_id, mid, position, seq, sender, status, ts, data)
		VALUES(5, 2, 1, -5, 0, 0, 'carol', 19, 900, CAST('imported' AS BLOB))`,
	`UPDATE accounts SET cursor_mark = 42`,
	`UPDATE accounts SET group_adds = 2;
	INSERT INTO invitations(account_id, group_id, inviter, name, members, ts) VALUES(1, 6, 'bob', 'Team', 3, 5)`,
}

// oldDatabase makes a database with the layout of an earlier version.
func oldDatabase(t *testing.T, version int) (db *sql.DB, path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "a.db")
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { _ = db.Close() })
	for i, step := range slices.Concat(layouts(t)[:version], fills[:min(version, len(fills))]) {
		if _, err := db.ExecContext(t.Context(), step); err != nil {
			t.Fatalf("version %d, step %d: %v", version, i+1, err)
		}
	}
	if _, err := db.ExecContext(t.Context(), fmt.Sprintf("PRAGMA user_version = %d", version)); err != nil {
		t.Fatal(err)
	}
	return db, path
}

// texts returns the rows of a query with one column.
func texts(t *testing.T, db *sql.DB, query string) (list []string) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			t.Fatal(err)
		}
		list = append(list, s)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return list
}

// queries returns a query for each table, with the columns that it has now. The index of texts is made anew in the
// background, and is left out.
func queries(t *testing.T, db *sql.DB) (list []string) {
	t.Helper()
	return texts(t, db, `SELECT 'SELECT ' || group_concat('quote(' || p.name || ')', ' || ''|'' || ') || ' FROM ' || m.name || ' ORDER BY 1'
		FROM sqlite_master m JOIN pragma_table_info(m.name) p WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'
		AND m.name NOT LIKE 'message_texts%' AND m.name <> 'search_state' GROUP BY m.name`)
}

// TestMigrate_from_every_layout: a database of each earlier version keeps every value of every row, and has the layout of
// a new one.
func TestMigrate_from_every_layout(t *testing.T) {
	t.Parallel()
	const schema = `SELECT name || ' ' || coalesce(sql, '') FROM sqlite_master ORDER BY name`
	fresh, _ := oldDatabase(t, len(layouts(t)))
	for version := 1; version <= len(layouts(t)); version++ {
		t.Run(fmt.Sprint(version), func(t *testing.T) {
			t.Parallel()
			db, path := oldDatabase(t, version)
			before := make(map[string][]string)
			for _, q := range queries(t, db) {
				if before[q] = texts(t, db, q); len(before[q]) == 0 {
					t.Errorf("this test has no rows for %s", q)
				}
			}
			s := open(t, path)
			for q, rows := range before {
				if got := texts(t, db, q); !slices.Equal(got, rows) {
					t.Errorf("%s had\n%s\nand has\n%s", q, strings.Join(rows, "\n"), strings.Join(got, "\n"))
				}
			}
			want, got := texts(t, fresh, schema), texts(t, db, schema)
			for i := range want {
				if i >= len(got) || withoutComments(want[i]) != withoutComments(got[i]) {
					t.Fatalf("got the layout\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
				}
			}
			readBack(t, s, version)
			if err := errors.Join(db.Close(), store.Check(t.Context(), path, "alice")); err != nil {
				t.Error(err)
			}
		})
	}
}

// readBack reads the rows of oldDatabase as the SDK does, and goes on with them.
func readBack(t *testing.T, s *store.Store, version int) {
	t.Helper()
	a, err := s.Account("alice")
	if err != nil || a.Cursor != 4 || a.Epoch != 99 || (version >= 2 && a.Visibility != 2) {
		t.Fatalf("account: %+v, %v", a, err)
	}
	wantLines(t, lines(t, s, a, "bob"), "text 1/12", "text 2/2", "text 9/0")
	carol, err := s.Chat(t.Context(), store.Target{Account: a.ID, Peer: "carol"})
	if err != nil || carol.Draft != "not sent" || carol.Pinned != (version >= 2) || carol.MarkedUnread != (version >= 5) {
		t.Errorf("chat: %+v, %v", carol, err)
	}
	profiles, err := s.Profiles(t.Context(), a.ID)
	if err != nil || len(profiles) != 1 || profiles[0].Name != "Bob B." {
		t.Errorf("profiles: %+v, %v", profiles, err)
	}
	apply(t, s, &a, incoming(5, 5, "bob"))
	waitIndexed(t, s)
	if got := found(t, s, a, "ext 1"); len(got) != 1 || got[0] != "text 1" {
		t.Errorf("search: got %q", got)
	}
	wantLines(t, lines(t, s, a, "bob"), "text 1/12", "text 2/2", "text 5/12", "text 9/0")
}

// TestMigrate_killed: whenever the program is killed while it brings a database of the first version to the newest, the
// next start does it, and nothing is lost.
func TestMigrate_killed(t *testing.T) {
	t.Parallel()
	const count, rounds = 5000, 8
	db, pristine := oldDatabase(t, 1)
	_, err := db.ExecContext(t.Context(), fmt.Sprintf(`WITH RECURSIVE n(i) AS (VALUES(10) UNION ALL SELECT i + 1 FROM n WHERE i < %d)
		INSERT INTO messages(id, chat_id, account_id, mid, position, seq, sender, status, ts, data)
		SELECT i, 2, 1, (1000 << 32) + i, i, i, 'carol', 19, 1000 + i, CAST('text ' || i AS BLOB) FROM n`, count+9))
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(pristine)
	if err != nil {
		t.Fatal(err)
	}
	var took time.Duration
	whole := 0
	for round := range rounds + 1 {
		path := filepath.Join(t.TempDir(), "a.db")
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		ended := upgrade(t, path, took, round > 0)
		if round == 0 {
			took = time.Since(start)
		}
		if ended {
			whole++
		}
		s := open(t, path)
		a, err := s.Account("alice")
		if err != nil {
			t.Fatal(err)
		}
		chat, err := s.Chat(t.Context(), store.Target{Account: a.ID, Peer: "carol"})
		if err != nil {
			t.Fatal(err)
		}
		ms, err := s.Page(t.Context(), a.ID, chat.ID, store.CursorOldest, store.Query{OldestFirst: true, Limit: 2 * count})
		if err != nil || len(ms) != count || string(ms[count-1].Data) != fmt.Sprint("text ", count+9) {
			t.Fatalf("got %d messages, %v", len(ms), err)
		}
		if err := store.Check(t.Context(), path, "alice"); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d of %d were complete", whole-1, rounds)
}

// upgrade opens a database in a child process, which it kills at some moment if kill is set. It reports whether the child
// ended by itself.
func upgrade(t *testing.T, path string, within time.Duration, kill bool) (ended bool) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), upgradeVariable+"="+path)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err == nil {
		_, err = out.Read(make([]byte, 6))
	}
	if err != nil {
		t.Fatal(err)
	}
	if kill {
		timer := time.AfterFunc(rand.N(within), func() { _ = cmd.Process.Kill() })
		defer timer.Stop()
	}
	err = cmd.Wait()
	if err != nil && !kill {
		t.Fatal(err)
	}
	return err == nil
}
