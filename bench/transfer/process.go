package main

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

	"github.com/parley-chat/parley/internal/server"
)

// childWord is the first argument of the program when it runs as a server or a client.
const childWord = "child-of-bench"

// child runs the server or client if the process was started as one.
func child(ctx context.Context, args []string) (isChild bool, err error) {
	if len(args) < 3 || args[1] != childWord {
		return false, nil
	}
	switch args = args[2:]; {
	case args[0] == "server" && len(args) == 4:
		return true, serve(ctx, args[1], args[2], args[3])
	case args[0] == "client" && len(args) == 4:
		return true, beClient(args[1], args[2], args[3])
	}
	return true, fmt.Errorf("started as %q", args)
}

// serve runs until the standard input ends. It counts what it writes to its connections in the file count, if that has
// a name.
func serve(ctx context.Context, dir, addr, count string) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	if count != "" {
		c, err := openCounter(count)
		if err != nil {
			return err
		}
		ln = &countedListener{ln, c}
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	srv, err := server.Open(ctx, server.Options{Dir: dir, Logger: log, FileRate: 1e6, Quota: 1 << 50, MaxFile: 1 << 40})
	if err != nil {
		return err
	}
	fmt.Println("ready")
	served := make(chan error, 1)
	go func() { served <- srv.Serve(ctx, ln) }()
	_, err = io.Copy(io.Discard, os.Stdin)
	cancel()
	return errors.Join(err, <-served)
}

func freeAddress(ctx context.Context) (string, error) {
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return ln.Addr().String(), ln.Close()
}

// process is a child process.
type process struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

func spawn(ctx context.Context, args ...string) (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	p := &process{cmd: exec.CommandContext(ctx, self, append([]string{childWord}, args...)...)}
	p.cmd.Stderr = os.Stderr
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.out = bufio.NewReader(out)
	return p, p.cmd.Start()
}

// counter names the file in which a child counts, empty for none.
func (b *bench) counter(name string) string {
	if !b.counts {
		return ""
	}
	return filepath.Join(b.dir, name)
}

func (b *bench) startServer(ctx context.Context) (err error) {
	if b.server, err = spawn(ctx, "server", filepath.Join(b.dir, "server"), b.addr, b.counter("out")); err != nil {
		return err
	}
	_, err = b.server.expect("ready")
	return err
}

// startClient starts a device of a user.
func (b *bench) startClient(ctx context.Context, name, token string) (*process, error) {
	return spawn(ctx, "client", token, filepath.Join(b.dir, name), b.counter("in"))
}

// expect reads a line of the child that starts with word.
func (p *process) expect(word string) (rest []string, err error) {
	line, err := p.out.ReadString('\n')
	if err != nil {
		return nil, fmt.Errorf("the child has ended: %w", err)
	}
	fields := strings.Split(strings.TrimSpace(line), "\t")
	if fields[0] != word {
		return nil, fmt.Errorf("the child says %q", fields)
	}
	return fields[1:], nil
}

func (p *process) tell(words ...string) error {
	_, err := fmt.Fprintln(p.in, strings.Join(words, "\t"))
	return err
}

// end ends the child gracefully.
func (p *process) end() error {
	return errors.Join(p.in.Close(), p.cmd.Wait())
}

// kill kills the child.
func (p *process) kill() error {
	if err := p.cmd.Process.Kill(); err != nil {
		return err
	}
	if p.cmd.Wait() == nil {
		return errors.New("the child ended by itself")
	}
	return nil
}

// status reads a line of the child's status in kilobytes, and returns bytes.
func (p *process) status(name string) (int64, error) {
	b, err := os.ReadFile(p.proc("status"))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(b)) {
		if kib, ok := strings.CutPrefix(line, name+":"); ok {
			n, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(kib), " kB"), 10, 64)
			return n << 10, err
		}
	}
	return 0, errors.New("no " + name)
}

func (p *process) proc(name string) string {
	return filepath.Join("/proc", strconv.Itoa(p.cmd.Process.Pid), name)
}
