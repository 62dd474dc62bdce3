package rtc

import (
	"errors"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pion/webrtc/v4"

	"github.com/parley-chat/parley/mesibo/call"
)

// Candidates may come before the description, and the other side answers late: nothing starts before.
func TestEarlyCandidates(t *testing.T) {
	t.Parallel()
	caller, callee := pair(t)
	offer, err := caller.Offer()
	check(t, err)
	again, err := caller.Offer()
	if err != nil || users(again)[0] != users(offer)[0] {
		t.Errorf("another offer: %v", err)
	}
	deadline := time.Now().Add(5 * time.Second)
	for early := 0; early == 0; {
		if time.Now().After(deadline) {
			t.Fatal("no candidate is kept")
		}
		callee.signal.mu.Lock()
		early = len(callee.signal.early)
		callee.signal.mu.Unlock()
	}
	if d := callee.pc.LocalDescription(); d != nil {
		t.Error("the other side shows its addresses before it answers")
	}
	exchange(t, caller, callee, offer)
	check(t, callee.set.Speaker.Hear(within(t, patience), 440))
}

func TestBadDescriptions(t *testing.T) {
	t.Parallel()
	caller, callee := pair(t)
	offer, err := caller.Offer()
	check(t, err)
	for name, sdp := range map[string]string{
		"noise":               "hello",
		"too long":            offer + strings.Repeat("a=x:y\r\n", 10_000),
		"too many media":      offer + strings.Repeat("m=audio 9 UDP/TLS/RTP/SAVPF 0\r\n", 4),
		"too many candidates": offer + strings.Repeat("a=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\n", 101),
		// What the library notices too late.
		"no mid":         regexp.MustCompile(`a=mid:.*\r\n`).ReplaceAllString(offer, ""),
		"no fingerprint": regexp.MustCompile(`a=fingerprint:.*\r\n`).ReplaceAllString(offer, ""),
		"no ICE user":    regexp.MustCompile(`a=ice-ufrag:.*\r\n`).ReplaceAllString(offer, ""),
	} {
		if _, err := callee.Answer(sdp); !errors.Is(err, ErrDescription) {
			t.Errorf("%s: %v", name, err)
		}
		if err := caller.Accept(sdp); !errors.Is(err, ErrDescription) {
			t.Errorf("answer: %s: %v", name, err)
		}
	}
	if _, err := callee.Offer(); err == nil {
		t.Error("the callee offers")
	}
	if _, err := caller.Answer(offer); err == nil {
		t.Error("the caller answers")
	}
	if err := callee.Accept(offer); err == nil {
		t.Error("the callee accepts")
	}
	exchange(t, caller, callee, offer)
	if err := callee.AddCandidate("candidate:what"); !errors.Is(err, ErrDescription) {
		t.Errorf("a wrong candidate: %v", err)
	}
	caller.await("connected", 1, patience)
}

// The other side cannot make this one send packets to services of this machine, unless both are on it.
func TestLoopbackCandidates(t *testing.T) {
	t.Parallel()
	for _, local := range []bool{true, false} {
		caller, err := New(Config{Caller: true, Loopback: local})
		check(t, err)
		defer caller.Close()
		callee, err := New(Config{Loopback: local})
		check(t, err)
		defer callee.Close()
		offer, err := caller.Offer()
		check(t, err)
		_, err = callee.Answer(offer)
		check(t, err)
		for _, ip := range []string{"127.0.0.1", "127.1.2.3", "0.0.0.0", "::1", "::ffff:127.0.0.1", "192.0.2.77"} {
			check(t, callee.AddCandidate("candidate:1 1 udp 2130706431 "+ip+" 9 typ host"))
		}
		want := "192.0.2.77"
		if local {
			want = "127.0.0.1"
		}
		var tried []string
		for deadline := time.Now().Add(patience); !slices.Contains(tried, want); tried = remoteAddresses(callee) {
			if time.Now().After(deadline) {
				t.Fatalf("%s is not tried, but %v", want, tried)
			}
			runtime.Gosched()
		}
		if !local && len(tried) != 1 {
			t.Errorf("these are tried: %v", tried)
		}
	}
}

// remoteAddresses returns the addresses of the other side that a side tries.
func remoteAddresses(p *Peer) (list []string) {
	for _, s := range p.pc.GetStats() {
		if c, ok := s.(webrtc.ICECandidateStats); ok && c.Type == webrtc.StatsTypeRemoteCandidate {
			list = append(list, c.IP)
		}
	}
	return list
}

func TestBadCandidates(t *testing.T) {
	t.Parallel()
	callee, err := New(Config{Loopback: true})
	check(t, err)
	defer callee.Close()
	if err := callee.AddCandidate(strings.Repeat("x", candidateMost+1)); !errors.Is(err, ErrDescription) {
		t.Errorf("a long candidate: %v", err)
	}
	refused := 0
	for range 2 * candidatesMost {
		if callee.AddCandidate("candidate:1 1 udp 1 192.0.2.1 9 typ host ufrag other") != nil {
			refused++
		}
	}
	if refused < candidatesMost {
		t.Errorf("%d of %d candidates were refused", refused, 2*candidatesMost)
	}
}

// Without Opus on one side both use PCMU.
func TestCommonCodec(t *testing.T) {
	t.Parallel()
	if !hasOpus(t) {
		return
	}
	caller, callee := pair(t, func(caller bool, c *Config, o *options) {
		if caller {
			withOpus(caller, c, o)
		}
	})
	connect(t, caller, callee)
	check(t, caller.set.Speaker.Hear(within(t, patience), 1000))
	check(t, callee.set.Speaker.Hear(within(t, patience), 440))
}

func TestClose(t *testing.T) {
	t.Parallel()
	caller, callee := pair(t, withVideo)
	connect(t, caller, callee)
	caller.Close()
	caller.Close()
	for _, d := range []interface{ InUse() bool }{caller.set.Microphone, caller.set.Speaker, caller.set.Camera} {
		if d.InUse() {
			t.Errorf("%T is still in use", d)
		}
	}
	if _, err := caller.Restart(); err == nil {
		t.Error("a closed side offers")
	}
	caller.SetMuted(true, true)
	caller.SetHold(false)
	check(t, caller.SetVideoSource(caller.set.Camera, Format{}))
	if caller.set.Camera.InUse() {
		t.Error("a closed side uses the camera")
	}
}

func FuzzAnswer(f *testing.F) {
	caller, err := New(Config{Caller: true, Loopback: true})
	if err != nil {
		f.Fatal(err)
	}
	offer, err := caller.Offer()
	caller.Close()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(offer, "candidate:1 1 udp 2130706431 127.0.0.1 9 typ host ufrag x")
	f.Add("v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\n", "")
	f.Fuzz(func(t *testing.T, sdp, candidate string) {
		p, err := New(Config{Media: &call.Media{}, Loopback: true})
		if err != nil {
			t.Fatal(err)
		}
		defer p.Close()
		if _, err := p.Answer(sdp); err != nil {
			t.Log(err)
		}
		if err := p.AddCandidate(candidate); err != nil {
			t.Log(err)
		}
	})
}

// Close does not wait for candidates that are just being found.
func TestClose_early(t *testing.T) {
	t.Parallel()
	for range 200 {
		p, err := New(Config{Caller: true, Loopback: true})
		check(t, err)
		if _, err := p.Offer(); err != nil {
			t.Fatal(err)
		}
		p.Close()
	}
}

func TestNew_badServer(t *testing.T) {
	t.Parallel()
	if _, err := New(Config{Servers: []call.ICEServer{{URLs: []string{"nonsense"}}}}); err == nil {
		t.Error("a server without an address was accepted")
	}
}
