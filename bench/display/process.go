package display

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

// Process is a program that is measured, with all that it has started.
type Process struct{ cmd *exec.Cmd }

// Start starts a program on a display, with dir as the user's home and a group of processes of its own.
func Start(ctx context.Context, display, dir, binary string, args ...string) (*Process, error) {
	cmd := exec.CommandContext(ctx, binary, args...)
	cmd.Env = append(os.Environ(), "DISPLAY="+display, "WAYLAND_DISPLAY=", "DBUS_SESSION_BUS_ADDRESS=",
		"HOME="+dir, "XDG_CONFIG_HOME="+filepath.Join(dir, "config"), "XDG_CACHE_HOME="+filepath.Join(dir, "cache"),
		"XDG_DATA_HOME="+filepath.Join(dir, "share"), "XDG_RUNTIME_DIR="+dir, "LANG=en_US.UTF-8", "LC_ALL=en_US.UTF-8", "LIBGL_ALWAYS_SOFTWARE=1")
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", binary, err)
	}
	return &Process{cmd}, nil
}

// Stop ends the program as a session manager does.
func (p *Process) Stop() error {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); errors.Is(err, os.ErrProcessDone) {
		return nil
	}
	if err := p.cmd.Wait(); err != nil {
		return fmt.Errorf("end the program: %w", err)
	}
	return nil
}

// Kill ends the program and all that it has started, and returns once their files are closed.
func (p *Process) Kill() {
	pids := p.tree()
	for _, pid := range pids {
		if one, err := os.FindProcess(pid); err == nil {
			_ = one.Kill() // it may have ended with another
		}
	}
	_ = p.cmd.Wait() // it was killed
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	for _, pid := range pids {
		for running(pid) {
			<-look.C
		}
	}
}

// running reports whether a thread of a process has not ended; whether its parent knows that does not matter.
func running(pid int) bool {
	threads, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", pid)) // the pattern is valid
	for _, thread := range threads {
		text, err := os.ReadFile(thread)
		_, after, _ := strings.Cut(string(text), ") ")
		if err == nil && !strings.HasPrefix(after, "Z") && !strings.HasPrefix(after, "X") {
			return true
		}
	}
	return false
}

// Report prints memory, and the processor time of an idle while.
func (p *Process) Report(ctx context.Context, when string, while time.Duration) error {
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
	threads, err := p.threads()
	if err != nil {
		return err
	}
	const ticksPerSecond = 100 // on every Linux that Go supports
	fmt.Printf("%s: PSS %d MB, %d MB of it not pages of files; %d threads; idle %.2f %% of a core\n",
		when, pss>>10, anonymous>>10, threads, float64(after-before)/ticksPerSecond/while.Seconds()*100)
	return nil
}

// Memory returns the PSS in MB, and how much of it is not pages of files.
func (p *Process) Memory() (pss, anonymous float64, err error) {
	all, err := p.memory("Pss:")
	if err != nil {
		return 0, 0, err
	}
	own, err := p.memory("Pss_Anon:")
	return float64(all) / 1024, float64(own) / 1024, err
}

// memory sums up a line of smaps_rollup, in KiB.
func (p *Process) memory(name string) (int, error) {
	return p.sum("smaps_rollup", func(text string) (int, error) {
		for line := range strings.Lines(text) {
			if fields := strings.Fields(line); len(fields) > 1 && fields[0] == name {
				return strconv.Atoi(fields[1])
			}
		}
		return 0, fmt.Errorf("no %s of the program", name)
	})
}

// ticks returns the processor time used so far.
func (p *Process) ticks() (int, error) {
	return p.sum("stat", func(text string) (int, error) {
		user, err := field(text, 11)
		if err != nil {
			return 0, err
		}
		system, err := field(text, 12)
		return user + system, err
	})
}

// threads returns how many threads there are.
func (p *Process) threads() (int, error) {
	return p.sum("stat", func(text string) (int, error) { return field(text, 17) })
}

// field reads a number of a process's stat, counted after the name, which is in brackets and may have spaces.
func field(text string, i int) (int, error) {
	n, err := strconv.Atoi(strings.Fields(text[strings.LastIndexByte(text, ')')+1:])[i])
	if err != nil {
		return 0, fmt.Errorf("look at the program: %w", err)
	}
	return n, nil
}

// sum adds up a value of the program and of all that it has started and that still runs.
func (p *Process) sum(file string, value func(text string) (int, error)) (int, error) {
	total := 0
	for _, pid := range p.tree() {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", pid, file))
		if err != nil {
			if pid != p.cmd.Process.Pid {
				continue // it has ended meanwhile
			}
			return 0, fmt.Errorf("look at the program: %w", err)
		}
		n, err := value(string(text))
		if err != nil {
			return 0, err
		}
		total += n
	}
	return total, nil
}

// tree returns the program's process and those below it.
func (p *Process) tree() []int {
	pids := []int{p.cmd.Process.Pid}
	for i := 0; i < len(pids); i++ {
		tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pids[i])) // the pattern is valid
		for _, task := range tasks {
			text, err := os.ReadFile(task)
			if err != nil {
				continue // the thread has ended meanwhile
			}
			for word := range strings.FieldsSeq(string(text)) {
				if pid, err := strconv.Atoi(word); err == nil {
					pids = append(pids, pid)
				}
			}
		}
	}
	return pids
}
