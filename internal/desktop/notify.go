//go:build linux || freebsd || netbsd || openbsd

package desktop

import (
	"context"
	"log/slog"
	"slices"
	"sync"

	"github.com/godbus/dbus/v5"

	"github.com/parley-chat/parley/app/system"
)

const (
	notifyName  = "org.freedesktop.Notifications"
	notifyPath  = "/org/freedesktop/Notifications"
	dunstIface  = "org.dunstproject.cmd0"
	programName = "Parley"
	programID   = "org.parleychat.Parley" // of the .desktop file, and of the icon
)

// notifier keeps what is to be shown until the notification server has it. Of several changes to one notification only
// the last counts, so a server that is slow or away costs nothing.
type notifier struct {
	mu      sync.Mutex // guards what follows
	pending map[string]*system.Notification
	order   []string      // the keys of pending, oldest first; nil in pending withdraws
	wake    chan struct{} // has a value while there may be something pending
}

func (n *notifier) put(key string, note *system.Notification) {
	n.mu.Lock()
	if n.pending == nil {
		n.pending = map[string]*system.Notification{}
	}
	if _, ok := n.pending[key]; !ok {
		n.order = append(n.order, key)
	}
	if before := n.pending[key]; before != nil && note != nil && note.Update {
		updated := *note
		updated.Update, updated.Sound = before.Update, before.Sound
		note = &updated
	}
	n.pending[key] = note
	n.mu.Unlock()
	select {
	case n.waker() <- struct{}{}:
	default:
	}
}

func (n *notifier) waker() chan struct{} {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.wake == nil {
		n.wake = make(chan struct{}, 1)
	}
	return n.wake
}

// take returns the oldest change.
func (n *notifier) take() (key string, note *system.Notification, ok bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.order) == 0 {
		return "", nil, false
	}
	key, n.order = n.order[0], n.order[1:]
	note = n.pending[key]
	delete(n.pending, key)
	return key, note, true
}

// Notify implements system.Notifier.
func (d *Desktop) Notify(n system.Notification) { d.notifier.put(n.Key, &n) }

// Withdraw implements system.Notifier.
func (d *Desktop) Withdraw(key string) { d.notifier.put(key, nil) }

// RunNotifications implements system.Notifier, with the desktop's notification server
// (org.freedesktop.Notifications). The server may be started by the first notification.
func (d *Desktop) RunNotifications(ctx context.Context, on system.NotificationHandler) error {
	return d.onBus(ctx, func(ctx context.Context, b *bus) error {
		s := &notifyServer{
			bus: b, object: b.Object(notifyName, notifyPath), on: on, log: d.logger(), fullScreen: fullScreen,
			ids: map[string]uint32{}, keys: map[uint32]string{}, tokens: map[uint32]string{},
		}
		return s.run(ctx, &d.notifier)
	})
}

// notifyServer is the notification server of the desktop, and what it shows of this program.
type notifyServer struct {
	bus        *bus
	object     dbus.BusObject
	on         system.NotificationHandler
	log        *slog.Logger
	fullScreen func() bool

	can    []string // what the server can do, nil when it was not asked
	name   string   // of the server
	ids    map[string]uint32
	keys   map[uint32]string
	tokens map[uint32]string // for the action that follows
}

func (s *notifyServer) run(ctx context.Context, n *notifier) error {
	if err := s.bus.watch(notifyName, notifyName); err != nil {
		return err
	}
	if err := s.bus.watchOwner(notifyName); err != nil {
		return err
	}
	defer s.withdrawAll()
	for {
		for ctx.Err() == nil {
			key, note, ok := n.take()
			if !ok {
				break
			}
			s.apply(ctx, key, note)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-n.waker():
		case signal, ok := <-s.bus.signals:
			if !ok {
				return dbus.ErrClosed
			}
			s.signal(signal)
		}
	}
}

func (s *notifyServer) apply(ctx context.Context, key string, note *system.Notification) {
	if note != nil {
		s.show(ctx, note)
		return
	}
	id, ok := s.ids[key]
	if !ok {
		return
	}
	s.forget(id)
	if err := s.bus.call(ctx, s.object, notifyName+".CloseNotification", []any{id}); err != nil {
		s.log.Debug("notification not withdrawn", slog.Any("error", err))
	}
}

// withdrawAll withdraws everything when the program ends: its actions would do nothing.
func (s *notifyServer) withdrawAll() {
	for id := range s.keys {
		s.object.Go(notifyName+".CloseNotification", dbus.FlagNoReplyExpected|dbus.FlagNoAutoStart, nil, id)
	}
}

func (s *notifyServer) forget(id uint32) {
	delete(s.ids, s.keys[id])
	delete(s.keys, id)
	delete(s.tokens, id)
}

// show shows a notification, or changes it.
func (s *notifyServer) show(ctx context.Context, note *system.Notification) {
	s.ask(ctx)
	if _, shown := s.ids[note.Key]; note.Update && !shown {
		return
	}
	m, own := s.message(ctx, note)
	var id uint32
	err := s.bus.call(ctx, s.object, notifyName+".Notify", []any{
		programName, s.ids[note.Key], programID, m.summary, m.body, m.actions, m.hints, m.expires,
	}, &id)
	if err != nil {
		s.log.Info("notification not shown", slog.Any("error", err))
	} else {
		if before, ok := s.ids[note.Key]; ok && before != id {
			s.forget(before)
		}
		s.ids[note.Key], s.keys[id] = id, note.Key
	}
	if own {
		s.on.Sound()
	}
}

// ask asks the server what it can do, once.
func (s *notifyServer) ask(ctx context.Context) {
	if s.can != nil {
		return
	}
	if err := s.bus.call(ctx, s.object, notifyName+".GetCapabilities", nil, &s.can); err != nil {
		s.log.Debug("notification server not asked", slog.Any("error", err))
		return
	}
	var vendor, version, spec string
	if err := s.bus.call(ctx, s.object, notifyName+".GetServerInformation", nil, &s.name, &vendor, &version,
		&spec); err != nil {
		s.log.Debug("notification server not asked", slog.Any("error", err))
	}
	if s.can == nil {
		s.can = []string{}
	}
}

func (s *notifyServer) able(to string) bool { return slices.Contains(s.can, to) }

// inhibited reports whether the user does not want to be disturbed, as far as the server says so.
func (s *notifyServer) inhibited(ctx context.Context) bool {
	if s.able("inhibitions") {
		if on, ok := property[bool](ctx, s.bus, s.object, notifyName, "Inhibited"); ok && on {
			return true
		}
	}
	if s.name == "dunst" {
		paused, ok := property[bool](ctx, s.bus, s.object, dunstIface, "paused")
		return ok && paused
	}
	return false
}

// signal handles a signal of the server. Its content is not trusted.
func (s *notifyServer) signal(signal *dbus.Signal) {
	if _, changed := ownerOf(signal, notifyName); changed {
		s.can, s.name = nil, ""
		clear(s.ids)
		clear(s.keys)
		clear(s.tokens)
		return
	}
	if signal.Path != notifyPath || len(signal.Body) != 2 {
		return
	}
	id, ok := signal.Body[0].(uint32)
	key := s.keys[id]
	if !ok || key == "" {
		return // of another program
	}
	if signal.Name == notifyName+".NotificationClosed" {
		s.forget(id)
		return
	}
	text, ok := signal.Body[1].(string)
	if !ok {
		return
	}
	switch signal.Name {
	case notifyName + ".ActivationToken":
		s.tokens[id] = text
	case notifyName + ".ActionInvoked":
		if text == system.ActionReply {
			return // NotificationReplied has the reply
		}
		s.on.Invoked(system.Invocation{Key: key, Action: text, Token: s.tokens[id]})
		delete(s.tokens, id)
	case notifyName + ".NotificationReplied":
		s.on.Invoked(system.Invocation{Key: key, Action: system.ActionReply, Text: text})
	}
}
