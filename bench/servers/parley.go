package main

import (
	"context"

	"github.com/parley-chat/parley/bench/pairs"
	"github.com/parley-chat/parley/bench/rig"
	"github.com/parley-chat/parley/internal/wire"
)

// parley is Parley's server without limits of rate.
type parley struct {
	srv    *rig.Server
	tokens []wire.Token
}

func (p *parley) start(ctx context.Context, _ string, n int) (err error) {
	p.srv, p.tokens, err = rig.Start(ctx, n, user)
	return err
}

func (p *parley) processes() []int { return []int{p.srv.PID()} }

func (p *parley) link(ctx context.Context, from, to int, text string) (pairs.Link, error) {
	a, err := rig.Dial(ctx, p.srv.Addr, "", p.tokens[from])
	if err != nil {
		return nil, err
	}
	b, err := rig.Dial(ctx, p.srv.Addr, "", p.tokens[to])
	if err != nil {
		return nil, err
	}
	return rig.NewLink(a, b, user(to), []byte(text)), nil
}

func (p *parley) online(ctx context.Context, i int) (func(), error) {
	c, err := rig.Dial(ctx, p.srv.Addr, "", p.tokens[i])
	if err != nil {
		return nil, err
	}
	go read(func() error { _, err := c.Read(); return err })
	return func() { _ = c.Close() }, nil
}

// read reads until the connection ends.
func read(next func() error) {
	for next() == nil {
	}
}

func (p *parley) stop() error {
	if p.srv == nil {
		return nil
	}
	return p.srv.Stop()
}
