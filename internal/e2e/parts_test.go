package e2e_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"strconv"
	"time"

	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/mesibo"
)

// The parts of child processes, which tests kill. A part has its arguments in the environment.
const (
	partVariable = "PARLEY_E2E_PART"
	argVariable  = "PARLEY_E2E_ARG"
)

func play(part string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var err error
	switch part {
	case "server":
		err = playServer(ctx, os.Getenv(argVariable+"1"), os.Getenv(argVariable+"2"), os.Getenv(argVariable+"3"))
	case "chatter":
		err = playChatter(ctx, os.Getenv(argVariable+"1"), os.Getenv(argVariable+"2"), os.Getenv(argVariable+"3"))
	case "renewer":
		err = playRenewer(ctx, os.Getenv(argVariable+"1"), os.Getenv(argVariable+"2"), os.Getenv(argVariable+"3"))
	case "bob":
		err = playBob(ctx, os.Getenv(argVariable+"1"), os.Getenv(argVariable+"2"), os.Getenv(argVariable+"3"))
	case "alice":
		err = playTalker(ctx, os.Getenv(argVariable+"2"), os.Getenv(argVariable+"1"), os.Getenv(argVariable+"3") == "alice",
			"bob", aliceTone)
	case "host":
		err = playHost(ctx, os.Getenv(argVariable+"1"), os.Getenv(argVariable+"2"), os.Getenv(argVariable+"3"))
	case "meeter":
		err = playMeeter(ctx, os.Getenv(argVariable+"2"), os.Getenv(argVariable+"1"), "", aliceTone)
	case "folder":
		err = sendFolder(os.Getenv(argVariable+"1"), os.Getenv(argVariable+"2"), os.Getenv(argVariable+"3"))
	case "import":
		err = importAll(os.Getenv(argVariable+"1"), os.Getenv(argVariable+"2"), os.Getenv(argVariable+"3"))
	default:
		err = fmt.Errorf("no such part: %s", part)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, part+":", err)
		return 1
	}
	return 0
}

// playServer serves a folder on an address until it is killed or interrupted. It prints when it is ready.
// lifetime is that of access tokens, and they are as old as that allows for a renewal; empty: they never expire.
func playServer(ctx context.Context, dir, addr, lifetime string) error {
	opts := server.Options{Dir: dir, Logger: slog.New(slog.DiscardHandler), PublicURL: "http://" + addr}
	if lifetime != "" {
		var err error
		if opts.TokenLifetime, err = time.ParseDuration(lifetime); err != nil {
			return err
		}
		opts.Clock = func() time.Time { return time.Now().Add(opts.TokenLifetime * 3 / 4) }
	}
	s, err := server.Open(ctx, opts)
	if err != nil {
		return err
	}
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err != nil {
		return errors.Join(err, s.Close())
	}
	fmt.Println("ready")
	return s.Serve(ctx, ln)
}

// mostUnsent keeps a chatter from running far ahead of a server that is down.
const mostUnsent = 300

// playChatter sends the numbers 1, 2, 3… to a peer, continuing after the last one in its database, and prints each
// number that was accepted. When its standard input ends it stops sending, waits until everything is sent, and ends.
func playChatter(ctx context.Context, token, dir, peer string) error {
	m, err := mesibo.New(mesibo.Options{Path: dir, AccessToken: token, Database: "test.db"})
	if err != nil {
		return err
	}
	next, err := lastNumber(m, peer)
	if err != nil {
		return err
	}
	if err := m.Start(); err != nil {
		return err
	}
	fmt.Println("ready")
	quit := make(chan struct{})
	go func() { // ends with the process
		bufio.NewScanner(os.Stdin).Scan()
		close(quit)
	}()
	pause := time.NewTicker(2 * time.Millisecond)
	defer pause.Stop()
	for quitting := false; ; {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-quit:
			quitting, quit = true, nil
		case <-pause.C:
		}
		waiting := m.OutboxCount()
		if quitting {
			if waiting == 0 {
				return m.Reset()
			}
			continue
		}
		if waiting < mostUnsent {
			next++
			text := strconv.Itoa(next)
			if err := m.SendMessageString(mesibo.NewMessageParams(peer, mesibo.FlagDefault), m.Random(), text); err != nil {
				return err
			}
			fmt.Println(text)
		}
	}
}

// lastNumber returns the last number that was accepted, in this run or an earlier one.
func lastNumber(m *mesibo.Mesibo, peer string) (int, error) {
	last := 0
	s := m.NewReadDbSession(peer, 0, "", &mesibo.ListenerFuncs{Message: func(p *mesibo.MessageParams, data []byte) {
		if n, err := strconv.Atoi(string(data)); err == nil && p.IsOutgoing() {
			last = max(last, n)
		}
	}})
	defer s.Stop()
	for {
		n, err := s.Read(1000)
		if err != nil || n < 1000 {
			return last, err
		}
	}
}
