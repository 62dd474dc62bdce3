package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"github.com/parley-chat/parley/app/apptest"
	"github.com/parley-chat/parley/internal/localserver"
	"github.com/parley-chat/parley/mesibo"
)

// play is the whole demo.
func (s *stage) play(ctx context.Context, history int) error {
	if err := s.firstStart(ctx); err != nil {
		return fmt.Errorf("first start: %w", err)
	}
	if err := s.twoPeople(ctx, history); err != nil {
		return fmt.Errorf("two people: %w", err)
	}
	s.say("everything was seen")
	return nil
}

// firstStart is a newcomer's first minute: one key, and Echo answers.
func (s *stage) firstStart(ctx context.Context) error {
	p, err := s.enter(ctx, "Alice Martin", "newcomer")
	if err != nil {
		return err
	}
	p.SetForeground(true)
	p.SetLook("light")
	if err := errors.Join(p.reads(ctx, "Start on this computer"), p.picture("first-start")); err != nil {
		return err
	}
	s.say("Alice sees the first-run card and presses Enter")
	start := time.Now()
	if err := p.types(""); err != nil {
		return err
	}
	if err := errors.Join(p.reads(ctx, "Saved messages"), p.reads(ctx, "Connected")); err != nil {
		return err
	}
	s.say("the main window is there and connected after %d ms", time.Since(start).Milliseconds())
	for _, step := range []func() error{
		func() error { return p.reads(ctx, "I'm Echo") },
		func() error { return p.press(ctx, "I'm Echo") },
		func() error { return p.reads(ctx, "Writes back what you write") },
		func() error { return p.types("Is anybody there?") },
		func() error { return p.sees(ctx, "Is anybody there?", apptest.Read) },
		func() error {
			return s.wait(ctx, "Echo's answer", func() bool { return apptest.Count(p.view(), "Is anybody there?") > 1 })
		},
		func() error { return p.picture("echo") },
		func() error { return p.press(ctx, "Saved messages") },
		func() error { return p.types("Buy milk") },
		func() error { return p.sees(ctx, "Buy milk", apptest.Sent) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	s.say("Echo read the message and answered")
	if err := p.leave(ctx); err != nil {
		return err
	}
	if p, err = s.enter(ctx, "", "newcomer"); err != nil {
		return err
	}
	if err := p.reads(ctx, "Is anybody there?"); err != nil {
		return err
	}
	s.say("started again, the conversation is there")
	return p.leave(ctx)
}

// twoPeople is a chat on one server, interrupted by an outage.
func (s *stage) twoPeople(ctx context.Context, history int) (err error) {
	server, err := s.serve(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Close(context.WithoutCancel(ctx))) }()
	tokens := map[string]string{}
	for address, name := range map[string]string{"alice": "Alice Martin", "bob": "Bob Keller", "carol": "Carol Weiss"} {
		if err := server.CreateUser(ctx, address, name); err != nil {
			return err
		}
		if tokens[address], err = server.NewToken(ctx, address, "demo"); err != nil {
			return err
		}
	}
	alice, err := s.join(ctx, "alice", tokens["alice"])
	if err != nil {
		return err
	}
	bob, err := s.join(ctx, "bob", tokens["bob"])
	if err != nil {
		return err
	}
	s.say("Alice and Bob have joined a server, each in a window of their own")
	if err := s.neighbours(ctx, server); err != nil {
		return err
	}
	if err := s.talk(ctx, alice, bob); err != nil {
		return err
	}
	if server, err = s.outage(ctx, server, alice, bob); err != nil {
		return err
	}
	if err := s.features(ctx, alice, bob); err != nil {
		return err
	}
	if err := s.longChat(ctx, alice, tokens["carol"], server, history); err != nil {
		return err
	}
	if err := s.looks(ctx, alice); err != nil {
		return err
	}
	return errors.Join(alice.leave(ctx), bob.leave(ctx))
}

func (s *stage) serve(ctx context.Context) (*localserver.Workspace, error) {
	return localserver.Open(ctx, localserver.Options{Dir: filepath.Join(s.data, "server"), Logger: s.log})
}

// join starts the program and pastes the access token into the first-run card.
func (s *stage) join(ctx context.Context, name, token string) (*person, error) {
	p, err := s.enter(ctx, name, name)
	if err != nil {
		return nil, err
	}
	for _, step := range []func() error{
		func() error { return p.press(ctx, "Join a server") },
		func() error { return p.reads(ctx, "Paste what you were given") },
		func() error { return p.types(token) },
		func() error { return p.reads(ctx, "Connected") },
	} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// neighbours each write a line to Alice.
func (s *stage) neighbours(ctx context.Context, server *localserver.Workspace) error {
	for _, n := range []struct{ address, name, text string }{
		{"chiara", "Chiara Rossi", "The tickets are in the drawer"},
		{"dmitri", "Dmitri Orlov", "Thanks for the book. I have read half of it already and cannot put it down"},
		{"eva", "Eva Lindqvist", "👍"},
		{"farid", "Farid Haddad", "Can you call me back tonight?"},
		{"greta", "Greta Holm", "Photos from Sunday are on the stick I gave you"},
		{"ivo", "Ivo Novak", "ok"},
	} {
		if err := server.CreateUser(ctx, n.address, n.name); err != nil {
			return err
		}
		token, err := server.NewToken(ctx, n.address, "demo")
		if err != nil {
			return err
		}
		if err := s.write(ctx, token, n.text); err != nil {
			return err
		}
	}
	return nil
}

// write sends one message to Alice from a program without a window.
func (s *stage) write(ctx context.Context, token, text string) error {
	sent := make(chan struct{}, 1)
	m, err := mesibo.New(mesibo.Options{AccessToken: token, Logger: s.log})
	if err != nil {
		return err
	}
	defer m.Stop()
	listener := &mesibo.ListenerFuncs{MessageStatus: func(p *mesibo.MessageParams) {
		if p.Status == mesibo.MsgStatusSent {
			sent <- struct{}{}
		}
	}}
	err = errors.Join(m.AddListener(listener), m.Start(),
		m.SendMessageString(mesibo.NewMessageParams("alice", mesibo.FlagDefault), m.Random(), text))
	if err != nil {
		return err
	}
	select {
	case <-sent:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// talk is the chat itself.
func (s *stage) talk(ctx context.Context, alice, bob *person) error {
	alice.SetForeground(true)
	alice.SetLook("light")
	for _, step := range []func() error{
		func() error { alice.shortcut(fyne.KeyN, fyne.KeyModifierShortcutDefault); return alice.types("bob") },
		func() error { return alice.reads(ctx, "Say hello to") },
		func() error { return alice.types("Hello Bob, are you there?") },
		func() error { return alice.sees(ctx, "Hello Bob, are you there?", apptest.Delivered) },
		func() error { s.say("Alice writes; two ticks, as Bob's program has it"); return nil },
		func() error { return bob.reads(ctx, "Hello Bob, are you there?") },
		func() error { return bob.press(ctx, "Hello Bob") },
		func() error { return bob.reads(ctx, "1 unread message") },
		func() error {
			if got := apptest.MarkOf(alice.view(), "Hello Bob, are you there?"); got != apptest.Delivered {
				return fmt.Errorf("bob's window is not focused, and yet alice sees %q", got)
			}
			return nil
		},
		func() error { alice.SetForeground(false); bob.SetForeground(true); return nil },
		func() error { return alice.sees(ctx, "Hello Bob, are you there?", apptest.Read) },
		func() error { s.say("Bob looks at it, and only now the ticks say read"); return nil },
		func() error { return bob.types("Here I am") },
		func() error { return bob.types("Shall we meet on Thursday?") },
		func() error { return alice.reads(ctx, "Shall we meet on Thursday?") },
		func() error { bob.SetForeground(false); alice.SetForeground(true); return nil },
		func() error { return bob.sees(ctx, "Shall we meet on Thursday?", apptest.Read) },
		func() error { return alice.types("Thursday is fine. At noon, in the library?") },
		func() error { return bob.reads(ctx, "Thursday is fine.") },
		func() error { s.say("Bob answers twice, Alice agrees"); return nil },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// outage stops the server while Alice writes, and starts it again.
func (s *stage) outage(ctx context.Context, server *localserver.Workspace, alice, bob *person) (*localserver.Workspace,
	error,
) {
	if err := server.Close(ctx); err != nil {
		return server, err
	}
	for _, step := range []func() error{
		func() error { return alice.reads(ctx, "Can't reach") },
		func() error { return alice.types("One while the server is away") },
		func() error { return alice.types("And another") },
		func() error { return alice.reads(ctx, "Offline · 2 waiting") },
		func() error { return alice.sees(ctx, "And another", apptest.Waiting) },
		func() error { return alice.picture("offline") },
		func() error { s.say("the server is away; both of Alice's messages wait and say so"); return nil },
		func() (err error) { server, err = s.serve(ctx); return err },
		func() error { return alice.press(ctx, "Retry now") },
		func() error { return alice.sees(ctx, "And another", apptest.Delivered) },
		func() error { return bob.reads(ctx, "And another") },
		func() error {
			first, _ := apptest.Lowest(bob.view(), "One while the server is away")
			second, _ := apptest.Lowest(bob.view(), "And another")
			if n := apptest.Count(bob.view(), "One while the server is away"); n != 1 || first.At.Y >= second.At.Y {
				return fmt.Errorf("bob sees the first message %d times, at %v, and the second at %v", n, first.At, second.At)
			}
			return nil
		},
		func() error { return alice.reads(ctx, "Connected") },
		func() error { s.say("the server is back; Bob has both, once each and in order"); return nil },
	} {
		if err := step(); err != nil {
			return server, err
		}
	}
	return server, nil
}

// longChat fills a chat, and shows its end, its beginning and the way between.
func (s *stage) longChat(ctx context.Context, alice *person, token string, server *localserver.Workspace, n int) error {
	token, err := server.Retarget(token)
	if err != nil {
		return err
	}
	carol, err := mesibo.New(mesibo.Options{
		Path: filepath.Join(s.data, "carol"), AccessToken: token,
		Database: "carol.db", Logger: s.log,
	})
	if err != nil {
		return err
	}
	defer carol.Stop()
	const end = "That was all"
	for i := range n {
		text := line(i)
		if i == n-1 {
			text = end
		}
		if err := carol.SendMessageString(mesibo.NewMessageParams("alice", mesibo.FlagDefault), carol.Random(),
			text); err != nil {
			return err
		}
	}
	start := time.Now()
	if err := errors.Join(carol.Start(), alice.reads(ctx, end)); err != nil {
		return err
	}
	s.say("Carol, who wrote while she was offline, connects; Alice has her %d messages after %d ms", n,
		time.Since(start).Milliseconds())
	start = time.Now()
	if err := alice.press(ctx, "Carol Weiss"); err != nil {
		return err
	}
	if err := alice.reads(ctx, fmt.Sprintf("%d unread messages", n)); err != nil {
		return err
	}
	s.say("the chat opens at the first unread message in %d ms", time.Since(start).Milliseconds())
	if err := errors.Join(alice.reads(ctx, line(0)), alice.picture("unread")); err != nil {
		return err
	}
	for range 60 {
		test.Scroll(alice.view(), fyne.NewPos(700, 400), 0, -25)
		s.drain()
	}
	alice.view().Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	if err := alice.reads(ctx, end); err != nil {
		return err
	}
	s.say("Esc leads to the newest message")
	return alice.picture("long-chat")
}

// line is a message of the long chat.
func line(i int) string {
	texts := []string{
		"Good morning", "Did you see the plan for Thursday?", "I read it on the train. The part about the workshop is new: three rooms " +
			"instead of two, and somebody has to bring the long table.", "Ask at the library?", "They lent us one last year", "Fine",
	}
	return fmt.Sprintf("%s (%d)", texts[i%len(texts)], i+1)
}

// looks draws the window light, dark and narrow.
func (s *stage) looks(ctx context.Context, alice *person) error {
	if err := alice.press(ctx, "Bob Keller"); err != nil {
		return err
	}
	for _, step := range []func() error{
		func() error { return alice.reads(ctx, "From the coast") },
		func() error { alice.SetLook("light"); return alice.picture("main-light") },
		func() error { alice.SetLook("dark"); return alice.picture("main-dark") },
		func() error {
			alice.SetLook("light")
			alice.Window().Resize(fyne.NewSize(400, 640))
			return alice.picture("narrow-chat")
		},
		func() error {
			alice.view().Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
			return alice.reads(ctx, "Saved messages")
		},
		func() error { return alice.picture("narrow-list") },
		func() error { alice.Window().Resize(fyne.NewSize(1180, 760)); return nil },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// shortcut presses keys together.
func (p *person) shortcut(name fyne.KeyName, modifier fyne.KeyModifier) {
	p.atKeyboard()
	s := &desktop.CustomShortcut{KeyName: name, Modifier: modifier}
	if f, ok := p.view().Focused().(fyne.Shortcutable); ok {
		f.TypedShortcut(s)
	} else if c, ok := p.view().(fyne.Shortcutable); ok {
		c.TypedShortcut(s)
	}
	p.stage.drain()
}
