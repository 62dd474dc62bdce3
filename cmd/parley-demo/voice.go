package main

import (
	"context"
	"errors"
	"time"

	"fyne.io/fyne/v2"

	"github.com/parley-chat/parley/app/apptest"
	"github.com/parley-chat/parley/assets"
)

// voice records a voice message that Bob then plays. The demo takes the place of microphone and speaker.
func (s *stage) voice(ctx context.Context, b both) error {
	return steps(
		b.aliceLooks,
		func() error { b.alice.shortcut(fyne.KeyR, fyne.KeyModifierShortcutDefault); return nil },
		func() error { return s.wait(ctx, "the microphone", b.alice.sound.IsOpen) },
		func() error { return b.alice.speaks(ctx, 8*time.Second) },
		func() error { return b.alice.reads(ctx, "0:08") },
		func() error { return b.alice.picture("voice-recording") },
		func() error { b.alice.key(fyne.KeyReturn); return nil },
		b.bobLooks,
		func() error { return b.bob.reads(ctx, "0:08") },
		func() error {
			return s.wait(ctx, "the voice message", func() bool { return apptest.PressIcon(b.bob.view(), assets.IconPlay) })
		},
		func() error { return s.wait(ctx, "the speaker", b.bob.sound.IsPlaying) },
		func() error { return b.bob.hears(ctx, "0:03 / 0:08") },
		func() error { return errors.Join(b.bob.picture("voice-playing"), b.alice.picture("voice-sent")) },
		func() error { return b.bob.icon(assets.IconPause) },
		func() error {
			s.say("Alice records a voice message, Bob plays it")
			return nil
		},
	)
}

// speaks feeds speech to the microphone, in time with the window.
func (p *person) speaks(ctx context.Context, d time.Duration) error {
	const pieces = 40
	for range pieces {
		p.sound.Speak(d / pieces)
		if err := p.stage.pass(ctx, 60*time.Millisecond); err != nil {
			return err
		}
	}
	return nil
}

// hears plays, somewhat faster than a real speaker, until the window shows the position.
func (p *person) hears(ctx context.Context, words string) (err error) {
	p.sound.Hear(func() bool {
		err = p.stage.pass(ctx, 4*time.Millisecond)
		return err != nil || apptest.Says(p.view(), words)
	})
	return err
}

// pass waits a moment.
func (s *stage) pass(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case f := <-s.queue:
			f()
		case <-timer.C:
			return nil
		}
	}
}
