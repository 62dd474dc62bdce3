package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// process is the measured program.
type process struct{ cmd *exec.Cmd }

func startProcess(ctx context.Context, display, binary, dir string) (*process, error) {
	cmd := exec.CommandContext(ctx, binary, "--data", filepath.Join(dir, "data"))
	cmd.Env = append(os.Environ(), "DISPLAY="+display, "WAYLAND_DISPLAY=", "DBUS_SESSION_BUS_ADDRESS=",
		"HOME="+dir, "XDG_CONFIG_HOME="+filepath.Join(dir, "config"), "XDG_CACHE_HOME="+filepath.Join(dir, "cache"),
		"LANG=en_US.UTF-8", "LC_ALL=en_US.UTF-8", "LIBGL_ALWAYS_SOFTWARE=1")
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", binary, err)
	}
	return &process{cmd}, nil
}

// stop ends the program as a session manager does.
func (p *process) stop() error {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); errors.Is(err, os.ErrProcessDone) {
		return nil
	}
	if err := p.cmd.Wait(); err != nil {
		return fmt.Errorf("end the program: %w", err)
	}
	return nil
}

// report prints memory, and the processor time of an idle while.
func (p *process) report(ctx context.Context, when string, while time.Duration) error {
	settled := time.NewTimer(while / 2)
	defer settled.Stop()
	select {
	case <-settled.C:
	case <-ctx.Done():
		return ctx.Err()
	}
	before, err := p.ticks()
	if err != nil {
		return err
	}
	settled.Reset(while)
	select {
	case <-settled.C:
	case <-ctx.Done():
		return ctx.Err()
	}
	after, err := p.ticks()
	if err != nil {
		return err
	}
	pss, err := p.memory("Pss:")
	if err != nil {
		return err
	}
	anonymous, err := p.memory("Pss_Anon:") // without pages of files: the program and libraries
	if err != nil {
		return err
	}
	const ticksPerSecond = 100 // on every Linux that Go supports
	fmt.Printf("%s: PSS %d MB, %d MB of it not pages of files; idle %.2f %% of a core\n",
		when, pss>>10, anonymous>>10, float64(after-before)/ticksPerSecond/while.Seconds()*100)
	return nil
}

// memory reads a line of smaps_rollup, in KiB.
func (p *process) memory(name string) (int, error) {
	text, err := p.proc("smaps_rollup")
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(text) {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == name {
			return strconv.Atoi(fields[1])
		}
	}
	return 0, fmt.Errorf("no %s of the program", name)
}

// ticks returns the processor time used so far.
func (p *process) ticks() (int, error) {
	text, err := p.proc("stat")
	if err != nil {
		return 0, err
	}
	// The second field is the name in brackets, which may hold spaces.
	fields := strings.Fields(text[strings.LastIndexByte(text, ')')+1:])
	user, err := strconv.Atoi(fields[11])
	if err != nil {
		return 0, fmt.Errorf("read the program's time: %w", err)
	}
	system, err := strconv.Atoi(fields[12])
	if err != nil {
		return 0, fmt.Errorf("read the program's time: %w", err)
	}
	return user + system, nil
}

func (p *process) proc(name string) (string, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", p.cmd.Process.Pid, name))
	if err != nil {
		return "", fmt.Errorf("look at the program: %w", err)
	}
	return string(b), nil
}
