package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/parley-chat/parley/bench/rig"
	"github.com/parley-chat/parley/internal/wire"
)

// running is an attack that is prepared. It runs until its ctx ends and then says what it has done.
type running = func(ctx context.Context) (did string, err error)

// attacks are those that can be prepared, by name.
var attacks = map[string]func(ctx context.Context, f *field) (running, error){
	"nothing": nothing, "half requests": halfRequests, "flood": flood, "profile syncs": profileSyncs,
	"go online": goOnline, "renames": renames, "group changes": groupChanges,
}

func nothing(context.Context, *field) (running, error) {
	return func(ctx context.Context) (string, error) {
		<-ctx.Done()
		return "", nil
	}, nil
}

// halfRequests keeps 400 requests open whose body never ends.
func halfRequests(_ context.Context, f *field) (running, error) {
	const crowd, announced = 400, 1 << 20
	request := fmt.Sprintf("POST /v1/backend HTTP/1.1\r\nHost: parley\r\nContent-Length: %d\r\n\r\n", announced) +
		strings.Repeat("x", announced-1)
	return func(ctx context.Context) (string, error) {
		var tries, open, most atomic.Int64
		one := func() {
			c, err := (&net.Dialer{}).DialContext(ctx, "tcp", f.Addr)
			if err != nil {
				return
			}
			defer context.AfterFunc(ctx, func() { _ = c.Close() })()
			defer func() { _ = c.Close() }()
			tries.Add(1)
			if _, err := io.WriteString(c, request); err != nil {
				return
			}
			most.Store(max(most.Load(), open.Add(1)))
			defer open.Add(-1)
			_, _ = io.Copy(io.Discard, c)
		}
		var g errgroup.Group
		for range crowd {
			g.Go(func() error {
				for ctx.Err() == nil {
					one()
					pause(ctx, 100*time.Millisecond)
				}
				return nil
			})
		}
		_ = g.Wait()
		return fmt.Sprintf("%d tries, at most %d open", tries.Load(), most.Load()), nil
	}, nil
}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// hammer sends one request after the other on connections of the attacker, several under way, and counts the answers.
func hammer(
	ctx context.Context, f *field, devices, underWay int, request func() *wire.Request,
) (accepted, refused int64, err error) {
	var good, bad atomic.Int64
	g, ctx := errgroup.WithContext(ctx)
	for i := range devices {
		c, err := rig.Dial(ctx, f.Addr, "", f.Tokens[eve+i])
		if err != nil {
			return 0, 0, err
		}
		free := make(chan struct{}, underWay)
		stop := context.AfterFunc(ctx, func() { _ = c.Close() })
		g.Go(func() error {
			for {
				select {
				case free <- struct{}{}:
				case <-ctx.Done():
					return nil
				}
				if err := c.Request(request()); err != nil {
					return nil //nolint:nilerr // at the end, or the server has had enough
				}
			}
		})
		g.Go(func() error {
			defer stop()
			for {
				frame, err := c.Read()
				if err != nil {
					return nil // likewise
				}
				if r := frame.GetResponse(); r != nil {
					<-free
					if r.GetResult() == wire.ResultOK {
						good.Add(1)
					} else {
						bad.Add(1)
					}
				}
				if events := frame.GetEvents().GetEvents(); len(events) > 0 {
					if c.Ack(events[len(events)-1].GetSeq()) != nil {
						return nil
					}
				}
			}
		})
	}
	_ = g.Wait()
	return good.Load(), bad.Load(), nil
}

const devices, underWay = 8, 32

func flood(_ context.Context, f *field) (running, error) {
	return func(ctx context.Context) (string, error) {
		text := []byte(strings.Repeat("x", 1000))
		sent, refused, err := hammer(ctx, f, devices, underWay, func() *wire.Request { return rig.Message(name(eve), text) })
		return fmt.Sprintf("%d messages sent, %d refused", sent, refused), err
	}, nil
}

func profileSyncs(_ context.Context, f *field) (running, error) {
	return func(ctx context.Context) (string, error) {
		sent, refused, err := hammer(ctx, f, devices, underWay, func() *wire.Request {
			return &wire.Request{Op: &wire.Request_ProfileSync{ProfileSync: &wire.ProfileSync{}}}
		})
		return fmt.Sprintf("%d pages of profiles, %d refused", sent, refused), err
	}, nil
}

// goOnline connects all idle users, from several addresses. They ask for profiles when they are told of new ones.
func goOnline(ctx context.Context, f *field) (running, error) {
	const perAddress = 400
	for i := range f.Idle {
		local := fmt.Sprintf("127.0.1.%d", 1+i/perAddress)
		c, err := rig.Dial(ctx, f.Addr, local, f.Tokens[firstIdle+i])
		if err != nil {
			return nil, err
		}
		go func() { _ = f.beOnline(c) }() // until the server stops
	}
	return nothing(ctx, f)
}

func (f *field) beOnline(c *rig.Client) error {
	for {
		frame, err := c.Read()
		if err != nil {
			return err
		}
		if p := frame.GetSignal().GetProfile(); p != nil {
			f.notified.Add(1)
			sync := &wire.ProfileSync{Revision: p.GetRevision() - 1}
			if err := c.Request(&wire.Request{Op: &wire.Request_ProfileSync{ProfileSync: sync}}); err != nil {
				return err
			}
		}
		if events := frame.GetEvents().GetEvents(); len(events) > 0 {
			f.received.Add(int64(len(events)))
			if err := c.Ack(events[len(events)-1].GetSeq()); err != nil {
				return err
			}
		}
	}
}

func renames(_ context.Context, f *field) (running, error) {
	return func(ctx context.Context) (string, error) {
		n, before := 0, f.notified.Load()
		done, refused, err := hammer(ctx, f, 1, 1, func() *wire.Request {
			n++
			name := fmt.Sprint("Eve ", n)
			return &wire.Request{Op: &wire.Request_SetSelf{SetSelf: &wire.SetSelf{Name: &name}}}
		})
		return fmt.Sprintf("%d renamed, %d refused, %d notified", done, refused, f.notified.Load()-before), err
	}, nil
}

// groupChanges makes a group of users who do not know the attacker, and changes it.
func groupChanges(ctx context.Context, f *field) (running, error) {
	c, err := rig.Dial(ctx, f.Addr, "", f.Tokens[eve])
	if err != nil {
		return nil, err
	}
	defer func() { _ = c.Close() }()
	nonce := make([]byte, wire.NonceSize)
	_, _ = rand.Read(nonce) // never fails
	create := &wire.GroupCreate{Nonce: nonce, Name: "group"}
	for i := range f.Members {
		create.Members = append(create.Members, name(firstIdle+i))
	}
	if err := c.Request(&wire.Request{Op: &wire.Request_GroupCreate{GroupCreate: create}}); err != nil {
		return nil, err
	}
	var gid uint32
	for gid == 0 {
		frame, err := c.Read()
		if err != nil {
			return nil, err
		}
		if r := frame.GetResponse(); r != nil {
			if gid = r.GetGroup().GetGroup().GetGroupId(); gid == 0 {
				return nil, fmt.Errorf("no group: %v", r)
			}
		}
	}
	return func(ctx context.Context) (string, error) {
		before := f.received.Load()
		n := 0
		done, refused, err := hammer(ctx, f, 1, underWay, func() *wire.Request {
			n++
			status := fmt.Sprint(n)
			return &wire.Request{Op: &wire.Request_GroupSet{GroupSet: &wire.GroupSet{GroupId: gid, Status: &status}}}
		})
		return fmt.Sprintf("%d changes, %d refused, %d delivered", done, refused, f.received.Load()-before), err
	}, nil
}
