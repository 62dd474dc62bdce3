package server_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/dirlock"
	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/server/backup"
	"github.com/parley-chat/parley/internal/wire"
)

// backUp makes a backup and returns its folder.
func (h *host) backUp() string {
	h.t.Helper()
	to := filepath.Join(h.t.TempDir(), "backups", "monday")
	if _, err := backup.Create(h.t.Context(), h.opts.Dir, to, time.Now()); err != nil {
		h.t.Fatal(err)
	}
	return to
}

// problems returns what Check finds in a folder, without lesser problems.
func problems(t *testing.T, dir string) (list []string) {
	t.Helper()
	all, err := backup.Check(t.Context(), dir, true)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range all {
		if !p.Lesser {
			list = append(list, p.Text)
		}
	}
	return list
}

// TestBackup: a copy made while messages are being sent has everything that was acknowledged before, with files and
// certificate, and another folder goes on from it.
func TestBackup(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice, bob := h.device("alice"), h.device("bob")
	data := random(100_000)
	file := h.put(alice.token.String(), data)
	alice.sent(fileMessage("bob", h.url(file)))
	h.begin(alice.token.String(), 10)
	if err := os.WriteFile(filepath.Join(h.opts.Dir, "certificate.pem"), []byte("key"), 0o600); err != nil {
		t.Fatal(err)
	}
	alice.sendTexts("bob", 50, func(i int) string { return fmt.Sprint(i) })
	var ids []uint64
	for i := range 50 {
		ids = append(ids, alice.request(&wire.Request{Op: &wire.Request_Send{Send: message("bob", fmt.Sprint(50+i))}}))
	}
	to := h.backUp()
	for _, id := range ids {
		alice.answer(id)
	}
	m, err := backup.Verify(t.Context(), to)
	if err != nil || len(m.Entries) != 3 || len(m.Missing) != 0 {
		t.Errorf("got %+v, %v, want database, file and certificate", m, err)
	}
	if _, err := backup.Create(t.Context(), h.opts.Dir, to, time.Now()); !errors.Is(err, backup.ErrExists) {
		t.Errorf("once more: got %v, want ErrExists", err)
	}
	_, err = backup.Create(t.Context(), h.opts.Dir, filepath.Join(h.opts.Dir, "inside"), time.Now())
	if !errors.Is(err, backup.ErrInside) {
		t.Errorf("in the data folder: got %v, want ErrInside", err)
	}

	dir := t.TempDir()
	if _, kept, err := backup.Restore(t.Context(), to, dir, time.Now()); err != nil || kept != "" {
		t.Fatalf("restore: %q, %v", kept, err)
	}
	if got := problems(t, dir); got != nil {
		t.Errorf("after restoring: %q", got)
	}
	if b, err := os.ReadFile(filepath.Join(dir, "certificate.pem")); err != nil || string(b) != "key" {
		t.Errorf("certificate: %q, %v", b, err)
	}
	restored := &host{t: t, opts: server.Options{Dir: dir, Logger: h.opts.Logger}, address: "127.0.0.1:0"}
	restored.start()
	t.Cleanup(func() { restored.stop() })
	d := &device{t: t, h: restored, token: bob.token, epoch: bob.epoch, cursor: 40, acks: true}
	if reply := d.connect(); reply.GetEpoch() == bob.epoch || reply.GetStart() != 0 || reply.GetHead() < 51 {
		t.Errorf("got %v, want a new epoch and at least 51 events", reply)
	}
	t.Cleanup(d.close)
	restored.wants(bob.token.String(), file, data)
	d.nextMessage()
	for i := range 50 {
		if got := text(d.nextMessage()); got != fmt.Sprint(i) {
			t.Fatalf("got message %s, want %d", got, i)
		}
	}
}

// TestRestore_in_place: what was there before is kept, the files of messages come back, and nothing is restored while a
// server uses the folder or from something else than a backup.
func TestRestore_in_place(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{Logger: discard()})
	alice := h.device("alice")
	bob := h.token("bob")
	data := random(5000)
	file := h.put(alice.token.String(), data)
	alice.sent(fileMessage("bob", h.url(file)))
	to := h.backUp()
	alice.sendText("bob", "lost")
	if _, _, err := backup.Restore(t.Context(), to, h.opts.Dir, time.Now()); !errors.Is(err, dirlock.ErrInUse) {
		t.Errorf("while the server runs: got %v, want ErrInUse", err)
	}
	h.stop()
	if _, _, err := backup.Restore(t.Context(), t.TempDir(), h.opts.Dir, time.Now()); !errors.Is(err, backup.ErrNoBackup) {
		t.Errorf("from an empty folder: got %v, want ErrNoBackup", err)
	}
	if err := os.RemoveAll(filepath.Join(h.opts.Dir, "files")); err != nil {
		t.Fatal(err)
	}
	_, kept, err := backup.Restore(t.Context(), to, h.opts.Dir, time.Now())
	if err != nil || kept == "" {
		t.Fatalf("restore: %q, %v", kept, err)
	}
	if got := problems(t, kept); got != nil {
		t.Errorf("what was there before: %q", got)
	}
	h.start()
	h.wants(bob.String(), file, data)
	alice.connect()
	if alice.cursor != 0 {
		t.Errorf("alice goes on from %d", alice.cursor)
	}
	alice.sendText("bob", "new")
	d := &device{t: t, h: h, token: bob, acks: true}
	d.connect()
	t.Cleanup(d.close)
	d.nextMessage()
	if got := text(d.nextMessage()); got != "new" {
		t.Errorf("got %q, want new", got)
	}
}

// TestVerify: every kind of damage to a backup is found, and nothing is restored from it.
func TestVerify(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice := h.device("alice")
	h.token("bob")
	file := h.put(alice.token.String(), random(5000))
	alice.sent(fileMessage("bob", h.url(file)))
	good := h.backUp()
	content := filepath.Join("files", file[:2], file)
	for name, damage := range map[string]func(dir string) error{
		"a byte of the database": func(dir string) error { return flip(filepath.Join(dir, "parley.db"), 20_000) },
		"a byte of a file":       func(dir string) error { return flip(filepath.Join(dir, content), 100) },
		"a missing file":         func(dir string) error { return os.Remove(filepath.Join(dir, content)) },
		"half a database":        func(dir string) error { return os.Truncate(filepath.Join(dir, "parley.db"), 8192) },
		"half a manifest":        func(dir string) error { return os.Truncate(filepath.Join(dir, "manifest.json"), 40) },
		"a name outside": func(dir string) error {
			b, err := os.ReadFile(filepath.Join(dir, "manifest.json"))
			if err != nil {
				return err
			}
			return os.WriteFile(filepath.Join(dir, "manifest.json"), bytes.Replace(b, []byte("files/"), []byte("../../"), 1), 0o600)
		},
	} {
		dir := filepath.Join(t.TempDir(), "copy")
		if err := errors.Join(os.CopyFS(dir, os.DirFS(good)), damage(dir)); err != nil {
			t.Fatal(err)
		}
		target := t.TempDir()
		if _, _, err := backup.Restore(t.Context(), dir, target, time.Now()); !errors.Is(err, backup.ErrDamaged) {
			t.Errorf("%s: got %v, want ErrDamaged", name, err)
		}
		if left, err := os.ReadDir(target); err != nil || len(left) != 0 {
			t.Errorf("%s: left %v, %v", name, left, err)
		}
	}
}

// flip changes a byte of a file, which may be a second name of another.
func flip(name string, at int) error {
	b, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	b[at] ^= 0x55
	return errors.Join(os.Remove(name), os.WriteFile(name, b, 0o600))
}

// TestCheck: what the server relies on is checked, in good and in damaged folders.
func TestCheck(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{Logger: discard()})
	alice, bob := h.device("alice"), h.device("bob")
	file := h.put(alice.token.String(), random(5000))
	alice.sent(fileMessage("bob", h.url(file)))
	alice.sendTexts("bob", 100, func(i int) string { return fmt.Sprint(i, strings.Repeat(".", 500)) })
	bob.until("all", func() bool { return bob.cursor == 101 })
	if got := problems(t, h.opts.Dir); got != nil {
		t.Errorf("while the server runs: %q", got)
	}
	h.stop()
	for want, damage := range map[string]string{
		"the log of user 2 does not end where its head says":                               `DELETE FROM events WHERE id = (2 << 32) + 101`,
		"the log of user 2 has a gap":                                                      `DELETE FROM events WHERE id = (2 << 32) + 7`,
		"an event of user 2 is about a message that does not exist":                        `DELETE FROM msgs WHERE sseq BETWEEN 5 AND 9`,
		"user 2 has events without a head":                                                 `DELETE FROM heads WHERE uid = 2`,
		"more is delivered to user 2 than there is":                                        `UPDATE heads SET delivered = last + 1 WHERE uid = 2`,
		"a repeated message of user 1 would be answered with an event that does not exist": `UPDATE dedups SET seq = 9999`,
		"something refers to the file " + file + ", which does not exist":                  `DELETE FROM files`,
		"the file " + file + " has no content":                                             `DELETE FROM blobs`,
		"a token is of user 7, who does not exist":                                         `UPDATE tokens SET uid = 7 WHERE uid = 2`,
		"a message of user 2 would not be found in the history":                            `DELETE FROM stretches WHERE uid = 2`,
		"user 1 has read more than there is":                                               `INSERT INTO reads VALUES(1, 2, 0, 5000)`,
	} {
		dir := filepath.Join(t.TempDir(), "copy")
		if err := os.CopyFS(dir, os.DirFS(h.opts.Dir)); err != nil {
			t.Fatal(err)
		}
		db := openRaw(t, dir)
		if _, err := db.ExecContext(t.Context(), `PRAGMA foreign_keys = 0; `+damage); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(problems(t, dir), "\n"); !strings.Contains(got, want) {
			t.Errorf("%s: got %q, want %q", damage, got, want)
		}
	}
	if err := flip(filepath.Join(h.opts.Dir, "parley.db"), 4096*3+3); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(problems(t, h.opts.Dir), "\n"); !strings.Contains(got, "the database is damaged") {
		t.Errorf("damaged page: got %q", got)
	}
}

// TestCompact: the database gets smaller, with a server and without, and everything stays.
func TestCompact(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice := h.device("alice")
	h.token("bob")
	alice.sendTexts("bob", 300, func(int) string { return strings.Repeat("x", 10_000) })
	db := openRaw(t, h.opts.Dir)
	if _, err := db.ExecContext(t.Context(), `UPDATE msgs SET body = x'22020000' WHERE sseq < 290`); err != nil {
		t.Fatal(err)
	}
	before, after, err := backup.Compact(t.Context(), h.opts.Dir)
	if err != nil || after > before/3 {
		t.Errorf("with a server: from %d to %d bytes, %v", before, after, err)
	}
	alice.sendText("bob", "still there")
	h.stop()
	if _, after, err = backup.Compact(t.Context(), h.opts.Dir); err != nil || after > before/4 {
		t.Errorf("without: to %d bytes, %v", after, err)
	}
	if got := problems(t, h.opts.Dir); got != nil {
		t.Errorf("afterwards: %q", got)
	}
	if n := query1(t, db, `SELECT count(*) FROM msgs WHERE length(body) > 9000`); n != 11 {
		t.Errorf("%d long messages are left, want 11", n)
	}
}
