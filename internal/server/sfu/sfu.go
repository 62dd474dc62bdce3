package sfu

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	defaultIdle = 10 * time.Minute
)

// errNotRunning means that the child does not run, and is not about to.
var errNotRunning = errors.New("the SFU does not run")

// Config configures an SFU: Program or URL.
type Config struct {
	// Program is the path of parley-sfu.
	Program string
	// Loopback lets the child serve this machine only.
	Loopback bool
	// NodeIP is the address at which devices reach the child. The zero Addr lets it find out.
	NodeIP netip.Addr
	// UDPPort and TCPPort carry sound and video; 0 is a free one.
	UDPPort, TCPPort uint16

	// URL is that of a LiveKit server, with ws or wss. Key and Secret are one of its keys.
	URL, Key, Secret string

	// MaxPeople is how many participants a room has.
	MaxPeople int
	// Admits reports whether a participant takes part in the call of a room.
	Admits func(room string, number uint32) bool
	// Enter registers a request, which ends when Stopping is closed. It may be nil.
	Enter func() (release func(), ok bool)
	// Stopping is closed when the server starts to stop. It may be nil.
	Stopping <-chan struct{}

	// Idle is how long the child runs without a room. Default: 10 minutes.
	Idle   time.Duration
	Logger *slog.Logger
	Clock  func() time.Time

	// launch starts the child. Default: a process.
	launch func(ctx context.Context, c *Config) (*child, error)
	// retry is the delay after the first failure of the child. Default: 250 ms.
	retry time.Duration
}

// SFU is the server of sound and video. Its methods may be called from any goroutine; only Open blocks.
type SFU struct {
	c      Config // immutable, like client
	client *http.Client

	mu      sync.Mutex
	rooms   map[string]struct{}
	base    string // HTTP address of the server, empty while the child does not run
	failed  error  // why the child does not run, nil while it is about to
	changed chan struct{}
	links   map[member]map[*link]struct{} // signalling connections through the proxy
	tasks   []task

	wake chan struct{} // of the supervisor, has room for one
	work chan struct{} // of the worker, has room for one
}

// member is a participant of a room.
type member struct {
	room   string
	number uint32
}

// New returns an SFU. Run must be called.
func New(c Config) *SFU {
	if c.Idle == 0 {
		c.Idle = defaultIdle
	}
	if c.launch == nil {
		c.launch = launch
	}
	if c.retry == 0 {
		c.retry = firstRetry
	}
	if c.URL == "" {
		c.Key, c.Secret = "parley", rand.Text()+rand.Text()
	}
	s := &SFU{
		c: c, client: &http.Client{Transport: &http.Transport{Proxy: nil, MaxIdleConnsPerHost: 1}},
		rooms: make(map[string]struct{}), links: make(map[member]map[*link]struct{}),
		changed: make(chan struct{}), wake: make(chan struct{}, 1), work: make(chan struct{}, 1),
	}
	if c.URL != "" { // http for ws, https for wss
		s.client.Transport.(*http.Transport).Proxy = http.ProxyFromEnvironment
		s.base = "http" + strings.TrimPrefix(strings.TrimSuffix(c.URL, "/"), "ws")
	}
	return s
}

// Run runs the child while it is needed, and everything that the other methods have asked for, until ctx ends.
func (s *SFU) Run(ctx context.Context) {
	var working sync.WaitGroup
	working.Go(func() { s.runTasks(ctx) })
	if s.c.URL == "" {
		s.supervise(ctx)
	}
	<-ctx.Done()
	working.Wait()
	s.client.CloseIdleConnections()
}

// Open makes a room, unless there is one. It starts the child, when that does not run, and waits for it until ctx ends.
func (s *SFU) Open(ctx context.Context, room string) error {
	s.mu.Lock()
	_, known := s.rooms[room]
	s.rooms[room] = struct{}{}
	s.mu.Unlock()
	s.signal(s.wake)
	base, err := s.ready(ctx)
	if err == nil {
		err = s.createRoom(ctx, base, room)
	}
	if err != nil && !known {
		s.Close(room)
	}
	return err
}

// ready returns the address of the server, when it runs.
func (s *SFU) ready(ctx context.Context) (base string, err error) {
	for {
		s.mu.Lock()
		base, err = s.base, s.failed
		changed := s.changed
		s.mu.Unlock()
		if base != "" || err != nil {
			return base, err
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return "", errors.Join(errNotRunning, ctx.Err())
		}
	}
}

// Ticket returns with what a participant connects: the URL of a server that runs by itself, empty for this one, and a
// token. publish lets it send.
func (s *SFU) Ticket(room string, number uint32, publish bool) (url, token string) {
	return s.c.URL, s.token(grant{
		Room: room, RoomJoin: true, CanPublish: &publish, CanSubscribe: new(true), CanPublishData: new(false),
		CanUpdateOwnMetadata: new(false),
	}, strconv.FormatUint(uint64(number), 10), tokenLife)
}

// Permit lets a participant send, or not any more.
func (s *SFU) Permit(room string, number uint32, publish bool) {
	s.do(task{what: taskPermit, member: member{room, number}, publish: publish})
}

// Remove removes a participant, which has left the call.
func (s *SFU) Remove(room string, number uint32) {
	m := member{room, number}
	s.cut(m)
	s.do(task{what: taskRemove, member: m})
}

// Close deletes a room.
func (s *SFU) Close(room string) {
	s.mu.Lock()
	delete(s.rooms, room)
	s.mu.Unlock()
	s.do(task{what: taskDelete, member: member{room: room}})
	s.signal(s.wake)
}

func (*SFU) signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
