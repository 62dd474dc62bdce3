package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// process is a program that runs until stop.
type process struct {
	cmd *exec.Cmd
	log string
}

// startProcess starts a program as the user, where root starts it, with its output in a file of the folder.
func startProcess(dir, user string, env []string, command ...string) (*process, error) {
	p := &process{log: filepath.Join(dir, filepath.Base(command[0])+".log")}
	out, err := os.Create(p.log)
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", command[0], err)
	}
	defer func() { _ = out.Close() }()
	command = as(user, command)
	// Its own context would kill it before it can end its children.
	p.cmd = exec.Command(command[0], command[1:]...) //nolint:noctx // see above
	p.cmd.Dir, p.cmd.Stdout, p.cmd.Stderr = dir, out, out
	p.cmd.Env = append(os.Environ(), env...)
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", command[0], err)
	}
	return p, nil
}

// as returns the command that runs as the user, where root runs it.
func as(user string, command []string) []string {
	if user == "" || os.Geteuid() != 0 {
		return command
	}
	return append([]string{"setpriv", "--reuid=" + user, "--regid=" + user, "--init-groups"}, command...)
}

// command runs a program to its end.
func command(ctx context.Context, dir, user, input string, words ...string) error {
	words = as(user, words)
	cmd := exec.CommandContext(ctx, words[0], words[1:]...)
	cmd.Dir, cmd.Stdin = dir, strings.NewReader(input)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", strings.Join(words, " "), err, bytes.TrimSpace(out))
	}
	return nil
}

// stop ends the program, and kills it if that takes long.
func (p *process) stop() error {
	return p.end(p.cmd.Process.Pid)
}

// stopAll ends the program and its children, for one that does not do that itself.
func (p *process) stopAll() error {
	all, err := table()
	if err != nil {
		return err
	}
	return p.end(all.with(p.cmd.Process.Pid)...)
}

func (p *process) end(pids ...int) error {
	for _, pid := range pids {
		if one, err := os.FindProcess(pid); err == nil {
			_ = one.Signal(syscall.SIGTERM)
		}
	}
	timer := time.AfterFunc(20*time.Second, func() { _ = p.cmd.Process.Kill() })
	defer timer.Stop()
	var exit *exec.ExitError
	if err := p.cmd.Wait(); err != nil && !errors.As(err, &exit) {
		return fmt.Errorf("stop: %w", err)
	}
	return nil
}

// listens waits until something listens at the address, or the program has ended.
func (p *process) listens(ctx context.Context, addr string) error {
	ctx, cancel := context.WithTimeout(ctx, 60*time.Second)
	defer cancel()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", addr)
		if err == nil {
			return conn.Close()
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			out, _ := os.ReadFile(p.log)
			return fmt.Errorf("nothing listens at %s: %w: %s", addr, err, lastLines(string(out), 5))
		}
	}
}

func lastLines(text string, n int) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

// freePort returns a port of this machine on which nothing listens.
func freePort(ctx context.Context) (int, error) {
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("find a port: %w", err)
	}
	defer func() { _ = ln.Close() }()
	addr, ok := ln.Addr().(*net.TCPAddr)
	if !ok {
		return 0, errors.New("find a port: no TCP address")
	}
	return addr.Port, nil
}

// usage is what processes and all their children have used.
type usage struct {
	cpu time.Duration
	pss int64 // bytes
}

// use returns the usage of processes and all their children.
func use(roots ...int) (u usage, err error) {
	all, err := table()
	if err != nil {
		return u, err
	}
	for _, pid := range all.with(roots...) {
		u.cpu += all.spent[pid]
		u.pss += pss(pid)
	}
	return u, nil
}

// processTable has the processes of the machine.
type processTable struct {
	children map[int][]int
	spent    map[int]time.Duration // of the processor, with children who have ended
}

func table() (t processTable, err error) {
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return t, fmt.Errorf("list processes: %w", err)
	}
	t = processTable{make(map[int][]int), make(map[int]time.Duration)}
	for _, name := range stats {
		b, err := os.ReadFile(name)
		if err != nil {
			continue // it has ended
		}
		_, rest, _ := strings.Cut(string(b), ") ")
		fields := strings.Fields(rest)
		const parent, utime, cstime, tick = 1, 11, 14, 10 * time.Millisecond
		if len(fields) <= cstime {
			continue
		}
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(name)))
		of, _ := strconv.Atoi(fields[parent])
		t.children[of] = append(t.children[of], pid)
		for _, field := range fields[utime : cstime+1] {
			ticks, _ := strconv.Atoi(field)
			t.spent[pid] += time.Duration(ticks) * tick
		}
	}
	return t, nil
}

// with returns processes and all their children.
func (t processTable) with(roots ...int) []int {
	for i := 0; i < len(roots); i++ {
		roots = append(roots, t.children[roots[i]]...)
	}
	return roots
}

// pss returns the memory of a process in bytes, with its share of what it shares with others.
func pss(pid int) int64 {
	b, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "smaps_rollup"))
	if err != nil {
		return 0 // it has ended
	}
	for line := range strings.Lines(string(b)) {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == "Pss:" {
			kib, _ := strconv.ParseInt(fields[1], 10, 64)
			return kib << 10
		}
	}
	return 0
}
