// Package e2e tests the SDK and the server together, over real loopback sockets and real files.
package e2e_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/parley-chat/parley/mesibo"
)

const patience = time.Minute

// device is one instance of the SDK, with a diary of the calls of its listeners.
type device struct {
	*mesibo.Mesibo
	t   testing.TB
	dir string

	mu      sync.Mutex
	changed chan struct{} // closed and replaced at each entry
	diary   []string
	got     []received
	gid     uint32
	pin     string
}

type received struct {
	mesibo.MessageParams
	text string
}

// newDevice returns a device that is not started. Devices with the same dir share a database.
func newDevice(t testing.TB, token, dir string) *device {
	t.Helper()
	return openDevice(t, mesibo.Options{Path: dir, AccessToken: token})
}

// openDevice is newDevice with other options.
func openDevice(t testing.TB, opts mesibo.Options) *device {
	t.Helper()
	opts.Database = "test.db"
	opts.Logger = slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	d := &device{Mesibo: openDatabase(t, opts), t: t, dir: opts.Path, changed: make(chan struct{})}
	d.listen()
	return d
}

// listen keeps the diary until the test ends.
func (d *device) listen() {
	d.t.Helper()
	d.t.Cleanup(func() {
		if err := d.Reset(); err != nil {
			d.t.Error(err)
		}
	})
	d.must(d.AddListener(&mesibo.ListenerFuncs{
		ConnectionStatus: func(s mesibo.ConnectionStatus) { d.note(nil, "%v", s) },
		Message: func(p *mesibo.MessageParams, data []byte) {
			d.note(&received{*p, string(data)}, "message %s %v", data, p.Status)
		},
		MessageStatus: func(p *mesibo.MessageParams) { d.status(p) },
		MessageUpdate: func(p *mesibo.MessageParams, data []byte) {
			d.note(nil, "update %d %s%s", uint32(p.Mid), data, reactions(p))
		},
		Location: func(p *mesibo.MessageParams, l *mesibo.Location) {
			d.note(&received{*p, l.Title}, "location %s %v,%v %v", l.Title, l.Lat, l.Lon, p.Status)
		},
		Activity: func(p *mesibo.MessageParams, a mesibo.Activity) {
			d.note(nil, "activity %s %d %d", p.Peer, p.GroupID, a)
		},
		Presence: func(p *mesibo.UserProfile) { d.note(nil, "presence %s %v", p.Address, p.Online) },
		Read:     func(peer string, _ uint32, unread int) { d.note(nil, "read %s %d", peer, unread) },
		ProfileUpdated: func(p *mesibo.UserProfile) {
			if p != nil && !p.IsSelfProfile() {
				d.note(nil, "profile %s%s %s", p.Address, groupName(p), p.Name)
			}
		},
	}))
	d.must(d.AddListener(d.groupListener()))
}

// status writes a status to the diary: in a group with the member it is from, and recalled messages as deleted.
func (d *device) status(p *mesibo.MessageParams) {
	switch {
	case p.IsDeleted():
		d.note(nil, "deleted %d", uint32(p.Mid))
	case p.GroupID != 0 && p.Peer != "":
		d.note(nil, "status %d %v of %s", uint32(p.Mid), p.Status, p.Peer)
	default:
		d.note(nil, "status %d %v", uint32(p.Mid), p.Status)
	}
}

func reactions(p *mesibo.MessageParams) string {
	var out strings.Builder
	for _, r := range p.Reactions {
		out.WriteString(" " + r.Address + r.Emoji)
	}
	return out.String()
}

func groupName(p *mesibo.UserProfile) string {
	if p == nil || p.GroupID == 0 {
		return ""
	}
	return "group"
}

// groupListener writes what happens to groups to the diary, and keeps the id of the newest group.
func (d *device) groupListener() *mesibo.GroupFuncs {
	members := func(all []mesibo.Member) string {
		names := make([]string, len(all))
		for i, m := range all {
			names[i] = m.Address
		}
		slices.Sort(names)
		return strings.Join(names, " ")
	}
	return &mesibo.GroupFuncs{
		Created: func(p *mesibo.UserProfile, id uint32) { d.group(p); d.note(nil, "created %s %d", p.Name, id) },
		Joined:  func(p *mesibo.UserProfile) { d.group(p); d.note(nil, "joined %s", p.Name) },
		Left:    func(p *mesibo.UserProfile) { d.note(nil, "left %s", p.Name) },
		Members: func(_ *mesibo.UserProfile, all []mesibo.Member, more bool) {
			d.note(nil, "members %s %v", members(all), more)
		},
		MembersJoined:  func(_ *mesibo.UserProfile, all []mesibo.Member) { d.note(nil, "added %s", members(all)) },
		MembersRemoved: func(_ *mesibo.UserProfile, all []mesibo.Member) { d.note(nil, "removed %s", members(all)) },
		Settings: func(_ *mesibo.UserProfile, s mesibo.GroupSettings, own mesibo.MemberPermissions, pins []mesibo.GroupPin) {
			if len(pins) > 0 {
				d.mu.Lock()
				d.pin = pins[len(pins)-1].Code
				d.mu.Unlock()
			}
			d.note(nil, "settings %s %s %x %x pins %d", s.Name, s.Status, s.Flags, own.AdminFlags, len(pins))
		},
		Error: func(_ *mesibo.UserProfile, err mesibo.GroupError) { d.note(nil, "group error %d", err) },
	}
}

func (d *device) group(p *mesibo.UserProfile) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.gid = p.GroupID
}

// lastGroup returns the id of the group that was last created or joined.
func (d *device) lastGroup() uint32 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.gid
}

// mid returns the 64-bit id of the received message with this text.
func (d *device) mid(text string) uint64 {
	d.t.Helper()
	all := d.messages()
	for i := range all {
		if all[i].text == text {
			return all[i].Mid
		}
	}
	d.t.Fatalf("%s has not received %q", d.GetAddress(), text)
	return 0
}

// must fails the test when there is an error.
func (d *device) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

// online starts a device and waits until it is connected.
func online(t testing.TB, token string) *device {
	t.Helper()
	d := newDevice(t, token, t.TempDir())
	d.start()
	return d
}

func (d *device) start() {
	d.t.Helper()
	if err := d.Start(); err != nil {
		d.t.Fatal(err)
	}
	d.await("online", func() bool { return d.GetConnectionStatus() == mesibo.StatusOnline })
}

// end closes the database too, as at the end of a program. newDevice with the same dir opens it again.
func (d *device) end() {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := d.Shutdown(ctx); err != nil {
		d.t.Fatal(err)
	}
}

func (d *device) note(r *received, format string, args ...any) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.diary = append(d.diary, fmt.Sprintf(format, args...))
	if r != nil {
		d.got = append(d.got, *r)
	}
	close(d.changed)
	d.changed = make(chan struct{})
}

// await waits until the condition holds. It checks at each entry of the diary, and now and then.
func (d *device) await(what string, condition func() bool) {
	d.t.Helper()
	timeout := time.NewTimer(patience)
	defer timeout.Stop()
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for {
		d.mu.Lock()
		changed := d.changed
		d.mu.Unlock()
		if condition() {
			return
		}
		select {
		case <-changed:
		case <-again.C:
		case <-timeout.C:
			d.t.Fatalf("%s: not seen; the diary of %s has %q", what, d.GetAddress(), d.entries(""))
		}
	}
}

// awaitServer waits until the server has answered a request, and so has handled all earlier ones.
func (d *device) awaitServer(peer string) {
	d.t.Helper()
	session := d.NewReadDbSession(peer, 0, "", nil)
	defer session.Stop()
	answered := make(chan struct{})
	d.must(session.Sync(1, &mesibo.ListenerFuncs{Sync: func(int) { close(answered) }}))
	<-answered
}

// awaitAnything waits for the next entry of the diary, but not longer than moment.
func (d *device) awaitAnything(moment time.Duration) {
	d.mu.Lock()
	changed := d.changed
	d.mu.Unlock()
	timer := time.NewTimer(moment)
	defer timer.Stop()
	select {
	case <-changed:
	case <-timer.C:
	}
}

// entries returns the lines of the diary that start with prefix.
func (d *device) entries(prefix string) []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	var out []string
	for _, line := range d.diary {
		if strings.HasPrefix(line, prefix) {
			out = append(out, line)
		}
	}
	return out
}

func (d *device) awaitLine(line string) {
	d.t.Helper()
	d.await(line, func() bool { return slices.Contains(d.entries(""), line) })
}

func (d *device) wantLines(prefix string, want ...string) {
	d.t.Helper()
	if got := d.entries(prefix); !slices.Equal(got, want) {
		d.t.Errorf("%s: got %q, want %q", d.GetAddress(), got, want)
	}
}

func (d *device) messages() []received {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.got)
}

// send sends text with an id, and fails the test when it is refused.
func (d *device) send(to string, id uint32, text string) {
	d.t.Helper()
	if err := d.SendMessageString(mesibo.NewMessageParams(to, mesibo.FlagDefault), id, text); err != nil {
		d.t.Fatal(err)
	}
}

// history reads a chat from the database, oldest first, as "text STATUS".
func (d *device) history(peer string) []string {
	d.t.Helper()
	var out []string
	s := d.NewReadDbSession(peer, 0, "", &mesibo.ListenerFuncs{Message: func(p *mesibo.MessageParams, data []byte) {
		out = append(out, fmt.Sprintf("%s %v", data, p.Status))
	}})
	defer s.Stop()
	s.EnableFifo(true)
	for {
		n, err := s.Read(100)
		if err != nil {
			d.t.Fatal(err)
		}
		if n < 100 {
			return out
		}
	}
}

func (d *device) wantHistory(peer string, want ...string) {
	d.t.Helper()
	if got := d.history(peer); !slices.Equal(got, want) {
		d.t.Errorf("%s: history with %s: got %q, want %q", d.GetAddress(), peer, got, want)
	}
}
