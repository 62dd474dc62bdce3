// Command parley-people fills a server with people who talk, for pictures of the window: it signs in as each of them,
// prints a line when everything is sent, and stays online until it is ended. Each line of its input is an address and a
// token of that user's.
package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"log/slog"
	"math"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/parley-chat/parley/mesibo"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "people:", err)
		os.Exit(1)
	}
}

// longest is how long the talk may take.
const longest = time.Minute

func run(ctx context.Context) error {
	folder, err := os.MkdirTemp("", "parley-people")
	if err != nil {
		return fmt.Errorf("make a folder: %w", err)
	}
	defer func() { _ = os.RemoveAll(folder) }()
	talking, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	p := &play{ctx: talking, folder: folder, people: map[string]*person{}}
	defer func() {
		for _, one := range p.people {
			one.m.Stop()
		}
	}()
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		address, token, _ := strings.Cut(lines.Text(), " ")
		if err := p.signIn(address, token); err != nil {
			return fmt.Errorf("%s: %w", address, err)
		}
	}
	if err := p.talk(); err != nil {
		return err
	}
	fmt.Println("everything is sent")
	<-ctx.Done()
	return nil
}

// play is what happens, a step after the other.
type play struct {
	ctx    context.Context //nolint:containedctx // of the whole talk
	folder string
	people map[string]*person
}

// person is a user of the server.
type person struct {
	m      *mesibo.Mesibo
	sent   chan struct{}
	groups chan uint32
	heard  chan heard
}

// heard is a message that was received.
type heard struct {
	mid  uint64
	text string
}

func (p *play) signIn(address, token string) error {
	folder := filepath.Join(p.folder, address)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return fmt.Errorf("make a folder: %w", err)
	}
	m, err := mesibo.New(mesibo.Options{AccessToken: token, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	one := &person{m: m, sent: make(chan struct{}, 100), groups: make(chan uint32, 10), heard: make(chan heard, 100)}
	p.people[address] = one
	return errors.Join(m.SetPath(folder), m.SetDatabase("people.db", 0), m.AddListener(&mesibo.ListenerFuncs{
		Message: func(p *mesibo.MessageParams, data []byte) { one.heard <- heard{p.Mid, string(data)} },
		MessageStatus: func(p *mesibo.MessageParams) {
			if p.Status == mesibo.MsgStatusSent {
				one.sent <- struct{}{}
			}
		},
	}), m.AddListener(&mesibo.GroupFuncs{
		Created: func(p *mesibo.UserProfile, _ uint32) { one.groups <- p.GroupID },
		Joined:  func(p *mesibo.UserProfile) { one.groups <- p.GroupID },
	}), m.Start())
}

// wait returns what comes next from a channel.
func wait[T any](ctx context.Context, from <-chan T, what string) (T, error) {
	select {
	case v := <-from:
		return v, nil
	case <-ctx.Done():
		var none T
		return none, fmt.Errorf("%s: %w", what, ctx.Err())
	}
}

func params(to string, group uint32) mesibo.MessageParams {
	return mesibo.MessageParams{Peer: to, GroupID: group, Flag: mesibo.FlagDefault, Expiry: mesibo.ExpiryDefault}
}

// say sends a text to a user or a group, and waits until the server has it.
func (p *play) say(from, to string, group uint32, text string) error {
	one := p.people[from]
	id := one.m.Random()
	if err := one.m.SendMessageString(params(to, group), id, text); err != nil {
		return err
	}
	return p.arrives(one, text)
}

func (p *play) arrives(one *person, what string) error {
	_, err := wait(p.ctx, one.sent, what)
	return err
}

// show sends a picture.
func (p *play) show(from, to, name, text string) error {
	path := filepath.Join(p.folder, name)
	if err := hills(path); err != nil {
		return err
	}
	one := p.people[from]
	f := one.m.GetFileInstance(mesibo.FileTypeImage, "", path)
	f.Message = text
	if err := one.m.SendFile(params(to, 0), one.m.Random(), f); err != nil {
		return err
	}
	return p.arrives(one, name)
}

// react reacts to a text, once a person has received it.
func (p *play) react(who, to, text, emoji string) error {
	for {
		h, err := wait(p.ctx, p.people[who].heard, text)
		switch {
		case err != nil:
			return err
		case h.text == text:
			return p.people[who].m.SendReaction(params(to, 0), h.mid, emoji)
		}
	}
}

// group makes a group.
func (p *play) group(owner, name string, members ...string) (uint32, error) {
	m := p.people[owner].m
	if err := m.CreateGroup(mesibo.GroupSettings{Name: name}, members, m.Random()); err != nil {
		return 0, err
	}
	return wait(p.ctx, p.people[owner].groups, name)
}

// hills draws a landscape.
func hills(path string) (err error) {
	const w, h = 1200, 800
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	ridge := func(x, base, height, length, shift float64) float64 {
		return base - height*(math.Sin(x/length+shift)+0.4*math.Sin(x/length*2.7+shift*3))
	}
	for x := range w {
		for y := range h {
			fx, fy := float64(x), float64(y)
			sky := fy / h
			c := color.RGBA{R: uint8(120 + 120*sky), G: uint8(170 + 50*sky), B: uint8(230 - 40*sky), A: 255}
			if math.Hypot(fx-880, fy-220) < 70 {
				c = color.RGBA{R: 255, G: 236, B: 190, A: 255}
			}
			for i, top := range []float64{
				ridge(fx, 430, 60, 190, 0.4), ridge(fx, 540, 70, 240, 2.1), ridge(fx, 680, 60, 310, 4.4),
			} {
				if fy > top {
					shade := float64(i)
					c = color.RGBA{R: uint8(110 - 34*shade), G: uint8(150 - 30*shade), B: uint8(165 - 52*shade), A: 255}
				}
			}
			img.SetRGBA(x, y, c)
		}
	}
	f, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("draw: %w", err)
	}
	return errors.Join(jpeg.Encode(f, img, &jpeg.Options{Quality: 88}), f.Close())
}
