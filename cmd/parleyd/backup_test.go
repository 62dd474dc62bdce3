package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestBackup_and_restore(t *testing.T) {
	data, dest := t.TempDir(), filepath.Join(t.TempDir(), "monday")
	_, stop := serve(t, "--data", data, "--addr", "127.0.0.1:0")
	parleyd(t, "user", "add", "alice", "--data", data).ok(t)
	if got := parleyd(t, "backup", dest, "--data", data).ok(t); !strings.Contains(got, "read back") {
		t.Errorf("backup: %s", got)
	}
	parleyd(t, "user", "add", "bob", "--data", data).ok(t)
	for _, args := range [][]string{{"check"}, {"check", dest}, {"check", "--full"}} {
		if got := parleyd(t, append(args, "--data", data)...).ok(t); got != "ok" {
			t.Errorf("%s: %s", args, got)
		}
	}
	parleyd(t, "compact", "--data", data).ok(t)
	if o := parleyd(t, "restore", dest, "--data", data); o.failure == nil {
		t.Error("restored while the server runs")
	}
	stop()
	if got := parleyd(t, "restore", dest, "--data", data).ok(t); !strings.Contains(got, "replaced-") {
		t.Errorf("restore: %s", got)
	}
	if got := parleyd(t, "user", "list", "--data", data).ok(t); !strings.Contains(got, "alice") || strings.Contains(got, "bob") {
		t.Errorf("users: %s", got)
	}
	if got := parleyd(t, "compact", "--data", data).ok(t); !strings.Contains(got, "now") {
		t.Errorf("compact: %s", got)
	}
	if err := os.Truncate(filepath.Join(data, "parley.db"), 8192); err != nil {
		t.Fatal(err)
	}
	if o := parleyd(t, "check", "--data", data); !errors.Is(o.failure, errProblems) || !strings.Contains(o.out, "damaged") {
		t.Errorf("half a database: got %v, %s", o.failure, o.out)
	}
}

func TestUser_export_and_erase(t *testing.T) {
	data, dest := t.TempDir(), filepath.Join(t.TempDir(), "alice")
	_, stop := serve(t, "--data", data, "--addr", "127.0.0.1:0")
	parleyd(t, "user", "add", "alice", "--data", data).ok(t)
	if got := parleyd(t, "user", "export", "alice", dest, "--data", data).ok(t); !strings.Contains(got, "of alice") {
		t.Errorf("export: %s", got)
	}
	if _, err := os.Stat(filepath.Join(dest, "user.json")); err != nil {
		t.Error(err)
	}
	if o := parleyd(t, "user", "erase", "alice", "--data", data); !errors.Is(o.failure, errNotConfirmed) {
		t.Errorf("without --yes: %v", o.failure)
	}
	if got := parleyd(t, "user", "erase", "alice", "--yes", "--data", data).ok(t); !strings.Contains(got, "running server") {
		t.Errorf("while the server runs: %s", got)
	}
	stop()
	if got := parleyd(t, "user", "erase", "alice", "--yes", "--data", data).ok(t); !strings.Contains(got, "is erased") {
		t.Errorf("while it does not: %s", got)
	}
	if got := parleyd(t, "token", "list", "--data", data).ok(t); strings.Contains(got, "alice") {
		t.Errorf("tokens: %s", got)
	}
}
