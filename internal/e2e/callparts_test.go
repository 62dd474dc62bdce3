package e2e_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/mesibo/call/calltest"
)

// The parts of two people in a call, in processes of their own.

// silences is a speaker that measures how long nothing is heard.
type silences struct {
	mu      sync.Mutex
	now     time.Duration // the silence that goes on
	longest time.Duration // the longest that is over
	heard   bool          // something
}

const audible = 0.01

// Play implements call.Speaker.
func (s *silences) Play(rate, channels int, fill func(samples []float32), lost func()) (stop func(), err error) {
	return calltest.NewSpeaker().Play(rate, channels, func(samples []float32) {
		fill(samples)
		sum := 0.0
		for _, v := range samples {
			sum += float64(v) * float64(v)
		}
		s.note(math.Sqrt(sum/float64(len(samples))) > audible,
			time.Second*time.Duration(len(samples)/channels)/time.Duration(rate))
	}, lost)
}

func (s *silences) note(heard bool, length time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !heard {
		s.now += length
		return
	}
	s.longest = max(s.longest, s.now)
	s.now, s.heard = 0, true
}

// hears reports whether anything was heard.
func (s *silences) hears() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.heard
}

// reset begins to measure.
func (s *silences) reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.longest = 0
}

// silence returns the one that goes on, and the longest.
func (s *silences) silence() (now, longest time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now, max(s.longest, s.now)
}

// playBob runs a server, and bob, who has it on his machine. alice calls him, or he her.
func playBob(ctx context.Context, dir, addr, caller string) error {
	options := server.Options{Dir: dir, Logger: slog.New(slog.DiscardHandler), PublicURL: "http://" + addr}
	return serveTwo(ctx, options, addr, func(token string) error {
		return playTalker(ctx, token, dir, caller == "bob", "alice", bobTone)
	})
}

// serveTwo runs a server with alice and bob, prints alice's token, and ends when play has returned, which gets bob's.
func serveTwo(ctx context.Context, options server.Options, addr string, play func(token string) error) error {
	s, err := server.Open(ctx, options)
	if err != nil {
		return err
	}
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err != nil {
		return errors.Join(err, s.Close())
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx, ln) }() // awaited below
	tokens := make(map[string]string)
	for _, name := range []string{"alice", "bob"} {
		if err := s.AddUser(ctx, name, name); err != nil {
			return err
		}
		token, err := s.NewToken(ctx, name, accounts.TokenOptions{})
		if err != nil {
			return err
		}
		tokens[name] = token.String()
	}
	fmt.Println("token", tokens["alice"])
	return errors.Join(play(tokens["bob"]), s.Close(), <-served)
}

// playTalker calls a peer, or answers. It prints when the peer is heard, and does what its standard input says.
func playTalker(ctx context.Context, token, dir string, calls bool, peer string, tone float64) error {
	m, err := mesibo.New(mesibo.Options{Path: filepath.Join(dir, "device"), AccessToken: token, Database: "test.db"})
	if err != nil {
		return err
	}
	defer m.Stop()
	set, speaker := calltest.New(tone), &silences{}
	set.Media.Speaker = speaker
	m.SetCallMedia(*set.Media)
	connected, online := make(chan struct{}, 10), make(chan struct{}, 10)
	events := &mesibo.CallInProgressFuncs{
		Status: func(_ *mesibo.CallProperties, status mesibo.CallStatus, _, _ bool) {
			fmt.Println("status", status)
			if status == mesibo.CallStatusConnected {
				connected <- struct{}{}
			}
		},
	}
	err = errors.Join(m.SetSecureConnection(false), m.AddListener(&mesibo.CallFuncs{
		Incoming: func(*mesibo.UserProfile, bool, bool) *mesibo.CallProperties {
			return &mesibo.CallProperties{AutoAnswer: true}
		},
		ShowUserInterface: func(c *mesibo.Call, _ *mesibo.CallProperties) bool { return c.Start(events) == nil },
	}), m.AddListener(&mesibo.ListenerFuncs{ConnectionStatus: func(s mesibo.ConnectionStatus) {
		fmt.Println("connection", s)
		if s == mesibo.StatusOnline {
			online <- struct{}{}
		}
	}}), m.Start())
	if err != nil {
		return err
	}
	<-online
	if calls {
		cp := m.CreateCallProperties(false)
		cp.User = m.CreateUserProfile(peer, 0)
		c, err := m.Call(cp)
		if err != nil {
			return err
		}
		if err := c.Start(events); err != nil {
			return err
		}
	}
	select {
	case <-connected:
	case <-ctx.Done():
		return nil
	}
	return speaker.measure(ctx)
}

// measure prints when anything is heard, and then what the standard input asks for.
func (s *silences) measure(ctx context.Context) error {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for !s.hears() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
	}
	fmt.Println("hears")
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		switch in.Text() {
		case "measure":
			s.reset()
			fmt.Println("measuring")
		case "silence":
			<-tick.C
			now, longest := s.silence()
			fmt.Println("silence", now, longest)
		}
	}
	return nil
}
