package backup_test

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/server/backup"
	"github.com/parley-chat/parley/internal/server/record"
	"github.com/parley-chat/parley/internal/server/record/sqlite"
)

// partVariable makes this program a child process, which tests kill: it does the part with the two folders that follow.
const partVariable = "PARLEY_BACKUP_PART"

func TestMain(m *testing.M) {
	part := strings.Split(os.Getenv(partVariable), "\n")
	if part[0] == "" {
		os.Exit(m.Run())
	}
	if err := play(part[0], part[1], part[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func play(part, from, to string) error {
	ctx := context.Background()
	fmt.Println("ready")
	switch part {
	case "create":
		_, err := backup.Create(ctx, from, to, time.Now())
		return err
	case "restore":
		_, _, err := backup.Restore(ctx, from, to, time.Now())
		return err
	case "upgrade":
		rec, err := sqlite.Open(from, sqlite.Options{})
		if err != nil {
			return err
		}
		return rec.Close()
	case "compact":
		_, _, err := backup.Compact(ctx, from)
		return err
	}
	return limited(part, from, to)
}

// child runs a part and kills it after a time, unless that is 0. It returns the error of a child that ended by itself.
func child(t *testing.T, after time.Duration, part, from, to string) error {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), partVariable+"="+part+"\n"+from+"\n"+to)
	var said strings.Builder
	cmd.Stderr = &said
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
	if after > 0 {
		timer := time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
		defer timer.Stop()
	}
	if err := cmd.Wait(); err != nil {
		return errors.Join(err, errors.New(said.String()))
	}
	return nil
}

// users is how many logs fill writes, each of which has two messages that differ in their text.
const users = 300

// fill makes a data folder with messages whose text says which it is, and files.
func fill(t *testing.T, dir, text string) {
	t.Helper()
	rec, err := sqlite.Open(dir, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	msgs := record.Rows{Table: "msgs", Columns: "mid, sender, sseq, peer, gid, ts, exp, flags, body"}
	events := record.Rows{Table: "events", Columns: "id, ts, exp, kind, mid, body"}
	stretches := record.Rows{Table: "stretches", Columns: "uid, chat, stretch"}
	files := record.Rows{
		Table: "files", Columns: "id, uid, size, off, hash, meta, name, granted, with_message, created, expires, done",
	}
	blobs := record.Rows{Table: "blobs", Columns: "hash, key, mime"}
	w := &record.WriteSet{Rows: []*record.Rows{&msgs, &events, &stretches, &files, &blobs}}
	for uid := range uint32(users) {
		for seq := range uint64(2) {
			mid := int64(uid)*2 + int64(seq) + 1<<32
			msgs.Add(mid, int64(uid+1), int64(seq+1), int64(uid+1), 0, 1, 0, 0, []byte(strings.Repeat(text, 2000)))
			events.Add(record.EventKey(uid+1, seq+1), 1, 0, int(record.KindOwn), mid, nil)
		}
		stretches.Add(int64(uid+1), record.PeerChat(uid+1), 0)
		w.Heads = append(w.Heads, record.HeadRow{UID: uid + 1, Head: record.Head{Last: 2}})
	}
	for i := range 30 {
		content := []byte(strings.Repeat(fmt.Sprint(text, i), 20_000))
		sum := sha256.Sum256(content)
		key := hex.EncodeToString(sum[:16])
		name := filepath.Join(dir, "files", key[:2], key)
		if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o700), os.WriteFile(name, content, 0o600)); err != nil {
			t.Fatal(err)
		}
		files.Add(key, 1, len(content), len(content), sum[:], "", "", 0, false, 1, 1, 1)
		blobs.Add(sum[:], key, "")
	}
	tx, err := rec.Begin(t.Context(), &record.Plan{})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(tx.Commit(w), rec.Close()); err != nil {
		t.Fatal(err)
	}
}

// holds reports whether all messages of a folder have a text. It fails the test if some have and some have not.
func holds(t *testing.T, dir, text string) bool {
	t.Helper()
	var with, all int
	damage, err := sqlite.Inspect(t.Context(), dir, true, func(read record.Reader) error {
		return read.Query(`SELECT count(*), coalesce(sum(substr(body, 1, 3) = ?), 0) FROM msgs`, []any{[]byte(text)},
			func(row record.Row) error { return row.Scan(&all, &with) })
	})
	if err != nil || damage != nil || all != 2*users || (with != 0 && with != all) {
		t.Fatalf("%d of %d messages have %q: %v, %v", with, all, text, damage, err)
	}
	found, err := backup.Check(t.Context(), dir, false)
	if err != nil || len(found) > 0 {
		t.Fatalf("got %+v, %v", found, err)
	}
	return with == all
}

const rounds = 8

// TestCreate_killed: whenever it is killed, there is a whole backup or none, and the next attempt makes one.
func TestCreate_killed(t *testing.T) {
	t.Parallel()
	dir, to := t.TempDir(), filepath.Join(t.TempDir(), "backup")
	fill(t, dir, "old")
	start := time.Now()
	if err := child(t, 0, "create", dir, to); err != nil {
		t.Fatal(err)
	}
	took, whole := time.Since(start), 0
	for range rounds {
		if err := os.RemoveAll(to); err != nil {
			t.Fatal(err)
		}
		err := child(t, rand.N(took), "create", dir, to)
		_, missing := os.Stat(to)
		if missing == nil {
			whole++
			if _, err := backup.Verify(t.Context(), to); err != nil {
				t.Fatal(err)
			}
		} else if err == nil {
			t.Fatal("it ended and there is no backup")
		}
	}
	t.Logf("%d of %d were complete", whole, rounds)
	if err := os.RemoveAll(to); err != nil {
		t.Fatal(err)
	}
	if _, err := backup.Create(t.Context(), dir, to, time.Now()); err != nil {
		t.Fatal(err)
	}
	if left, err := filepath.Glob(to + "*"); err != nil || len(left) != 1 {
		t.Errorf("left %v, %v", left, err)
	}
}

// TestRestore_killed: whenever it is killed, the next start has the whole old database or the whole new one, with its
// files.
func TestRestore_killed(t *testing.T) {
	t.Parallel()
	from, pristine, saved := t.TempDir(), t.TempDir(), filepath.Join(t.TempDir(), "backup")
	fill(t, from, "new")
	fill(t, pristine, "old")
	if _, err := backup.Create(t.Context(), from, saved, time.Now()); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	restored := t.TempDir()
	if err := child(t, 0, "restore", saved, restored); err != nil {
		t.Fatal(err)
	}
	took, fresh := time.Since(start), 0
	if !holds(t, restored, "new") {
		t.Fatal("it is not restored")
	}
	for range rounds {
		dir := t.TempDir()
		if err := os.CopyFS(dir, os.DirFS(pristine)); err != nil {
			t.Fatal(err)
		}
		err := child(t, rand.N(took), "restore", saved, dir)
		a, openErr := server.OpenAccounts(dir)
		if openErr != nil {
			t.Fatal(openErr)
		}
		if err := a.Close(); err != nil {
			t.Fatal(err)
		}
		switch {
		case holds(t, dir, "new"):
			fresh++
		case err == nil:
			t.Fatal("it ended and the database is the old one")
		}
		if _, _, err := backup.Restore(t.Context(), saved, dir, time.Now()); err != nil || !holds(t, dir, "new") {
			t.Fatalf("once more: %v", err)
		}
	}
	t.Logf("%d of %d were restored", fresh, rounds)
}

// TestCompact_killed: whenever it is killed, nothing is lost.
func TestCompact_killed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	fill(t, dir, "old")
	start := time.Now()
	if err := child(t, 0, "compact", dir, ""); err != nil {
		t.Fatal(err)
	}
	took := time.Since(start)
	for range rounds {
		_ = child(t, rand.N(took), "compact", dir, "")
		if !holds(t, dir, "old") {
			t.Fatal("the messages are gone")
		}
	}
}

// TestUpgrade_killed: whenever it is killed while it brings the database of the first release to the newest layout,
// nothing is lost, and the next start does it.
func TestUpgrade_killed(t *testing.T) {
	t.Parallel()
	pristine := t.TempDir()
	text, err := os.ReadFile(filepath.Join("..", "record", "sqlite", "testdata", "layouts.sql"))
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(string(text), "-- version 2")
	db, err := sql.Open("sqlite", filepath.Join(pristine, sqlite.FileName))
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.ExecContext(t.Context(), first+fmt.Sprintf(`;
		CREATE TEMP TABLE n AS WITH RECURSIVE c(i) AS (VALUES(0) UNION ALL SELECT i + 1 FROM c WHERE i < 2 * %[1]d - 1) SELECT i FROM c;
		INSERT INTO msgs SELECT i + (1 << 32), i / 2 + 1, i %% 2 + 1, i / 2 + 1, 0, 1, 0, 0, CAST('old' || hex(zeroblob(3000)) AS BLOB) FROM n;
		INSERT INTO events(id, ts, kind, mid) SELECT ((i / 2 + 1) << 32) + i %% 2 + 1, 1, 2, i + (1 << 32) FROM n;
		INSERT INTO heads(uid, last) SELECT i / 2 + 1, 2 FROM n WHERE i %% 2 = 0;
		PRAGMA user_version = 1`, users))
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	copied := func() string {
		dir := t.TempDir()
		if err := os.CopyFS(dir, os.DirFS(pristine)); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	dir := copied()
	start := time.Now()
	if err := child(t, 0, "upgrade", dir, ""); err != nil || !holds(t, dir, "old") {
		t.Fatal("not upgraded: ", err)
	}
	took, whole := time.Since(start), 0
	for range rounds {
		dir := copied()
		if err := child(t, rand.N(took), "upgrade", dir, ""); err == nil {
			whole++
		}
		if !holds(t, dir, "old") {
			t.Fatal("the messages are gone")
		}
		rec, err := sqlite.Open(dir, sqlite.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := rec.Close(); err != nil || !holds(t, dir, "old") {
			t.Fatalf("after the next start: %v", err)
		}
	}
	t.Logf("%d of %d were complete", whole, rounds)
}
