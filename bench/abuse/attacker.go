package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"time"

	"github.com/parley-chat/parley/internal/wire"
)

// attackerWord is the first argument of the program when it runs as the attacker.
const attackerWord = "attack-for-bench"

// field is what attacks work with. The attacker is a process of its own, with the lowest priority: the attacker's
// machines are others, so that only what the server does may slow the pair down.
type field struct {
	Addr    string
	Tokens  []wire.Token
	Idle    int           // users who are online
	Members int           // of the stranger's group
	Length  time.Duration // of an attack

	notified, received atomic.Int64 // what those who are online were sent: news of profiles, and events
}

// attacker is that process, as the one that measures sees it.
type attacker struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

func startAttacker(ctx context.Context, f *field) (*attacker, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find the program: %w", err)
	}
	a := &attacker{cmd: exec.CommandContext(ctx, "nice", "-n", "19", self, attackerWord)}
	a.cmd.Stderr = os.Stderr
	if a.in, err = a.cmd.StdinPipe(); err != nil {
		return nil, fmt.Errorf("start the attacker: %w", err)
	}
	out, err := a.cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start the attacker: %w", err)
	}
	a.out = bufio.NewReader(out)
	if err := a.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the attacker: %w", err)
	}
	return a, json.NewEncoder(a.in).Encode(f)
}

// say has the attacker do something, and returns what it answers when that is done.
func (a *attacker) say(word string) (string, error) {
	if _, err := fmt.Fprintln(a.in, word); err != nil {
		return "", fmt.Errorf("ask the attacker: %w", err)
	}
	line, err := a.out.ReadString('\n')
	if err != nil {
		return "", fmt.Errorf("the attacker: %w", err)
	}
	line = strings.TrimSpace(line)
	if problem, failed := strings.CutPrefix(line, "error: "); failed {
		return "", errors.New(problem)
	}
	return line, nil
}

func (a *attacker) stop() error {
	_ = a.in.Close()
	if err := a.cmd.Wait(); err != nil {
		return fmt.Errorf("stop the attacker: %w", err)
	}
	return nil
}

// attack is the attacker's process. Each line names an attack, which it prepares, or asks for it to run.
func attack(ctx context.Context) error {
	in := bufio.NewReader(os.Stdin)
	line, err := in.ReadBytes('\n')
	if err != nil {
		return fmt.Errorf("read the field: %w", err)
	}
	f := &field{}
	if err := json.Unmarshal(line, f); err != nil {
		return fmt.Errorf("read the field: %w", err)
	}
	var run running
	for {
		word, err := in.ReadString('\n')
		if err != nil {
			return nil //nolint:nilerr // the end
		}
		did := ""
		if word = strings.TrimSpace(word); word == "run" {
			did, err = f.run(ctx, run)
		} else {
			run, err = attacks[word](ctx, f)
		}
		if err != nil {
			did = "error: " + err.Error()
		}
		if _, err := fmt.Println(did); err != nil {
			return fmt.Errorf("answer: %w", err)
		}
	}
}

func (f *field) run(ctx context.Context, run running) (string, error) {
	ctx, stop := context.WithTimeout(ctx, f.Length)
	defer stop()
	return run(ctx)
}
