package e2e_test

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/mesibo/mesibotest"
)

// process is a child process that may be killed and started again.
type process struct {
	t    *testing.T
	part string
	args []string

	cmd   *exec.Cmd
	stdin io.WriteCloser
	ended chan error

	mu       sync.Mutex
	accepted int // the highest number that the child has printed in any of its runs
}

func (p *process) start() {
	p.t.Helper()
	p.cmd = exec.CommandContext(p.t.Context(), os.Args[0])
	p.cmd.Env = append(os.Environ(), partVariable+"="+p.part)
	for i, a := range p.args {
		p.cmd.Env = append(p.cmd.Env, argVariable+strconv.Itoa(i+1)+"="+a)
	}
	p.cmd.Stderr = p.t.Output()
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		p.t.Fatal(err)
	}
	if p.stdin, err = p.cmd.StdinPipe(); err != nil {
		p.t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	ready := make(chan struct{})
	p.ended = make(chan error, 1)
	go func() {
		lines := bufio.NewScanner(stdout)
		for lines.Scan() {
			if lines.Text() == "ready" {
				close(ready)
				continue
			}
			if n, err := strconv.Atoi(lines.Text()); err == nil {
				p.mu.Lock()
				p.accepted = max(p.accepted, n)
				p.mu.Unlock()
			}
		}
		p.ended <- p.cmd.Wait()
	}()
	select {
	case <-ready:
	case err := <-p.ended:
		p.t.Fatalf("%s ended at once: %v", p.part, err)
	case <-time.After(patience):
		p.t.Fatalf("%s is not ready", p.part)
	}
}

// number returns the highest number that the child has printed.
func (p *process) number() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.accepted
}

// kill ends the child without warning and waits for its end.
func (p *process) kill() {
	p.t.Helper()
	if err := p.cmd.Process.Kill(); err != nil {
		p.t.Fatal(err)
	}
	if err := <-p.ended; err == nil {
		p.t.Fatalf("%s ended by itself", p.part)
	}
}

// finish asks the child to send what it has and to end, and waits for its end.
func (p *process) finish() {
	p.t.Helper()
	if err := p.stdin.Close(); err != nil {
		p.t.Fatal(err)
	}
	select {
	case err := <-p.ended:
		if err != nil {
			p.t.Errorf("%s: %v", p.part, err)
		}
	case <-time.After(4 * patience):
		p.t.Fatalf("%s does not end", p.part)
	}
}

// killsVariable sets the number of kills; the default keeps the test short.
const killsVariable = "PARLEY_KILLS"

// TestKill_9_loses_nothing runs a server and two users who write to each other as fast as they can, in three
// processes, and kills one of them again and again. What SendMessage accepted must arrive once, in order, and end as
// delivered.
func TestKill_9_loses_nothing(t *testing.T) {
	t.Parallel()
	kills := 12
	if n, err := strconv.Atoi(os.Getenv(killsVariable)); err == nil {
		kills = n
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d, %d kills", seed, kills)
	random := rand.New(rand.NewPCG(seed, seed))

	srv := mesibotest.NewServer(t) // creates the users and finds a port
	aliceToken, bobToken := srv.Token("alice"), srv.Token("bob")
	srv.Stop()
	aliceDir, bobDir := t.TempDir(), t.TempDir()
	srvProcess := &process{t: t, part: "server", args: []string{srv.Dir(), srv.Addr()}}
	alice := &process{t: t, part: "chatter", args: []string{aliceToken, aliceDir, "bob"}}
	bob := &process{t: t, part: "chatter", args: []string{bobToken, bobDir, "alice"}}
	all := []*process{srvProcess, alice, bob}
	for _, p := range all {
		p.start()
	}
	for range kills {
		<-time.After(time.Duration(50+random.IntN(350)) * time.Millisecond)
		victim := all[random.IntN(len(all))]
		victim.kill()
		victim.start()
	}
	alice.finish()
	bob.finish()

	aliceDevice, bobDevice := newDevice(t, aliceToken, aliceDir), newDevice(t, bobToken, bobDir)
	aliceDevice.start()
	bobDevice.start()
	checkNumbers(t, aliceDevice, bobDevice, alice.accepted)
	checkNumbers(t, bobDevice, aliceDevice, bob.accepted)
	srvProcess.kill()
}

// checkNumbers waits until the receiver has all numbers of the sender, and checks that the receiver has each once and
// in order, and that the sender has them as delivered.
func checkNumbers(t *testing.T, from, to *device, accepted int) {
	t.Helper()
	sent := numbers(from, to.GetAddress(), "")
	if len(sent) < accepted {
		t.Errorf("%s: %d accepted, %d in the sender's database", from.GetAddress(), accepted, len(sent))
	}
	to.await(fmt.Sprintf("%d messages", len(sent)), func() bool {
		return len(numbers(to, from.GetAddress(), "RECEIVED")) >= len(sent)
	})
	from.await("all delivered", func() bool {
		return len(numbers(from, to.GetAddress(), mesibo.MsgStatusDelivered.String())) == len(sent)
	})
	got := numbers(to, from.GetAddress(), "RECEIVED")
	for i, n := range got {
		if n != i+1 {
			t.Fatalf("%s: message %d has number %d; of %d sent, %d arrived", to.GetAddress(), i+1, n, len(sent), len(got))
		}
	}
	if len(got) != len(sent) {
		t.Errorf("%s: got %d messages, want %d", to.GetAddress(), len(got), len(sent))
	}
	t.Logf("%s: %d messages, each once and in order", to.GetAddress(), len(got))
}

// numbers returns the numbers in a chat whose status starts with status; if that is empty, the sent ones.
func numbers(d *device, peer, status string) []int {
	var out []int
	for _, line := range d.history(peer) {
		text, st, _ := strings.Cut(line, " ")
		incoming := strings.HasPrefix(st, "RECEIVED")
		if status == "" && incoming || !strings.HasPrefix(st, status) {
			continue
		}
		if n, err := strconv.Atoi(text); err == nil {
			out = append(out, n)
		}
	}
	return out
}
