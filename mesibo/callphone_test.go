package mesibo

import (
	"context"
	"errors"
	"fmt"
	"image"
	"log/slog"
	"net"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/parley-chat/parley/mesibo/call"
	"github.com/parley-chat/parley/mesibo/mesibotest"
)

// TestMain fails the run when goroutines of calls or of sessions are left at its end.
func TestMain(m *testing.M) {
	code := m.Run()
	deadline := time.Now().Add(10 * time.Second)
	left := leftGoroutines()
	for ; len(left) > 0 && time.Now().Before(deadline); left = leftGoroutines() {
		runtime.Gosched()
	}
	if code == 0 && len(left) > 0 {
		fmt.Fprintf(os.Stderr, "%d goroutines left:\n%s\n", len(left), strings.Join(left, "\n\n"))
		code = 1
	}
	os.Exit(code)
}

func leftGoroutines() []string {
	stacks := make([]byte, 1<<20)
	all := strings.Split(string(stacks[:runtime.Stack(stacks, true)]), "\n\n")
	return slices.DeleteFunc(all, func(stack string) bool {
		return !strings.Contains(stack, "mesibo.(*Call)") && !strings.Contains(stack, "mesibo.(*calls)") &&
			!strings.Contains(stack, "mesibo.(*meeting)") && !strings.Contains(stack, "mesibo.(*run)")
	})
}

// line stands for the network between the media of all devices of a test. It checks that descriptions and candidates
// reach the media that they are for, in order.
type line struct {
	t *testing.T

	silent atomic.Bool // media do not connect

	mu    sync.Mutex
	media map[string]*fakeMedia // by name
	fail  error                 // of what is made next
	fails int                   // how often, -1 for ever
}

// fakeMedia stands for the media of one call at one device. Its description names it and the one that it answers.
type fakeMedia struct {
	line *line
	o    callMediaOptions
	h    callMediaHandler
	name string

	mu         sync.Mutex
	rounds     int    // of negotiation
	offer      string // the newest own offer that has not been answered
	peer       *fakeMedia
	candidates []string
	muted      string
	source     call.VideoSource
	sinks      map[bool]call.VideoSink
	closed     bool
}

func newLine(t *testing.T) *line {
	t.Helper()
	l := &line{t: t, media: make(map[string]*fakeMedia)}
	t.Cleanup(func() {
		for name, f := range l.media {
			if !f.isClosed() {
				t.Errorf("the media %s were not closed", name)
			}
		}
	})
	return l
}

func (l *line) newMedia(o callMediaOptions, h callMediaHandler) (callMedia, error) { //nolint:ireturn // a newCallMedia
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.fail != nil && l.fails != 0 {
		l.fails--
		return nil, l.fail
	}
	f := &fakeMedia{line: l, o: o, h: h, name: fmt.Sprintf("m%d", len(l.media)), sinks: make(map[bool]call.VideoSink)}
	l.media[f.name] = f
	return f, nil
}

func (l *line) failWith(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.fail, l.fails = err, -1
}

func (l *line) failTimes(n int, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.fail, l.fails = err, n
}

func (l *line) find(name string) *fakeMedia {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.media[name]
}

func (f *fakeMedia) Offer() (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rounds++
	f.offer = fmt.Sprintf("offer %d of %s", f.rounds, f.name)
	f.h.OnCandidate("candidate of " + f.name)
	f.h.OnCandidate("another of " + f.name)
	return f.offer, nil
}

func (f *fakeMedia) Restart() (string, error) { return f.Offer() }

func (f *fakeMedia) Answer(offer string) (string, error) {
	var n int
	var name string
	if _, err := fmt.Sscanf(offer, "offer %d of %s", &n, &name); err != nil {
		return "", fmt.Errorf("no offer: %q", offer)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rounds, f.peer = n, f.line.find(name)
	f.h.OnCandidate("candidate of " + f.name)
	return fmt.Sprintf("answer of %s to %s", f.name, offer), nil
}

func (f *fakeMedia) Accept(answer string) error {
	name, offer, ok := strings.Cut(strings.TrimPrefix(answer, "answer of "), " to ")
	f.mu.Lock()
	if !ok || offer != f.offer {
		defer f.mu.Unlock()
		return fmt.Errorf("no answer to %q: %q", f.offer, answer)
	}
	f.offer, f.peer = "", f.line.find(name)
	peer := f.peer
	f.mu.Unlock()
	if peer == nil {
		return errors.New("the answer is of no one")
	}
	if f.line.silent.Load() {
		return nil
	}
	f.h.OnConnected()
	peer.h.OnConnected()
	return nil
}

func (f *fakeMedia) AddCandidate(candidate string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.peer == nil || !strings.HasSuffix(candidate, " of "+f.peer.name) {
		f.line.t.Errorf("%s, whose peer is %v, got %q", f.name, f.peer, candidate)
	}
	f.candidates = append(f.candidates, candidate)
	return nil
}

func (f *fakeMedia) SetMuted(audio, video bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.muted = fmt.Sprint(audio, video)
}

func (f *fakeMedia) SetHold(hold bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.muted += fmt.Sprint(" ", hold)
}

func (f *fakeMedia) SetVideoSource(_ VideoSource, source call.VideoSource) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.source = source
	return nil
}

func (f *fakeMedia) SetVideoSink(sink call.VideoSink, remote bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sinks[remote] = sink
}

func (*fakeMedia) Stats() CallStats { return CallStats{RTT: time.Millisecond, Quality: 4} }

func (f *fakeMedia) Close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		f.line.t.Errorf("%s was closed twice", f.name)
	}
	f.closed = true
}

func (f *fakeMedia) isClosed() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.closed
}

// phone is a device with a diary of what the listeners of calls are called with.
type phone struct {
	*Mesibo

	t    *testing.T
	line *line

	mu      sync.Mutex
	changed chan struct{}
	diary   []string
	made    []*Call
	cp      *CallProperties // for calls that ring
	block   chan struct{}   // OnIncoming waits for it
	cut     atomic.Bool     // there is no network
}

const patience = time.Minute

// newPhone connects a device of a user.
func newPhone(t *testing.T, token string, l *line) *phone {
	t.Helper()
	p := offPhone(t, token, l)
	p.start()
	return p
}

func offPhone(t *testing.T, token string, l *line) *phone {
	t.Helper()
	p := &phone{t: t, line: l, changed: make(chan struct{})}
	m, err := New(Options{
		Path: t.TempDir(), AccessToken: token, Database: "calls.db", NetDial: p.connect,
		Logger: slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn})),
	})
	if err != nil {
		t.Fatal(err)
	}
	p.Mesibo, p.cp = m, m.CreateCallProperties(false)
	p.calls.engine = l.newMedia
	m.SetCallMedia(call.Media{Camera: camera{"camera"}})
	t.Cleanup(func() {
		if err := m.Reset(); err != nil {
			t.Error(err)
		}
	})
	p.must(m.AddListener(p))
	return p
}

func (p *phone) connect(ctx context.Context, network, address string) (net.Conn, error) {
	if p.cut.Load() {
		return nil, errors.New("there is no network")
	}
	return (&net.Dialer{}).DialContext(ctx, network, address)
}

func (p *phone) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

func (p *phone) start() {
	p.t.Helper()
	p.must(p.Start())
	p.until("online", p.IsOnline)
}

// note writes to the diary.
func (p *phone) note(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.diary = append(p.diary, fmt.Sprintf(format, args...))
	close(p.changed)
	p.changed = make(chan struct{})
}

func (p *phone) entries() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.diary)
}

// until waits for a condition. It looks at each entry of the diary, and now and then.
func (p *phone) until(what string, condition func() bool) {
	p.t.Helper()
	timeout := time.NewTimer(patience)
	defer timeout.Stop()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for {
		p.mu.Lock()
		changed := p.changed
		p.mu.Unlock()
		if condition() {
			return
		}
		select {
		case <-changed:
		case <-again.C:
		case <-timeout.C:
			p.t.Fatalf("%s: not seen; the diary of %s has %q", what, p.GetAddress(), p.entries())
		}
	}
}

func (p *phone) await(entry string) {
	p.t.Helper()
	p.until(entry, func() bool { return slices.Contains(p.entries(), entry) })
}

// want checks the whole diary, but for the entries with one of the words.
func (p *phone) want(without []string, entries ...string) {
	p.t.Helper()
	got := slices.DeleteFunc(p.entries(), func(entry string) bool {
		word, _, _ := strings.Cut(entry, " ")
		return slices.Contains(without, word)
	})
	if !slices.Equal(got, entries) {
		p.t.Errorf("the diary of %s has %q, want %q", p.GetAddress(), got, entries)
	}
}

// forget empties the diary.
func (p *phone) forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.diary = nil
}

// call returns the newest call.
func (p *phone) call() *Call {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.made) == 0 {
		return nil
	}
	return p.made[len(p.made)-1]
}

func (p *phone) add(c *Call) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.made = append(p.made, c)
}

func (p *phone) OnIncoming(profile *UserProfile, video, waiting bool) *CallProperties {
	p.note("incoming %s %v %v", profile.Address, video, waiting)
	p.mu.Lock()
	cp, block := p.cp, p.block
	p.mu.Unlock()
	if block != nil {
		<-block
	}
	return cp
}

func (p *phone) OnShowUserInterface(c *Call, cp *CallProperties) bool {
	p.add(c)
	p.note("show %s", cp.User.Address)
	if err := c.Start(p); err != nil {
		p.t.Error(err)
	}
	return true
}

func (p *phone) OnCallError(cp *CallProperties, err CallError) {
	p.note("error %s %v", cp.User.Address, err)
}

func (p *phone) OnCallNotify(kind CallNotify, profile *UserProfile, video bool) {
	p.note("notify %v %s %v", kind, profile.Address, video)
}

func (p *phone) OnSetCall(c *Call) {
	p.mu.Lock()
	known := slices.Contains(p.made, c)
	p.mu.Unlock()
	if !known {
		p.t.Error("the listener got another call")
	}
	p.note("call")
}

func (p *phone) OnStatus(_ *CallProperties, status CallStatus, _, _ bool) {
	p.note("status %v", status)
}

func (p *phone) OnHangup(_ *CallProperties, reason HangupReason) { p.note("hangup %v", reason) }

func (p *phone) OnMute(_ *CallProperties, audio, video, remote bool) {
	p.note("mute %v %v %v", audio, video, remote)
}

func (p *phone) OnPlayInCallSound(_ *CallProperties, sound CallSound, play bool) {
	p.note("sound %v %v", sound, play)
}

func (p *phone) OnUpdateUserInterface(_ *CallProperties, state CallUIState, _, _ bool) {
	p.note("ui %v", state)
}

func (p *phone) OnVideoSourceChanged(source VideoSource, index int) {
	p.note("source %d %d", source, index)
}

func (p *phone) OnVideo(_ *CallProperties, v VideoProperties, remote bool) {
	p.note("video %dx%d %v", v.Width, v.Height, remote)
}

func (p *phone) OnDTMF(_ *CallProperties, digit int) { p.note("dtmf %d", digit) }

func (p *phone) OnCallProblem(_ *CallProperties, err error) { p.note("problem %v", err) }

// dial calls a user.
func (p *phone) dial(address string, video bool) *Call {
	p.t.Helper()
	cp := p.CreateCallProperties(video)
	cp.User = p.CreateUserProfile(address, 0)
	c, err := p.Call(cp)
	p.must(err)
	p.add(c)
	p.must(c.Start(p))
	return c
}

// media returns the media of the call.
func (p *phone) media(c *Call) *fakeMedia {
	p.t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	f, _ := c.media.(*fakeMedia)
	return f
}

// records returns the statuses of the records of calls with a user, oldest first.
func (p *phone) records(peer string) (list []string) {
	p.t.Helper()
	session := p.NewReadDbSession(peer, 0, "", nil)
	defer session.Stop()
	session.EnableCalls(true)
	for m, err := range session.Messages(100) {
		p.must(err)
		if m.Call != nil {
			list = append(list, fmt.Sprintf("%v %v", m.Status, m.Call.Status))
		}
	}
	slices.Reverse(list)
	return list
}

func (p *phone) awaitRecords(peer string, want ...string) {
	p.t.Helper()
	p.until(fmt.Sprintf("the records %q", want), func() bool { return slices.Equal(p.records(peer), want) })
}

// phones connects alice and bob.
func phones(t *testing.T) (srv *mesibotest.Server, alice, bob *phone) {
	t.Helper()
	srv = mesibotest.NewServer(t)
	l := newLine(t)
	return srv, newPhone(t, srv.Token("alice"), l), newPhone(t, srv.Token("bob"), l)
}

// talk lets alice call bob, who answers.
func talk(alice, bob *phone, video bool) (of, at *Call) {
	alice.t.Helper()
	of = alice.dial("bob", video)
	bob.await("notify INCOMING alice " + fmt.Sprint(video))
	at = bob.call()
	bob.must(at.Answer(video))
	for _, p := range []*phone{alice, bob} { // the last entry of a call that has started, but for what a party does
		p.await("ui SHOWCONTROLS")
	}
	return of, at
}

// camera is a VideoSource with a name.
type camera struct{ name string }

func (camera) Start(int, int, int, func(*image.YCbCr), func()) (func(), error) { return func() {}, nil }
