//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/parley-chat/parley/internal/wire"
	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/mesibo/call"
	"github.com/parley-chat/parley/mesibo/call/calltest"
	"github.com/parley-chat/parley/mesibo/call/codecs"
	"github.com/parley-chat/parley/mesibo/call/livekit"
)

// patience bounds the wait for anything that must happen.
const patience = 20 * time.Second

// party is a device that calls.
type party struct {
	*mesibo.Mesibo

	dir    string
	voice  *voice
	ear    *ear
	frames atomic.Int64 // that were shown
	left   sync.Once

	rings    chan *mesibo.Call
	statuses chan mesibo.CallStatus
	online   chan struct{}
}

// join connects a device. devices replaces sound devices of tests by those of this machine; nil for none.
func join(ctx context.Context, addr string, token wire.Token, devices func(*party, *call.Media) error) (*party, error) {
	dir, err := os.MkdirTemp("", "parley-calls-")
	if err != nil {
		return nil, fmt.Errorf("make folder: %w", err)
	}
	token.URL = "http://" + addr
	p := &party{
		dir: dir, rings: make(chan *mesibo.Call, 1), statuses: make(chan mesibo.CallStatus, 100),
		online: make(chan struct{}, 100),
	}
	p.Mesibo, err = mesibo.New(mesibo.Options{
		Path: dir, AccessToken: token.String(), Database: "bench.db",
		Logger: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})),
	})
	if err != nil {
		return nil, err
	}
	media := p.media()
	if devices != nil {
		if err := devices(p, &media); err != nil {
			return nil, err
		}
	}
	p.SetCallMedia(media)
	p.SetGroupCallEngine(livekit.New())
	if err := errors.Join(p.AddListener(p.calls()), p.AddListener(&mesibo.ListenerFuncs{
		ConnectionStatus: func(status mesibo.ConnectionStatus) {
			if status == mesibo.StatusOnline {
				p.online <- struct{}{}
			}
		},
	}), p.Start()); err != nil {
		return nil, err
	}
	return p, await(ctx, p.online, "the connection")
}

// media are the codecs of this machine and devices without hardware: the microphone hears what voice says, and ear
// hears what is played.
func (p *party) media() call.Media {
	set := calltest.New(0)
	set.Camera.SetColour(color.RGBA{R: 255, A: 255})
	media := codecs.Use(*set.Media)
	p.voice, p.ear = newVoice(), newEar()
	media.Microphone = microphone{set.Microphone, p.voice}
	media.Speaker = speaker{set.Speaker, p.ear}
	return media
}

func (p *party) leave() {
	p.left.Do(func() {
		p.voice.close()
		p.ear.close()
		p.Stop()
		_ = os.RemoveAll(p.dir)
	})
}

func (p *party) calls() *mesibo.CallFuncs {
	return &mesibo.CallFuncs{
		Incoming: func(_ *mesibo.UserProfile, video, _ bool) *mesibo.CallProperties {
			return p.CreateCallProperties(video)
		},
		ShowUserInterface: func(c *mesibo.Call, _ *mesibo.CallProperties) bool {
			if c.Start(p.talk()) == nil {
				p.rings <- c
			}
			return true
		},
	}
}

func (p *party) talk() *mesibo.CallInProgressFuncs {
	return &mesibo.CallInProgressFuncs{
		Status: func(_ *mesibo.CallProperties, status mesibo.CallStatus, _, _ bool) {
			select {
			case p.statuses <- status:
			default:
			}
		},
	}
}

// until waits for a status of the call.
func (p *party) until(ctx context.Context, want func(mesibo.CallStatus) bool, what string) error {
	limit := time.After(patience)
	for {
		select {
		case status := <-p.statuses:
			if want(status) {
				return nil
			}
		case <-limit:
			return fmt.Errorf("%s waits for %s", p.GetAddress(), what)
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// talk is a call that was answered.
type talk struct {
	caller, callee *party
	call           *mesibo.Call
	answered       time.Time
}

// ring lets caller call callee, who answers.
func ring(ctx context.Context, caller, callee *party, video bool) (*talk, error) {
	caller.ear.rest()
	cp := caller.CreateCallProperties(video)
	cp.User = caller.CreateUserProfile(callee.GetAddress(), 0)
	made, err := caller.Call(cp)
	if err != nil {
		return nil, err
	}
	if err := made.Start(caller.talk()); err != nil {
		return nil, err
	}
	var rings *mesibo.Call
	select {
	case rings = <-callee.rings:
	case <-time.After(patience):
		return nil, errors.New("it does not ring")
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	if video {
		for p, c := range map[*party]*mesibo.Call{caller: made, callee: rings} {
			c.SetVideoView(call.VideoSinkFunc(func(*image.YCbCr) { p.frames.Add(1) }), true)
		}
	}
	t := &talk{caller, callee, made, time.Now()}
	return t, rings.Answer(video)
}

// hangUp ends the call on both sides.
func (t *talk) hangUp(ctx context.Context) error {
	if err := t.call.Hangup(); err != nil {
		return err
	}
	for _, p := range []*party{t.caller, t.callee} {
		if err := p.until(ctx, mesibo.CallStatus.IsEnd, "the end"); err != nil {
			return err
		}
	}
	return wait(ctx, 300*time.Millisecond) // until the devices are closed
}

func await(ctx context.Context, c <-chan struct{}, what string) error {
	select {
	case <-c:
		return nil
	case <-time.After(patience):
		return errors.New("no sign of " + what)
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
