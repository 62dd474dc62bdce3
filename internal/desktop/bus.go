//go:build linux || freebsd || netbsd || openbsd

package desktop

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/godbus/dbus/v5"
)

const (
	busName, busPath = "org.freedesktop.DBus", "/org/freedesktop/DBus"
	busProperties    = "org.freedesktop.DBus.Properties"
	busAnswers       = 10 * time.Second // how long another program may take to answer
	busRetry         = time.Second      // the first wait after the connection was lost
	busRetryMost     = time.Minute
)

// hasSessionBus reports whether there is a session bus; connecting without one would start one.
func hasSessionBus() bool {
	if os.Getenv("DBUS_SESSION_BUS_ADDRESS") != "" {
		return true
	}
	_, err := os.Stat(filepath.Join(os.Getenv("XDG_RUNTIME_DIR"), "bus")) //nolint:gosec // the user's own setting
	return err == nil && os.Getenv("XDG_RUNTIME_DIR") != ""
}

// bus is a connection to the session bus. Signals come in the order in which they were sent.
type bus struct {
	*dbus.Conn

	signals chan *dbus.Signal // closed when the connection ends
}

// onBus calls work with a connection to the session bus, and again with another one after a connection was lost, until
// ctx ends. Without a session bus it returns ErrUnsupported.
func (d *Desktop) onBus(ctx context.Context, work func(ctx context.Context, b *bus) error) error {
	if d.options.Bus == "" && !hasSessionBus() {
		return ErrUnsupported
	}
	wait := busRetry
	for {
		begun := time.Now()
		if err := withBus(ctx, d.options.Bus, work); ctx.Err() == nil {
			d.logger().Debug("no session bus", slog.Any("error", err))
		}
		if time.Since(begun) > busRetryMost {
			wait = busRetry
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(wait):
			wait = min(2*wait, busRetryMost)
		}
	}
}

func withBus(ctx context.Context, address string, work func(ctx context.Context, b *bus) error) error {
	inOrder := dbus.WithSignalHandler(dbus.NewSequentialSignalHandler())
	var conn *dbus.Conn
	var err error
	if address == "" {
		conn, err = dbus.ConnectSessionBus(inOrder)
	} else {
		conn, err = dbus.Connect(address, inOrder)
	}
	if err != nil {
		return fmt.Errorf("connect to the session bus: %w", err)
	}
	defer func() { _ = conn.Close() }() // it is not used any more
	b := &bus{Conn: conn, signals: make(chan *dbus.Signal, 16)}
	conn.Signal(b.signals)
	return work(ctx, b)
}

// watch asks for the signals of an interface that the owner of a name sends.
func (b *bus) watch(name, iface string) error {
	err := b.AddMatchSignal(dbus.WithMatchSender(name), dbus.WithMatchInterface(iface))
	if err != nil {
		return fmt.Errorf("watch %s: %w", iface, err)
	}
	return nil
}

// watchOwner asks for the signal that a name has another owner, which is read with ownerOf.
func (b *bus) watchOwner(name string) error {
	err := b.AddMatchSignal(dbus.WithMatchSender(busName), dbus.WithMatchObjectPath(busPath),
		dbus.WithMatchInterface(busName), dbus.WithMatchMember("NameOwnerChanged"), dbus.WithMatchArg(0, name))
	if err != nil {
		return fmt.Errorf("watch the owner of %s: %w", name, err)
	}
	return nil
}

// ownerOf returns the new owner of a name, empty for none, if that is what a signal is about.
func ownerOf(s *dbus.Signal, name string) (owner string, changed bool) {
	if s.Name != busName+".NameOwnerChanged" || s.Sender != busName {
		return "", false
	}
	var of, before string
	if err := dbus.Store(s.Body, &of, &before, &owner); err != nil || of != name {
		return "", false
	}
	return owner, true
}

// call calls a method of another program and stores what it returns. It does not wait for ever.
func (b *bus) call(ctx context.Context, object dbus.BusObject, method string, args []any, results ...any) error {
	ctx, cancel := context.WithTimeout(ctx, busAnswers)
	defer cancel()
	if err := object.CallWithContext(ctx, method, 0, args...).Store(results...); err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	return nil
}

// property reads a property of another program; it returns false when there is none of this type.
func property[T any](ctx context.Context, b *bus, object dbus.BusObject, iface, name string) (value T, ok bool) {
	var v dbus.Variant
	if err := b.call(ctx, object, busProperties+".Get", []any{iface, name}, &v); err != nil {
		return value, false
	}
	value, ok = v.Value().(T)
	return value, ok
}
