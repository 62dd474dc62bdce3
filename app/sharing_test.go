package app_test

import (
	"context"
	"errors"
	"testing"

	"fyne.io/fyne/v2"

	"github.com/parley-chat/parley/app"
)

// lan is the network of a computer with two addresses.
type lan struct {
	now app.NetworkState
	err error
}

func (l *lan) State(context.Context) (app.NetworkState, error) { return l.now, l.err }

func (l *lan) Open(_ context.Context, host string) error {
	if l.err == nil {
		l.now.Open, l.now.Host, l.now.Port = true, host, 8446
	}
	return l.err
}

func (l *lan) Close(context.Context) error {
	l.now.Open = l.err != nil
	return l.err
}

// TestSharing: the server on this computer is opened, reached at another address, and closed; inviting people leads
// there as long as no one could connect.
func TestSharing(t *testing.T) {
	f := prepare(t)
	f.local, f.network = true, &lan{now: app.NetworkState{Hosts: []string{"192.168.1.5", "10.0.0.7"}}}
	f.start()
	f.openMenu()
	f.Press("Invite people")
	f.queue.WorkAll(t.Context())
	f.Wants("Let others on this network join", "Others who have Parley")
	f.WantsNot("A firewall")
	f.Press("Let others on this network join")
	f.queue.WorkAll(t.Context())
	f.Wants("Address of this computer", "192.168.1.5", "connect to port 8446", "Invite people")
	f.Press("Address of this computer")
	f.Press("10.0.0.7")
	f.queue.WorkAll(t.Context())
	if f.network.now.Host != "10.0.0.7" {
		t.Errorf("got host %s", f.network.now.Host)
	}
	f.Press("Invite people")
	f.queue.WorkAll(t.Context())
	f.Wants("Copy link", "Whoever opens this link in Parley")
	f.Key(fyne.KeyEscape)
	f.openMenu()
	f.Press("Invite people")
	f.queue.WorkAll(t.Context())
	f.Wants("Copy link")
	f.Key(fyne.KeyEscape)

	f.network.now.Problem = errors.New("no such address")
	f.settings("People on this network")
	f.queue.WorkAll(t.Context())
	f.Wants("Nobody can join at the moment")
	f.network.err = errors.New("the folder cannot be written")
	f.Press("Let others on this network join")
	f.queue.WorkAll(t.Context())
	f.Wants("this address cannot be used now")
	f.network.err = nil
	f.settings("People on this network")
	f.queue.WorkAll(t.Context())
	f.Press("Let others on this network join")
	f.queue.WorkAll(t.Context())
	if f.network.now.Open {
		t.Error("it is open after it was closed")
	}
	f.WantsNot("A firewall")
	f.network.now.Hosts, f.network.now.Host = nil, ""
	f.settings("People on this network")
	f.queue.WorkAll(t.Context())
	f.Wants("This computer is in no network at the moment.")
}
