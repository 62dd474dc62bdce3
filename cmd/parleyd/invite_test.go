package main

import (
	"bufio"
	"context"
	"io"
	"strings"
	"testing"

	"github.com/parley-chat/parley/internal/wire"
)

// TestRun_serve_prints_the_first_invite: with nothing configured, one start is enough to let the first user in.
func TestRun_serve_prints_the_first_invite(t *testing.T) {
	t.Setenv("JOURNAL_STREAM", "")
	data := t.TempDir()
	output := func() (invite, code string) {
		t.Helper()
		ctx, cancel := context.WithCancel(t.Context())
		r, w := io.Pipe()
		done := make(chan error, 1)
		go func() {
			err := run(ctx, []string{"serve", "--data", data, "--addr", "127.0.0.1:0"}, streams{nil, w, t.Output()})
			_ = w.Close()
			done <- err
		}()
		defer func() {
			cancel()
			_, _ = io.Copy(io.Discard, r)
			if err := <-done; err != nil {
				t.Errorf("serve: %v", err)
			}
		}()
		scan := bufio.NewScanner(r)
		for scan.Scan() {
			switch line := scan.Text(); {
			case strings.HasPrefix(line, "listening on") && userCount(t, data) > 0:
				return "", ""
			case wire.IsInvite(line):
				invite = line
			case strings.Contains(line, "▄"):
				return invite, line
			}
		}
		t.Fatal("no invite")
		return "", ""
	}
	invite, code := output()
	i, err := wire.ParseInvite(invite)
	if err != nil || !strings.HasPrefix(i.URL, "http://127.0.0.1:") || code == "" {
		t.Errorf("got %q, %v", invite, err)
	}
	parleyd(t, "user", "add", "alice", "--data", data).ok(t)
	if invite, _ := output(); invite != "" {
		t.Error("another invite for the first user")
	}
}

func userCount(t *testing.T, data string) int {
	t.Helper()
	return strings.Count(parleyd(t, "user", "list", "--data", data).ok(t), "\n")
}

func TestRun_serve_as_a_service_prints_no_secret(t *testing.T) {
	t.Setenv("JOURNAL_STREAM", "8:1234")
	data := t.TempDir()
	_, stop := serve(t, "--data", data, "--addr", "127.0.0.1:0")
	stop()
	if list := parleyd(t, "invite", "list", "--data", data).ok(t); strings.Contains(list, "\n") {
		t.Errorf("got %s, want no invite", list)
	}
}

func TestRun_invites(t *testing.T) {
	data := t.TempDir()
	made := parleyd(t, "invite", "new", "--server", "https://chat.example", "--uses", "3", "--data", data).ok(t)
	lines := strings.Split(made, "\n")
	invite, err := wire.ParseInvite(lines[0])
	if err != nil || !strings.HasPrefix(lines[1], "https://chat.example/join#") || !strings.Contains(made, "█") {
		t.Fatalf("got %v, %q", err, made)
	}
	if made := parleyd(t, "invite", "new", "--for", "alice", "--no-qr", "--data", data).ok(t); strings.Contains(made, "█") {
		t.Error("a code in spite of --no-qr")
	}
	list := parleyd(t, "invite", "list", "--data", data).ok(t)
	if !strings.Contains(list, invite.ID()) || !strings.Contains(list, "alice") || strings.Contains(list, lines[0]) {
		t.Errorf("got %s", list)
	}
	parleydIn(t, lines[1], "invite", "revoke", "-", "--data", data).ok(t)
	if got := parleyd(t, "invite", "revoke", invite.ID(), "--data", data); got.failure == nil {
		t.Error("withdrawn twice")
	}
	for _, args := range [][]string{{"--uses", "0x"}, {"--uses", "99999"}, {"--valid", "99999h"}, {"--server", "x"}} {
		if got := parleyd(t, append([]string{"invite", "new", "--data", data}, args...)...); got.failure == nil {
			t.Errorf("%v: got %s", args, got.out)
		}
	}
	parleyd(t, "user", "add", "bob", "--data", data).ok(t)
	parleyd(t, "user", "admin", "bob", "--data", data).ok(t)
	if list := parleyd(t, "user", "list", "--data", data).ok(t); !strings.Contains(list, "administrator") {
		t.Errorf("got %s", list)
	}
	parleyd(t, "user", "admin", "bob", "--off", "--data", data).ok(t)
	if list := parleyd(t, "user", "list", "--data", data).ok(t); strings.Contains(list, "administrator") {
		t.Errorf("got %s", list)
	}
}
