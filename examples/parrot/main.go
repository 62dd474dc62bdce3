// Parrot answers every call, takes part in the calls of its groups, and says what it hears, a second later.
//
// It shows a bot that listens and speaks: its microphone and its speaker are Go. Without libopus it sounds like a
// telephone, and is mute in the calls of groups that go through an SFU.
//
//	make server # in another terminal
//	export PARLEY_TOKEN=$(build/parleyd user add --data build/server parrot)
//	go run ./examples/parrot
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/mesibo/call"
	"github.com/parley-chat/parley/mesibo/call/codecs"
	"github.com/parley-chat/parley/mesibo/call/livekit"
)

const shutdownTimeout = 10 * time.Second

func main() {
	dir := flag.String("data", "build/examples/parrot", "`folder` of the database")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	err := run(ctx, *dir, os.Getenv("PARLEY_TOKEN"), log)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "parrot:", err)
		os.Exit(1)
	}
}

// run answers calls until ctx ends.
func run(ctx context.Context, dir, token string, log *slog.Logger) (err error) {
	if token == "" {
		return errors.New("PARLEY_TOKEN is not set")
	}
	m, err := mesibo.New(mesibo.Options{Path: dir, AccessToken: token, Database: "parrot.db", Logger: log})
	if err != nil {
		return err
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
		defer cancel()
		err = errors.Join(err, m.Shutdown(ctx))
	}()
	memory := &memory{}
	m.SetCallMedia(codecs.Use(call.Media{Microphone: memory, Speaker: memory}))
	m.SetGroupCallEngine(livekit.New())
	p := &parrot{m, log}
	// ShowUserInterface is not needed: AutoAnswer answers.
	if err := m.AddListener(&mesibo.CallFuncs{Incoming: p.rings}); err != nil {
		return err
	}
	if err := m.AddListener(&mesibo.GroupCallFuncs{State: p.groupCalls}); err != nil {
		return err
	}
	return m.Run(ctx)
}

type parrot struct {
	m   *mesibo.Mesibo
	log *slog.Logger
}

// rings answers a call, with sound alone.
func (p *parrot) rings(caller *mesibo.UserProfile, _, _ bool) *mesibo.CallProperties {
	p.log.Info("answering", slog.String("caller", caller.Address))
	cp := p.m.CreateCallProperties(false)
	cp.AutoAnswer = true
	return cp
}

// groupCalls is called with each change of the call of a group. It joins one with others, and leaves when it is alone.
func (p *parrot) groupCalls(s mesibo.GroupCallState) {
	c, err := p.m.GroupCall(s.Group.GroupID)
	if err != nil {
		p.log.Error("no call", slog.Any("error", err))
		return
	}
	joined := false
	others := 0
	for _, address := range s.Addresses {
		if address == p.m.GetAddress() {
			joined = true
		} else {
			others++
		}
	}
	switch {
	case others == 0:
		c.Leave()
	case !joined:
		p.join(c)
	}
}

// join takes part in the call of a group: it plays all others, which the parrot hears, and speaks.
func (p *parrot) join(c *mesibo.GroupCall) {
	err := c.Join(&mesibo.GroupCallFuncs{
		Publisher: func(other *mesibo.CallParticipant, joined bool) {
			if joined {
				p.logError(other.Call(true, false, false, false, nil))
			}
		},
		Problem: p.logError,
	}, false)
	if errors.Is(err, mesibo.ErrCallBusy) { // it takes part already, or is in another call
		return
	}
	if err == nil {
		err = c.CreatePublisher(1).Call(true, false, false, false, nil)
	}
	p.logError(err)
}

func (p *parrot) logError(err error) {
	if err != nil {
		p.log.Error("call", slog.Any("error", err))
	}
}
