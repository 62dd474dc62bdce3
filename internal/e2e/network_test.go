//go:build netns

package e2e_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// This file moves a call from one network to another, in network namespaces of Linux. It needs their administrator.

// ip runs the command ip.
func ip(t *testing.T, line string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 10*time.Second)
	defer cancel()
	if out, err := exec.CommandContext(ctx, "ip", strings.Fields(line)...).CombinedOutput(); err != nil {
		t.Fatalf("ip %s: %v: %s", line, err, out)
	}
}

// networks makes two namespaces with two links between them: the second one is used when the first is down.
func networks(t *testing.T) (server, client, link string) {
	t.Helper()
	id := fmt.Sprint(os.Getpid())
	server, client = "ps"+id, "pc"+id
	for _, ns := range []string{server, client} {
		ip(t, "netns add "+ns)
		t.Cleanup(func() { ip(t, "netns del "+ns) })
		ip(t, "-n "+ns+" link set lo up")
	}
	// The address of the server is on a link of its own: some programs do not use those of lo.
	ip(t, "-n "+server+" link add own type veth peer name ownpeer")
	ip(t, "-n "+server+" addr add 10.90.0.1/32 dev own")
	ip(t, "-n "+server+" link set own up")
	ip(t, "-n "+server+" link set ownpeer up")
	for i, name := range []string{"w", "l"} {
		here, there := name+"s"+id, name+"c"+id
		ip(t, "link add "+here+" type veth peer name "+there)
		ip(t, "link set "+here+" netns "+server)
		ip(t, "link set "+there+" netns "+client)
		ip(t, fmt.Sprintf("-n %s addr add 10.9%d.0.1/24 dev %s", server, i+1, here))
		ip(t, fmt.Sprintf("-n %s addr add 10.9%d.0.2/24 dev %s", client, i+1, there))
		ip(t, "-n "+server+" link set "+here+" up")
		ip(t, "-n "+client+" link set "+there+" up")
		ip(t, fmt.Sprintf("-n %s route add 10.90.0.1/32 via 10.9%d.0.1 metric %d00", client, i+1, i+1))
	}
	return server, client, "wc" + id
}

// sfuProgram returns the path of parley-sfu.
func sfuProgram(t *testing.T) string {
	t.Helper()
	program := os.Getenv(sfuVariable)
	if program == "" {
		t.Fatal(sfuVariable + " is not set: tools/sfu.sh builds the program")
	}
	return program
}

// meetIn starts a call of a group, through an SFU if there is one, in which both hear each other.
func meetIn(t *testing.T, server, client, sfu string) (alice, bob *player) {
	t.Helper()
	bob = playIn(t, server, "host", t.TempDir(), "10.90.0.1:8080", sfu)
	token := bob.expect("token")
	alice = playIn(t, client, "meeter", t.TempDir(), token)
	alice.expect("hears")
	bob.expect("hears")
	return alice, bob
}

// TestGroupCall_changes_network: as TestCall_changes_network, through an SFU and without one.
func TestGroupCall_changes_network(t *testing.T) {
	for name, sfu := range map[string]string{"SFU": sfuProgram(t), "mesh": ""} {
		t.Run(name, func(t *testing.T) {
			server, client, link := networks(t)
			alice, bob := meetIn(t, server, client, sfu)
			for _, p := range []*player{alice, bob} {
				p.say("measure")
				p.expect("measuring")
			}
			ip(t, "-n "+client+" link set "+link+" down")
			for _, p := range []*player{alice, bob} {
				p.expectShortSilence()
			}
		})
	}
}

// TestGroupCall_changes_network_often: the addresses change again while the call adapts to the last change.
func TestGroupCall_changes_network_often(t *testing.T) {
	server, client, link := networks(t)
	alice, bob := meetIn(t, server, client, sfuProgram(t))
	for _, p := range []*player{alice, bob} {
		p.say("measure")
		p.expect("measuring")
	}
	ip(t, "-n "+client+" link set "+link+" down")
	for i := range 8 {
		ip(t, fmt.Sprintf("-n %s addr add 10.92.0.%d/24 dev l%s", client, 10+i, link[1:]))
		for range 6 { // 50 ms each
			alice.say("silence")
			alice.expect("silence")
		}
	}
	for _, p := range []*player{alice, bob} {
		gap := p.longestSilence()
		t.Logf("%s: %v without sound", p.name, gap)
		if gap > 5*time.Second {
			t.Errorf("%s: %v without sound", p.name, gap)
		}
	}
}

// TestGroupCall_without_UDP: who reaches the server over TCP only is in the call through the relay.
func TestGroupCall_without_UDP(t *testing.T) {
	server, client, _ := networks(t)
	dropUDP(t, server)
	began := time.Now()
	alice, bob := meetIn(t, server, client, sfuProgram(t))
	t.Logf("both hear each other after %v", time.Since(began).Round(time.Millisecond))
	for _, p := range []*player{alice, bob} {
		p.say("measure")
		p.expect("measuring")
		p.expectShortSilence()
	}
}

// dropUDP drops the packets of UDP that come to a namespace from outside.
func dropUDP(t *testing.T, ns string) {
	t.Helper()
	ip(t, "-n "+ns+" rule add pref 10 lookup local") // after what follows, not before it
	ip(t, "-n "+ns+" rule del pref 0")
	for _, link := range []string{"ws", "ls"} {
		ip(t, fmt.Sprintf("-n %s rule add pref 5 iif %s%d ipproto udp blackhole", ns, link, os.Getpid()))
	}
}

// player is a child process in a namespace.
type player struct {
	t     *testing.T
	name  string
	in    io.Writer
	lines chan string
}

// playIn plays a part in a namespace.
func playIn(t *testing.T, ns, part string, args ...string) *player {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "ip", "netns", "exec", ns, os.Args[0])
	cmd.Env = append(os.Environ(), partVariable+"="+part)
	for i, arg := range args {
		cmd.Env = append(cmd.Env, fmt.Sprintf("%s%d=%s", argVariable, i+1, arg))
	}
	cmd.Stderr = t.Output()
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p := &player{t: t, name: part, in: in, lines: make(chan string, 100)}
	read := make(chan struct{})
	go func() { // ends with the process
		defer close(p.lines)
		defer close(read)
		for s := bufio.NewScanner(out); s.Scan(); {
			p.lines <- s.Text()
		}
	}()
	t.Cleanup(func() {
		_ = in.Close()
		_ = cmd.Process.Signal(os.Interrupt)
		<-read
		_ = cmd.Wait()
	})
	return p
}

// expect waits for a line that begins with a word, and returns the rest.
func (p *player) expect(word string) string {
	p.t.Helper()
	end := time.After(patience)
	for {
		select {
		case line, ok := <-p.lines:
			if !ok {
				p.t.Fatalf("%s has ended without %s", p.name, word)
			}
			p.t.Logf("%s: %s", p.name, line)
			if rest, ok := strings.CutPrefix(line, word); ok {
				return strings.TrimSpace(rest)
			}
		case <-end:
			p.t.Fatalf("%s: no %s", p.name, word)
		}
	}
}

func (p *player) say(line string) {
	p.t.Helper()
	if _, err := fmt.Fprintln(p.in, line); err != nil {
		p.t.Fatal(err)
	}
}

// longestSilence returns the longest silence, once sound has been heard for seconds.
func (p *player) longestSilence() (longest time.Duration) {
	p.t.Helper()
	const often = 40 // asked every 50 ms
	end := time.Now().Add(patience)
	for heard := 0; heard < often; heard++ {
		p.say("silence")
		var now time.Duration
		words := strings.Fields(p.expect("silence"))
		if len(words) != 2 {
			p.t.Fatalf("%s: silence %q", p.name, words)
		}
		var errs [2]error
		now, errs[0] = time.ParseDuration(words[0])
		longest, errs[1] = time.ParseDuration(words[1])
		if err := errors.Join(errs[:]...); err != nil {
			p.t.Fatal(err)
		}
		if now > 100*time.Millisecond { // more than a lost packet
			heard = 0
		}
		if time.Now().After(end) {
			p.t.Fatalf("%s hears nothing any more, for %v", p.name, now)
		}
	}
	return longest
}

// expectShortSilence fails the test when there was silence for a second.
func (p *player) expectShortSilence() {
	p.t.Helper()
	gap := p.longestSilence()
	p.t.Logf("%s: %v without sound", p.name, gap)
	if gap > time.Second {
		p.t.Errorf("%s: %v without sound", p.name, gap)
	}
}

// TestCall_changes_network: the link of a call goes down, there is another one, and the sound is gone for less than a
// second, whoever of the two has called.
func TestCall_changes_network(t *testing.T) {
	for _, caller := range []string{"alice", "bob"} {
		t.Run(caller+" calls", func(t *testing.T) {
			server, client, link := networks(t)
			bob := playIn(t, server, "bob", t.TempDir(), "10.90.0.1:8080", caller)
			token := bob.expect("token")
			alice := playIn(t, client, "alice", t.TempDir(), token, caller)
			alice.expect("hears")
			bob.expect("hears")
			alice.say("measure")
			bob.say("measure")
			alice.expect("measuring")
			bob.expect("measuring")
			ip(t, "-n "+client+" link set "+link+" down")
			alice.expect("connection OFFLINE")
			alice.expect("connection ONLINE")
			for _, p := range []*player{alice, bob} {
				p.expectShortSilence()
			}
		})
	}
}
