package e2e_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/mesibo/mesibotest"
)

func TestKeys_are_kept(t *testing.T) {
	t.Parallel()
	srv := mesibotest.NewServer(t)
	token, dir := srv.Token("alice"), t.TempDir()
	alice := newDevice(t, token, dir)
	alice.must(errors.Join(alice.SetKey("k", "one"), alice.SetKey("k", "two"), alice.SetKey("other", ""),
		alice.DeleteKey("x")))
	alice.end()
	alice = newDevice(t, token, dir)
	if v, ok := alice.ReadKey("k"); v != "two" || !ok {
		t.Errorf("got %q, %v", v, ok)
	}
	if v, ok := alice.ReadKey("other"); v != "" || !ok {
		t.Errorf("got %q, %v", v, ok)
	}
	alice.must(alice.DeleteKey("k"))
	if _, ok := alice.ReadKey("k"); ok {
		t.Error("a deleted key")
	}
	for key, value := range map[string]string{"": "x", strings.Repeat("k", 1025): "x", "k": strings.Repeat("v", 1<<20+1)} {
		if err := alice.SetKey(key, value); !errors.Is(err, mesibo.ResultBadRequest) {
			t.Errorf("%.10s: got %v", key, err)
		}
	}
	nobody, err := mesibo.New(mesibo.Options{})
	alice.must(err)
	if _, ok := nobody.ReadKey("k"); ok || !errors.Is(nobody.SetKey("k", "v"), mesibo.ResultFail) ||
		!errors.Is(nobody.DeleteKey("k"), mesibo.ResultFail) {
		t.Error("keys without a user")
	}
}

func TestBackup_while_messages_come_in(t *testing.T) {
	t.Parallel()
	srv := mesibotest.NewServer(t)
	alice := online(t, srv.Token("alice"))
	token, dir := srv.Token("bob"), t.TempDir()
	bob := newDevice(t, token, dir)
	bob.start()
	bob.must(bob.SetKey("k", "v"))
	const messages = 120
	backup := filepath.Join(t.TempDir(), "backup.db")
	for id := range uint32(messages) {
		alice.send("bob", id+1, fmt.Sprint(id+1))
		if id%40 == 20 {
			bob.must(bob.BackupDatabase(backup))
		}
	}
	bob.await("all", func() bool { return len(bob.messages()) == messages })
	if age, err := bob.BackupAge(backup); err != nil || age > time.Minute {
		t.Errorf("age %d, %v", age, err)
	}
	if age, err := bob.DatabaseAge(); err != nil || age > time.Minute {
		t.Errorf("age %d, %v", age, err)
	}
	if err := bob.RestoreDatabase(backup); !errors.Is(err, mesibo.ErrRunning) {
		t.Errorf("while started: %v", err)
	}
	if err := bob.ResetDatabase(mesibo.DBTableAll); !errors.Is(err, mesibo.ErrRunning) {
		t.Errorf("while started: %v", err)
	}
	want := bob.history("alice")
	bob.Stop()
	bob.must(errors.Join(bob.DeleteMessages(mesibo.MessageParams{Peer: "alice"}), bob.DeleteKey("k"),
		bob.RestoreDatabase(backup)))
	got := bob.history("alice")
	if len(got) < 1 || len(got) >= messages {
		t.Errorf("the backup holds %d messages", len(got))
	}
	if v, ok := bob.ReadKey("k"); !ok || v != "v" {
		t.Errorf("key after restoring: %q, %v", v, ok)
	}
	if leftover, err := filepath.Glob(filepath.Join(dir, "*.restored*")); err != nil || len(leftover) > 0 {
		t.Errorf("left over: %v, %v", leftover, err)
	}
	if info, err := os.Stat(bob.GetDatabasePath()); runtime.GOOS != "windows" &&
		(err != nil || info.Mode().Perm() != 0o600) {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	bob.start() // the server sends the rest again
	bob.await("the rest", func() bool { return len(bob.history("alice")) == messages })
	bob.wantHistory("alice", want...)
	alice.send("bob", messages+1, "later")
	bob.awaitLine("message later RECEIVEDNEW")
	bob.end()
	newDevice(t, token, dir).wantHistory("alice", append(want, "later RECEIVEDNEW")...)
}

func TestBackup_refusals(t *testing.T) {
	t.Parallel()
	srv := mesibotest.NewServer(t)
	alice := newDevice(t, srv.Token("alice"), t.TempDir())
	bob := newDevice(t, srv.Token("bob"), t.TempDir())
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	alice.send("bob", 1, "kept")
	alice.must(errors.Join(alice.BackupDatabase("own.db"), alice.RestoreDatabase("own.db"),
		bob.BackupDatabase(at("bob.db")),
		alice.BackupDatabase(at("good.db")), os.WriteFile(at("text"), []byte("no database"), 0o600),
		os.WriteFile(at("empty"), nil, 0o600)))
	good, err := os.ReadFile(at("good.db"))
	alice.must(err)
	if len(good) < 8192 {
		t.Fatalf("the backup has %d bytes", len(good))
	}
	newer, torn := bytes.Clone(good), bytes.Clone(good)
	newer[60], newer[61], newer[62], newer[63] = 0, 0, 0x7f, 0xff // user_version
	copy(torn[4096:], bytes.Repeat([]byte{0xa5}, 4096))
	alice.must(errors.Join(os.WriteFile(at("newer.db"), newer, 0o600), os.WriteFile(at("torn.db"), torn, 0o600),
		os.WriteFile(at("cut.db"), good[:len(good)/2], 0o600)))
	for name, want := range map[string]error{
		at("missing"): fs.ErrNotExist, at("text"): mesibo.ErrNotBackup, at("empty"): mesibo.ErrNotBackup,
		at("bob.db"):   mesibo.ErrOtherUser,
		at("newer.db"): mesibo.ErrNewerBackup, at("torn.db"): mesibo.ErrNotBackup, at("cut.db"): mesibo.ErrNotBackup,
		dir: mesibo.ErrFileKind,
		"":  mesibo.ErrFileName, "../x": mesibo.ErrFileName, alice.GetDatabasePath(): mesibo.ResultBadRequest,
		os.DevNull: mesibo.ErrFileKind,
	} {
		if err := alice.RestoreDatabase(name); !errors.Is(err, want) || !errors.Is(err, mesibo.ResultBadRequest) {
			t.Errorf("restore %s: got %v, want %v", filepath.Base(name), err, want)
		}
		alice.wantHistory("bob", "kept OUTBOX")
	}
	for name, want := range map[string]error{
		"": mesibo.ErrFileName, "../x": mesibo.ErrFileName, dir: mesibo.ErrFileKind, at("no/where"): fs.ErrNotExist,
		alice.GetDatabasePath(): mesibo.ResultBadRequest, os.DevNull: mesibo.ErrFileKind,
	} {
		if err := alice.BackupDatabase(name); !errors.Is(err, want) {
			t.Errorf("back up to %s: got %v, want %v", filepath.Base(name), err, want)
		}
	}
	if left, err := filepath.Glob(at("*.part")); err != nil || len(left) > 0 {
		t.Errorf("left over: %v, %v", left, err)
	}
	nobody, err := mesibo.New(mesibo.Options{AccessToken: srv.Token("alice")})
	alice.must(err)
	_, ageErr := nobody.DatabaseAge()
	for _, err := range []error{
		nobody.BackupDatabase(at("x")), nobody.RestoreDatabase(at("good.db")),
		nobody.ResetDatabase(mesibo.DBTableAll), ageErr,
	} {
		if !errors.Is(err, mesibo.ResultFail) {
			t.Errorf("without a database: %v", err)
		}
	}
	if _, err := alice.BackupAge(at("missing")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("age of none: %v", err)
	}
}

// Files left by a backup or a restore that was killed in the middle do no harm.
func TestBackup_after_an_attempt_that_was_killed(t *testing.T) {
	t.Parallel()
	srv := mesibotest.NewServer(t)
	alice := newDevice(t, srv.Token("alice"), t.TempDir())
	alice.send("bob", 1, "kept")
	backup := filepath.Join(t.TempDir(), "b.db")
	own := alice.GetDatabasePath()
	for _, name := range []string{backup + ".part", own + ".restored", own + ".restored-wal", own + ".restored-shm"} {
		alice.must(os.WriteFile(name, []byte("half"), 0o600))
	}
	alice.must(errors.Join(alice.BackupDatabase(backup), alice.Cancel(toBob(), 1), alice.RestoreDatabase(backup)))
	alice.wantHistory("bob", "kept OUTBOX")
	if alice.OutboxCount() != 1 {
		t.Errorf("%d messages wait", alice.OutboxCount())
	}
}

func TestResetDatabase(t *testing.T) {
	t.Parallel()
	srv := mesibotest.NewServer(t)
	alice := newDevice(t, srv.Token("alice"), t.TempDir())
	alice.send("bob", 1, "x")
	alice.must(errors.Join(alice.SetKey("k", "v"), alice.ResetDatabase(mesibo.DBTableMessages)))
	alice.wantHistory("bob")
	if _, ok := alice.ReadKey("k"); !ok || alice.OutboxCount() != 0 {
		t.Errorf("after resetting messages: key %v, %d waiting", ok, alice.OutboxCount())
	}
	alice.must(alice.ResetDatabase(mesibo.DBTableAll))
	if _, ok := alice.ReadKey("k"); ok {
		t.Error("the key is still there")
	}
	if err := alice.ResetDatabase(8); !errors.Is(err, mesibo.ResultBadRequest) {
		t.Errorf("unknown table: %v", err)
	}
	alice.send("bob", 2, "after")
	alice.wantHistory("bob", "after OUTBOX")
}
