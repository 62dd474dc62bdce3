// Terminalchat is a chat in a terminal.
//
// It shows the history of a chat, ticks for what was delivered (✓✓) and read, who is typing, and groups. Enter sends a
// line, "/chat USER" goes to another chat, "/chat #NUMBER" to a group, "/group NAME USER…" makes one, and Ctrl+D ends
// the program.
//
//	make server # in another terminal; prints the tokens of alice and bob
//	PARLEY_TOKEN=… go run ./examples/terminalchat bob
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"golang.org/x/term"

	"github.com/parley-chat/parley/mesibo"
)

const shutdownTimeout = 10 * time.Second

func main() {
	dir := flag.String("data", "build/examples/terminalchat", "`folder` of the databases, one for each user")
	flag.Parse()
	if err := onTerminal(*dir, os.Getenv("PARLEY_TOKEN"), flag.Arg(0)); err != nil {
		fmt.Fprintln(os.Stderr, "terminalchat:", err)
		os.Exit(1)
	}
}

// onTerminal runs the chat on the terminal of the process.
func onTerminal(dir, token, peer string) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	if in := int(os.Stdin.Fd()); term.IsTerminal(in) {
		before, err := term.MakeRaw(in) // keys come one by one, Ctrl+C too
		if err != nil {
			return err
		}
		defer func() {
			_ = term.Restore(in, before)
			fmt.Println() // the shell goes on below the prompt
		}()
	}
	return run(ctx, dir, token, peer, struct {
		io.Reader
		io.Writer
	}{os.Stdin, os.Stdout})
}

// run chats until ctx or the input ends.
func run(ctx context.Context, dir, token, peer string, screen io.ReadWriter) (err error) {
	if token == "" || peer == "" {
		return errors.New("set PARLEY_TOKEN, and name the user to talk to")
	}
	m, err := mesibo.New(mesibo.Options{Path: dir, AccessToken: token})
	if err != nil {
		return err
	}
	if err := m.SetDatabase(m.GetAddress()+".db", 0); err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer func() {
		stop()
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
		defer cancel()
		err = errors.Join(err, m.Shutdown(ctx))
	}()
	c := newChat(m, screen)
	if err := errors.Join(m.AddListener(c.messages()), m.AddListener(c.groups()), c.open(peer, 0)); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- m.Run(ctx) }()
	lines := c.read(ctx)
	for {
		select {
		case line, ok := <-lines:
			if !ok {
				return nil
			}
			if err := c.enter(line); err != nil {
				c.say("! %v", err)
			}
		case err := <-ended: // ctx has ended, or the token is not valid any more
			return err
		}
	}
}
