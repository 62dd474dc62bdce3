//go:build unix

package e2e_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/parley-chat/parley/mesibo/mesibotest"
)

// This file tests the process of parley-sfu.

// watchedSFU is a server whose parley-sfu is known by its process.
type watchedSFU struct {
	*mesibotest.Server

	t       *testing.T
	program string
	file    string // has the id of the process
}

// watchSFU starts a server with an SFU, when there is the program.
func watchSFU(t *testing.T) (srv *watchedSFU, ok bool) {
	t.Helper()
	own, ok := sfuServer(t)
	if !ok {
		return nil, false
	}
	folder := t.TempDir()
	srv = &watchedSFU{own, t, filepath.Join(folder, "sfu"), filepath.Join(folder, "pid")}
	script := fmt.Sprintf("#!/bin/sh\necho $$ >%q\nexec %q\n", srv.file, os.Getenv(sfuVariable))
	if err := os.WriteFile(srv.program, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	srv.Stop()
	srv.SetSFU(srv.program)
	srv.Start()
	return srv, true
}

// process returns the process, 0 when none was started.
func (w *watchedSFU) process() int {
	w.t.Helper()
	text, err := os.ReadFile(w.file)
	if errors.Is(err, fs.ErrNotExist) {
		return 0
	}
	if err != nil {
		w.t.Fatal(err)
	}
	pid, _ := strconv.Atoi(strings.TrimSpace(string(text))) // an error: it is being written
	return pid
}

// callers returns members of a group who talk, without video.
func (w *watchedSFU) callers(names ...string) []*talker {
	w.t.Helper()
	list := speakers(w.t, w.Server, names...)
	for _, k := range list {
		k.video = false
	}
	return list
}

// TestSFU_killed: when parley-sfu is killed it is started again, and all hear each other again.
func TestSFU_killed(t *testing.T) {
	t.Parallel()
	srv, ok := watchSFU(t)
	if !ok {
		return
	}
	list := srv.callers("alice", "bob", "carol")
	meet(list)
	first := srv.process()
	began := time.Now()
	if err := syscall.Kill(first, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	list[0].await("silence", func() bool { return list[0].set.Speaker.Loudness() < 0.01 })
	for i, k := range list {
		k.hears(list, list[(i+1)%3], list[(i+2)%3])
	}
	within(t, "all hear each other", began, rebuiltMost)
	if srv.process() == first {
		t.Error("it is the same process")
	}
}

// TestSFU_only_in_calls: parley-sfu runs neither without a call of a group nor after the end of the server.
func TestSFU_only_in_calls(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*mesibotest.Server){
		"stopped": (*mesibotest.Server).Stop, "killed": (*mesibotest.Server).Kill,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv, ok := watchSFU(t)
			if !ok {
				return
			}
			list := srv.callers("alice", "bob")
			list[0].SetGroupCallEngine(nil) // without an SFU
			list[1].SetGroupCallEngine(nil)
			meet(list)
			if pid := srv.process(); pid != 0 {
				t.Errorf("process %d runs without need", pid)
			}
			for _, k := range list {
				k.call.Leave()
				k.awaitLine("group COMPLETE")
				k.SetGroupCallEngine(newEngine())
			}
			for _, k := range list {
				k.awaitLine("state 0 false") // who joined before would be in the same call, without an SFU
				k.join()
			}
			list[0].await("parley-sfu", func() bool { return srv.process() != 0 })
			pid := srv.process()
			if err := syscall.Kill(pid, 0); err != nil {
				t.Fatalf("process %d: %v", pid, err)
			}
			end(srv.Server)
			if err := syscall.Kill(pid, 0); !errors.Is(err, syscall.ESRCH) {
				t.Errorf("process %d is left: %v", pid, err)
			}
		})
	}
}

// TestSFU_elsewhere: a call through a LiveKit server that is named by URL.
func TestSFU_elsewhere(t *testing.T) {
	t.Parallel()
	srv, ok := sfuServer(t)
	if !ok {
		return
	}
	key, secret := "key", strings.Repeat("secret", 6)
	url := liveKit(t, key, secret)
	srv.Stop()
	srv.SetLiveKit(url, key, secret)
	srv.Start()
	list := speakers(t, srv, "alice", "bob", "carol")
	meet(list)
	alice, bob, carol := list[0], list[1], list[2]
	began := time.Now()
	alice.must(alice.other(bob).AdminHangup())
	bob.awaitLine("group NOTALLOWED")
	alice.hears(list, carol)
	within(t, "no one hears bob", began, removedMost)
	carol.hears(list, alice)
}

// liveKit starts a LiveKit server with a key, and returns its URL.
func liveKit(t *testing.T, key, secret string) (url string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Getenv(sfuVariable))
	cmd.Stderr = t.Output()
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close()
		_ = cmd.Wait()
	})
	if _, err := fmt.Fprintf(in, "{\"key\":%q,\"secret\":%q,\"loopback\":true}\n", key, secret); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err != nil {
		t.Fatal(err)
	}
	var started struct{ Port int }
	if err := json.Unmarshal(line, &started); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("ws://127.0.0.1:%d", started.Port)
}
