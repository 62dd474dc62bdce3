//go:build unix

package e2e_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestSFU_killed: when parley-sfu is killed it is started again, and all hear each other again.
func TestSFU_killed(t *testing.T) {
	t.Parallel()
	srv, ok := sfuServer(t)
	if !ok {
		return
	}
	folder := t.TempDir()
	program, file := filepath.Join(folder, "sfu"), filepath.Join(folder, "pid")
	script := fmt.Sprintf("#!/bin/sh\necho $$ >%q\nexec %q\n", file, os.Getenv(sfuVariable))
	if err := os.WriteFile(program, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	srv.Stop()
	srv.SetSFU(program)
	srv.Start()
	list := speakers(t, srv, "alice", "bob", "carol")
	for _, k := range list {
		k.video = false
	}
	if _, err := os.Stat(file); err == nil {
		t.Error("it runs without a call")
	}
	meet(list)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	list[0].await("silence", func() bool { return list[0].set.Speaker.Loudness() < 0.01 })
	for i, k := range list {
		k.hears(list, list[(i+1)%3], list[(i+2)%3])
	}
	t.Logf("all hear each other %v after the end", time.Since(began)) // ten seconds at most, unless the machine is busy
}
