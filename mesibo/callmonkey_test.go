package mesibo

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parley-chat/parley/mesibo/call"
	"github.com/parley-chat/parley/mesibo/mesibotest"
)

// monkeySteps is what TestCalls_monkey does to a phone, chosen at random.
func monkeySteps(srv *mesibotest.Server, random *rand.Rand) []func(p *phone) {
	newest := func(do func(c *Call)) func(p *phone) {
		return func(p *phone) {
			if c := p.call(); c != nil {
				do(c)
			}
		}
	}
	answer := newest(func(c *Call) { _ = c.Answer(random.IntN(2) == 0) })
	dial := func(p *phone) {
		cp := p.CreateCallProperties(random.IntN(2) == 0)
		cp.User = p.CreateUserProfile("bob", 0)
		if p.GetAddress() == "bob" {
			cp.User.Address = "alice"
		}
		if c, err := p.Call(cp); err == nil {
			p.add(c)
			_ = c.Start(p)
		}
	}
	kick := func(p *phone) { srv.Kick(p.GetAddress()) }
	media := func(do func(h callMediaHandler)) func(p *phone) {
		return newest(func(c *Call) {
			c.mu.Lock()
			f, _ := c.media.(*fakeMedia)
			c.mu.Unlock()
			if f != nil {
				do(f.h)
			}
		})
	}
	return []func(p *phone){
		dial, dial, dial, answer, answer, answer, answer, kick,
		newest(func(c *Call) { _ = c.Hangup() }),
		newest(func(c *Call) { c.ToggleAudioMute() }),
		newest(func(c *Call) { c.Hold(random.IntN(2) == 0) }),
		newest(func(c *Call) { _ = c.SendDTMF(random.IntN(16)) }),
		media(func(h callMediaHandler) { h.OnReconnecting() }),
		media(func(h callMediaHandler) { h.OnRestartWanted() }),
		media(func(h callMediaHandler) { h.OnConnected() }),
		media(func(h callMediaHandler) { h.OnFailed(call.ErrNoDevice) }),
		func(p *phone) { p.EnableCallWaiting(random.IntN(2) == 0) },
		func(*phone) {
			if random.IntN(8) == 0 {
				srv.Kill()
				srv.Start()
			}
		},
		func(p *phone) {
			if random.IntN(8) == 0 {
				p.Stop()
				p.must(p.Start())
			}
		},
		func(p *phone) { p.until("a moment", func() bool { return random.IntN(3) == 0 }) },
		func(p *phone) { p.until("online", p.IsOnline) },
	}
}

// TestCalls_monkey: three devices do what they like, while connections and the server come and go. Every call ends,
// once, at each device, its media are closed, and both users have the same records.
func TestCalls_monkey(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	srv, alice, bob := phones(t)
	all := []*phone{alice, bob, newPhone(t, srv.Token("bob"), bob.line)}
	steps := monkeySteps(srv, random)
	for range 150 {
		steps[random.IntN(len(steps))](all[random.IntN(len(all))])
	}
	for _, p := range all {
		p.until("online", p.IsOnline)
	}
	alice.until("the end of all calls", func() bool {
		left := 0
		for _, p := range all {
			for _, c := range p.calls.live() {
				_ = c.Hangup()
			}
			p.calls.mu.Lock()
			left += len(p.calls.list)
			p.calls.mu.Unlock()
		}
		return left == 0
	})
	for _, p := range all {
		p.until("as many ends as calls", func() bool { return p.count("call") == p.count("hangup") })
	}
	alice.until("the same records", func() bool {
		a, b, c := alice.records("bob"), bob.records("alice"), all[2].records("alice")
		return len(a) == len(b) && slices.Equal(b, c)
	})
}

// count counts the entries of the diary with a first word.
func (p *phone) count(word string) (n int) {
	for _, entry := range p.entries() {
		if first, _, _ := strings.Cut(entry, " "); first == word {
			n++
		}
	}
	return n
}
