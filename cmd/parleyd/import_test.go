package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/parley-chat/parley/internal/archive"
	"github.com/parley-chat/parley/internal/localserver"
	"github.com/parley-chat/parley/internal/server/backup"
	"github.com/parley-chat/parley/internal/wire"
)

// localWorkspace makes the folder of a desktop app with a server in it, and returns the token of its user.
func localWorkspace(t *testing.T, dir string) (token string, running *localserver.Workspace) {
	t.Helper()
	w, err := localserver.Open(t.Context(), localserver.Options{Dir: filepath.Join(dir, "server")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close(t.Context()) })
	if err := w.CreateUser(t.Context(), "alice", "Alice"); err != nil {
		t.Fatal(err)
	}
	if token, err = w.NewToken(t.Context(), "alice", "here"); err != nil {
		t.Fatal(err)
	}
	return token, w
}

// TestImport: the server of a desktop app moves from its folder, while it does not run, and only into an empty folder.
func TestImport(t *testing.T) {
	dir, data := t.TempDir(), t.TempDir()
	token, running := localWorkspace(t, dir)
	if o := parleyd(t, "import", dir, "--data", data); o.failure == nil || !strings.Contains(o.failure.Error(), "close Parley") {
		t.Errorf("while it runs: %v", o.failure)
	}
	if err := running.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := parleyd(t, "import", dir, "--data", data).ok(t); !strings.Contains(got, "and checked") {
		t.Errorf("got %s", got)
	}
	if _, err := localserver.Open(t.Context(), localserver.Options{Dir: filepath.Join(dir, "server")}); err == nil {
		t.Error("it runs on where it was")
	}
	url, stop := serve(t, "--data", data, "--addr", "127.0.0.1:0")
	if got := parleyd(t, "address", "--data", data).ok(t); got != url {
		t.Errorf("address: got %s, want %s", got, url)
	}
	parsed, err := wire.ParseToken(token)
	if err != nil {
		t.Fatal(err)
	}
	if got := parleyd(t, "token", "list", "--data", data).ok(t); !strings.Contains(got, parsed.ID()) {
		t.Errorf("the token of before is not there: %s", got)
	}
	stop()
	if o := parleyd(t, "import", dir, "--data", data); o.failure == nil {
		t.Error("imported into a folder that is not empty")
	}
	if o := parleyd(t, "import", t.TempDir(), "--data", t.TempDir()); o.failure == nil {
		t.Error("imported an empty folder")
	}
	for _, left := range []string{"address", backup.MovedName, "restore.import"} {
		if _, err := os.Stat(filepath.Join(data, left)); err == nil {
			t.Errorf("%s is left", left)
		}
	}
}

// TestImport_backup: a backup may be older than what devices have, so its logs get a new epoch.
func TestImport_backup(t *testing.T) {
	dir, data := t.TempDir(), t.TempDir()
	token, running := localWorkspace(t, dir)
	if err := running.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	var files []archive.File
	for _, name := range []string{"parley.db", "parley.db-wal"} {
		files = append(files, archive.File{Name: "server/" + name, Path: filepath.Join(dir, "server", name)})
	}
	file := filepath.Join(t.TempDir(), "alice.parley")
	m := archive.Manifest{Account: archive.Account{Local: true, Address: "alice", Name: "Alice", Token: token}}
	if err := archive.Write(t.Context(), file, archive.Key{Passphrase: "open sesame", WorkFactor: 10}, m, files, nil); err != nil {
		t.Fatal(err)
	}
	word := write(t, filepath.Join(t.TempDir(), "word"), "wrong\n")
	if o := parleyd(t, "import", file, "--passphrase", word, "--data", data); o.failure == nil {
		t.Error("with another passphrase: got no error")
	}
	var out bytes.Buffer
	err := run(t.Context(), []string{"import", file, "--data", data}, streams{strings.NewReader("open sesame\n"), &out, t.Output()})
	if err != nil {
		t.Fatal(err)
	}
	if got := parleyd(t, "user", "list", "--data", data).ok(t); !strings.Contains(got, "alice") {
		t.Errorf("users: %s", got)
	}
	if got := parleyd(t, "check", "--data", data).ok(t); got != "ok" {
		t.Errorf("check: %s", got)
	}
}
