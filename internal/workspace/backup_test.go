package workspace_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/parley-chat/parley/app"
	"github.com/parley-chat/parley/internal/workspace"
	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/mesibo/mesibotest"
)

const passphrase = "open sesame"

// write sends a text. Echo answers under the same id, and has used 1.
func write(t *testing.T, s *app.Session, peer string, id uint32, text string) {
	t.Helper()
	if err := s.Client.SendMessageString(mesibo.NewMessageParams(peer, mesibo.FlagDefault), id, text); err != nil {
		t.Fatal(err)
	}
}

// backedUp writes a backup.
func backedUp(t *testing.T, s *app.Session) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "alice.parley")
	err := s.Backup(t.Context(), app.Backup{Path: path, Passphrase: passphrase, Preferences: []byte(`{"a":1}`)})
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func restored(t *testing.T, k *workspace.Keeper, path string) *app.Session {
	t.Helper()
	prefs, err := k.Restore(t.Context(), app.Restore{Path: path, Passphrase: passphrase})
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(prefs, []byte(`"a"`)) {
		t.Errorf("preferences: got %q", prefs)
	}
	return resumed(t, k)
}

func resumed(t *testing.T, k *workspace.Keeper) *app.Session {
	t.Helper()
	s, err := k.Resume(t.Context())
	if err != nil || s == nil {
		t.Fatalf("resume: got %v, %v", s, err)
	}
	return s
}

func wantNothingLeft(t *testing.T, dir string) {
	t.Helper()
	for _, name := range []string{".restore", ".backup.db", ".rescue", ".damaged"} {
		if _, err := os.Lstat(filepath.Join(dir, name)); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("left over: %s (%v)", name, err)
		}
	}
}

func sendFile(t *testing.T, s *app.Session, peer string, id uint32, path string) {
	t.Helper()
	f := &mesibo.FileInfo{Path: path, Type: mesibo.FileTypeOther}
	if err := s.Client.SendFile(mesibo.NewMessageParams(peer, mesibo.FlagDefault), id, f); err != nil {
		t.Fatal(err)
	}
}

func filePaths(t *testing.T, s *app.Session, peer string) (paths []string) {
	t.Helper()
	page, err := s.Client.ReadPage(query(peer))
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range page {
		if m.File != nil {
			paths = append(paths, m.File.Path)
		}
	}
	return paths
}

// A local workspace moves to another computer: account, messages, files, server, and Echo.
func TestBackup_of_a_local_workspace(t *testing.T) {
	k := keeper(t, filepath.Join(t.TempDir(), "profile"))
	s, err := k.StartLocal(t.Context(), "Alice")
	if err != nil {
		t.Fatal(err)
	}
	connect(t, s)
	await(t, s, "echo", "Hi Alice!")
	write(t, s, "echo", 101, "before")
	await(t, s, "echo", "before", "before")
	mine := filepath.Join(t.TempDir(), "letter.txt")
	if err := os.WriteFile(mine, []byte("Dear Bob"), 0o600); err != nil {
		t.Fatal(err)
	}
	sendFile(t, s, "echo", 102, mine)
	awaitSent(t, s, "echo", 102)
	path := backedUp(t, s)
	write(t, s, "echo", 103, "after")
	await(t, s, "echo", "after", "after") // it goes on
	closed(t, s, k)
	if err := os.Remove(mine); err != nil { // it is on another computer
		t.Fatal(err)
	}

	dir := filepath.Join(t.TempDir(), "elsewhere")
	k = keeper(t, dir)
	s = restored(t, k, path)
	wantNothingLeft(t, dir)
	paths := filePaths(t, s, "echo")
	if len(paths) != 1 {
		t.Fatalf("files: got %q", paths)
	}
	if got, err := os.ReadFile(paths[0]); err != nil || string(got) != "Dear Bob" {
		t.Errorf("file: got %q, %v", got, err)
	}
	if rel, err := filepath.Rel(dir, paths[0]); err != nil || !filepath.IsLocal(rel) {
		t.Errorf("file: at %s, want it below %s", paths[0], dir)
	}
	connect(t, s)
	write(t, s, "echo", 104, "here")
	await(t, s, "echo", "here", "here")
	closed(t, s, k)
}

// Restoring into the account that is there brings the backup's messages back, the server's later ones again, and
// keeps what waits to be sent.
func TestRestore_the_same_account(t *testing.T) {
	srv := mesibotest.NewServer(t)
	dir := filepath.Join(t.TempDir(), "profile")
	k := keeper(t, dir)
	s, err := k.Join(t.Context(), srv.Token("alice"), "")
	if err != nil {
		t.Fatal(err)
	}
	srv.Token("bob")
	connect(t, s)
	write(t, s, "bob", 1, "one")
	awaitSent(t, s, "bob", 1)
	path := backedUp(t, s)
	write(t, s, "bob", 2, "two")
	awaitSent(t, s, "bob", 2)
	stopped(t, s)
	s = resumed(t, k)
	write(t, s, "bob", 3, "waits")
	prefs, err := k.Restore(t.Context(), app.Restore{Path: path, Passphrase: passphrase})
	if err != nil || len(prefs) == 0 {
		t.Fatalf("restore: %q, %v", prefs, err)
	}
	stopped(t, s)
	s = resumed(t, k)
	wantNothingLeft(t, dir)
	connect(t, s)
	awaitSent(t, s, "bob", 3)
	await(t, s, "bob", "waits", "two", "one")
	closed(t, s, k)
}

// What cannot be restored changes nothing.
func TestRestore_refusals(t *testing.T) {
	srv := mesibotest.NewServer(t)
	dir := filepath.Join(t.TempDir(), "profile")
	other := keeper(t, filepath.Join(t.TempDir(), "other"))
	bob, err := other.Join(t.Context(), srv.Token("bob"), "")
	if err != nil {
		t.Fatal(err)
	}
	bobs := backedUp(t, bob)
	closed(t, bob, other)
	k := keeper(t, dir)
	s, err := k.Join(t.Context(), srv.Token("alice"), "")
	if err != nil {
		t.Fatal(err)
	}
	write(t, s, "bob", 1, "kept")
	path := backedUp(t, s)
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	cut, text := filepath.Join(t.TempDir(), "cut"), filepath.Join(t.TempDir(), "text")
	if err := errors.Join(os.WriteFile(cut, raw[:len(raw)-100], 0o600), os.WriteFile(text, []byte("hi"), 0o600)); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		path, passphrase string
		want             error
	}{
		"passphrase": {path, "wrong", app.ErrPassphrase},
		"cut":        {cut, passphrase, app.ErrBackupDamaged},
		"text":       {text, passphrase, app.ErrNotBackup},
		"bob's":      {bobs, passphrase, app.ErrOtherAccount},
		"missing":    {path + "x", passphrase, os.ErrNotExist},
	} {
		_, err := k.Restore(t.Context(), app.Restore{Path: c.path, Passphrase: c.passphrase})
		if !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
		wantNothingLeft(t, dir)
	}
	ctx, cancel := context.WithCancel(t.Context())
	_, err = k.Restore(ctx, app.Restore{Path: path, Passphrase: passphrase, Progress: func(int64, int64) { cancel() }})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: got %v", err)
	}
	wantNothingLeft(t, dir)
	await(t, s, "bob", "kept")
	stopped(t, s)
	s = resumed(t, k)
	await(t, s, "bob", "kept")
	closed(t, s, k)
}

// A restore that was interrupted is finished by the next start, from wherever it had got to; one that was not
// prepared completely is undone. The files that are here stay.
func TestRestore_interrupted(t *testing.T) {
	srv := mesibotest.NewServer(t)
	dir := filepath.Join(t.TempDir(), "profile")
	at := func(name string) string { return filepath.Join(dir, filepath.FromSlash(name)) }
	k := keeper(t, dir)
	s, err := k.Join(t.Context(), srv.Token("alice"), "")
	if err != nil {
		t.Fatal(err)
	}
	write(t, s, "bob", 101, "in the backup")
	picture := at("files/documents/a.txt")
	if err := errors.Join(os.MkdirAll(filepath.Dir(picture), 0o700), os.WriteFile(picture, []byte("first"), 0o600)); err != nil {
		t.Fatal(err)
	}
	sendFile(t, s, "bob", 102, picture)
	path := backedUp(t, s)
	write(t, s, "bob", 103, "later")
	if err := os.WriteFile(picture, []byte("another file"), 0o600); err != nil {
		t.Fatal(err)
	}
	stopped(t, s)
	prepare := func() {
		t.Helper()
		if _, err := k.Restore(t.Context(), app.Restore{Path: path, Passphrase: passphrase}); err != nil {
			t.Fatal(err)
		}
	}
	prepare()
	if err := os.Remove(at(".restore/ready")); err != nil {
		t.Fatal(err)
	}
	s = resumed(t, k)
	await(t, s, "bob", "later")
	stopped(t, s)
	wantNothingLeft(t, dir)

	prepare() // then the process ends between two moves
	if err := errors.Join(os.Rename(at("messages.db"), at("messages-by-hand.db")),
		os.Rename(at(".restore/new/messages.db"), at("messages.db"))); err != nil {
		t.Fatal(err)
	}
	s = resumed(t, k)
	wantNothingLeft(t, dir)
	await(t, s, "bob", "", "in the backup")
	paths := filePaths(t, s, "bob")
	if len(paths) != 1 || paths[0] == picture {
		t.Fatalf("the file whose place is taken: at %q", paths)
	}
	for path, want := range map[string]string{paths[0]: "first", picture: "another file"} {
		if got, err := os.ReadFile(path); err != nil || string(got) != want {
			t.Errorf("%s: got %q, %v, want %q", path, got, err, want)
		}
	}
	stopped(t, s)
	if err := errors.Join(k.Erase(t.Context()), k.Close()); err != nil {
		t.Fatal(err)
	}
	if left, err := filepath.Glob(at("*.db*")); err != nil || len(left) != 0 {
		t.Errorf("left of what was erased: %q, %v", left, err)
	}
}
