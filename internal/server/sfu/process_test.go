//go:build unix

package sfu

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/goroutine/leaktest"
)

// This file tests parley-sfu itself, where it is built.

const (
	programVariable = "PARLEY_SFU"      // tools/sfu-check.sh sets it
	parentVariable  = "PARLEY_SFU_TEST" // set in a process that is only there to be killed
)

func TestMain(m *testing.M) {
	if program := os.Getenv(parentVariable); program != "" {
		os.Exit(parent(program))
	}
	os.Exit(leaktest.Main(m))
}

// parent starts the SFU and waits to be killed.
func parent(program string) int {
	_, err := launch(context.Background(), config(program))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	fmt.Println("ready")
	select {}
}

func config(program string) *Config {
	return &Config{
		Program: program, Loopback: true, Key: "key", Secret: strings.Repeat("secret", 6),
		Logger: slog.New(slog.DiscardHandler),
	}
}

// programWithID returns a program that is parley-sfu and writes its process id to a file.
func programWithID(t *testing.T) (program, file string, ok bool) {
	t.Helper()
	path := os.Getenv(programVariable)
	if path == "" {
		t.Log(programVariable + " is not set: tools/sfu-check.sh sets it")
		return "", "", false
	}
	folder := t.TempDir()
	program, file = filepath.Join(folder, "sfu"), filepath.Join(folder, "pid")
	script := fmt.Sprintf("#!/bin/sh\necho $$ >%q\nexec %q\n", file, path)
	if err := os.WriteFile(program, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	return program, file, true
}

func processIn(t *testing.T, file string) int {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	return pid
}

// awaitEnd waits until a process that is not our child has ended.
func awaitEnd(t *testing.T, pid int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for syscall.Kill(pid, 0) == nil {
		if state, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid)); err == nil &&
			strings.Contains(string(state), ") Z ") {
			return // its status was not asked for
		}
		select {
		case <-time.After(shortest):
		case <-ctx.Done():
			t.Fatalf("process %d goes on", pid)
		}
	}
}

// TestLaunch: the program starts, has rooms, and ends when it is told to.
func TestLaunch(t *testing.T) {
	t.Parallel()
	program, file, ok := programWithID(t)
	if !ok {
		return
	}
	c := config(program)
	c.Clock, c.Admits = time.Now, func(string, uint32) bool { return false }
	c.MaxPeople = 3
	ch, err := launch(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	defer ch.stop()
	s := New(Config{
		URL: "ws" + strings.TrimPrefix(ch.base, "http"), Key: c.Key, Secret: c.Secret, Clock: time.Now, Logger: c.Logger,
	})
	if err := s.Open(t.Context(), "room"); err != nil {
		t.Fatal(err)
	}
	remove := task{what: taskRemove, member: member{"room", 1}}
	if err := s.perform(t.Context(), ch.base, remove); !errors.Is(err, errNotFound) {
		t.Errorf("remove nobody: %v", err)
	}
	if err := s.perform(t.Context(), ch.base, task{what: taskDelete, member: member{room: "room"}}); err != nil {
		t.Error(err)
	}
	s.client.CloseIdleConnections()
	began := time.Now()
	ch.stop()
	if took := time.Since(began); took > stopMost {
		t.Errorf("it took %v", took)
	}
	awaitEnd(t, processIn(t, file))
}

// TestLaunch_parent_killed: the program does not outlive the process that has started it.
func TestLaunch_parent_killed(t *testing.T) {
	t.Parallel()
	program, file, ok := programWithID(t)
	if !ok {
		return
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), parentVariable+"="+program)
	cmd.Stderr = t.Output()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "ready\n" {
		t.Fatalf("got %q, %v", line, err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	awaitEnd(t, processIn(t, file))
}

// TestLaunch_fails: a program that is not there, or something else.
func TestLaunch_fails(t *testing.T) {
	t.Parallel()
	for _, program := range []string{filepath.Join(t.TempDir(), "none"), "/bin/true", "/bin/echo"} {
		if ch, err := launch(t.Context(), config(program)); err == nil {
			ch.stop()
			t.Errorf("%s is started", program)
		}
	}
}
