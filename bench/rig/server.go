// Package rig is shared by the load generators: a server in a process of its own, and a client that speaks raw frames.
package rig

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/wire"
)

// childWord is the first argument of the program when it runs as the server.
const childWord = "serve-for-bench"

// SFUVariable names the program parley-sfu in the environment; the server has it for calls of groups.
const SFUVariable = "PARLEY_SFU"

// limitsVariable is set in the environment of a server that has its usual limits.
const limitsVariable = "PARLEY_BENCH_LIMITS"

// Child runs the server if the process was started as one; main calls it first.
func Child(ctx context.Context, args []string) (isChild bool, err error) {
	if len(args) != 3 || args[1] != childWord {
		return false, nil
	}
	return true, serve(ctx, args[2])
}

// serve runs until the standard input ends.
func serve(ctx context.Context, dir string) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	o := server.Options{Dir: dir, Logger: log}
	if os.Getenv(limitsVariable) == "" {
		o.SendRate, o.SendBurst, o.MaxPerAddress = 1e9, 1e9, 1e9
	}
	if program := os.Getenv(SFUVariable); program != "" {
		o.SFU = &server.SFU{Program: program, Loopback: true}
	}
	srv, err := server.Open(ctx, o)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintln(os.Stdout, ln.Addr()); err != nil {
		return fmt.Errorf("tell the address: %w", err)
	}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(ctx, ln) }()
	_, err = io.Copy(io.Discard, os.Stdin)
	cancel()
	return errors.Join(err, <-served)
}

// Server is a server in a process of its own.
type Server struct {
	Addr string
	dir  string
	cmd  *exec.Cmd
	in   io.Closer
}

// Start creates users, named by user(0) to user(n-1), and starts a server without limits of rate. It returns a token for
// each; a name that comes again is one more device.
func Start(ctx context.Context, n int, user func(int) string) (*Server, []wire.Token, error) {
	return start(ctx, n, user)
}

// StartLimited is Start for a server with its usual limits.
func StartLimited(ctx context.Context, n int, user func(int) string) (*Server, []wire.Token, error) {
	return start(ctx, n, user, limitsVariable+"=1")
}

func start(ctx context.Context, n int, user func(int) string, env ...string) (*Server, []wire.Token, error) {
	dir, err := os.MkdirTemp("", "parley-bench-")
	if err != nil {
		return nil, nil, fmt.Errorf("make folder: %w", err)
	}
	s := &Server{dir: dir}
	tokens, err := s.makeUsers(ctx, n, user)
	if err == nil {
		err = s.spawn(ctx, env)
	}
	if err != nil {
		return nil, nil, errors.Join(err, os.RemoveAll(dir))
	}
	return s, tokens, nil
}

func (s *Server) makeUsers(ctx context.Context, n int, user func(int) string) ([]wire.Token, error) {
	users, err := server.OpenAccounts(s.dir)
	if err != nil {
		return nil, err
	}
	defer func() { _ = users.Close() }()
	if err := users.SetPublicURL(ctx, "http://127.0.0.1", nil); err != nil {
		return nil, err
	}
	tokens := make([]wire.Token, n)
	for i := range tokens {
		if err := users.AddUser(ctx, user(i), user(i)); err != nil && !errors.Is(err, accounts.ErrUserExists) {
			return nil, err
		}
		if tokens[i], err = users.NewToken(ctx, user(i), accounts.TokenOptions{}); err != nil {
			return nil, err
		}
	}
	return tokens, nil
}

func (s *Server) spawn(ctx context.Context, env []string) error {
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find the program: %w", err)
	}
	s.cmd = exec.CommandContext(ctx, self, childWord, s.dir)
	s.cmd.Stderr = os.Stderr
	s.cmd.Env = append(os.Environ(), env...)
	in, err := s.cmd.StdinPipe()
	if err != nil {
		return fmt.Errorf("start server: %w", err)
	}
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return fmt.Errorf("start server: %w", err)
	}
	if err := s.cmd.Start(); err != nil {
		return fmt.Errorf("start server: %w", err)
	}
	s.in = in
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return errors.Join(fmt.Errorf("start server: %w", err), s.cmd.Wait())
	}
	s.Addr = strings.TrimSpace(line)
	return nil
}

// Stop stops the server and removes its folder.
func (s *Server) Stop() error {
	_ = s.in.Close()
	err := s.cmd.Wait()
	return errors.Join(err, os.RemoveAll(s.dir))
}

// CPU returns the processor time that the server has used.
func (s *Server) CPU() (time.Duration, error) {
	b, err := os.ReadFile(s.proc("stat"))
	if err != nil {
		return 0, fmt.Errorf("read cpu time: %w", err)
	}
	_, rest, _ := strings.Cut(string(b), ") ")
	fields := strings.Fields(rest)
	const utime, stime, tick = 11, 12, 10 * time.Millisecond
	if len(fields) <= stime {
		return 0, errors.New("read cpu time: too few fields")
	}
	u, err1 := strconv.Atoi(fields[utime])
	k, err2 := strconv.Atoi(fields[stime])
	return time.Duration(u+k) * tick, errors.Join(err1, err2)
}

// PID returns the number of the server's process.
func (s *Server) PID() int { return s.cmd.Process.Pid }

// RSS returns the server's resident memory in bytes.
func (s *Server) RSS() (int64, error) {
	b, err := os.ReadFile(s.proc("status"))
	if err != nil {
		return 0, fmt.Errorf("read memory: %w", err)
	}
	for line := range strings.Lines(string(b)) {
		if kib, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			n, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(kib), " kB"), 10, 64)
			return n << 10, err
		}
	}
	return 0, errors.New("read memory: no VmRSS")
}

func (s *Server) proc(name string) string {
	return filepath.Join("/proc", strconv.Itoa(s.cmd.Process.Pid), name)
}
