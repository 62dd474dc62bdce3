package e2e_test

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/parley-chat/parley/internal/wire"
	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/mesibo/mesibotest"
)

// link is the preview of a page.
func link() *mesibo.LinkPreview {
	return &mesibo.LinkPreview{
		URL: "https://example.org/a", Title: "A page", Description: "What is on it", Site: "Example",
		Thumbnail: bytes.Repeat([]byte{7}, 20_000),
	}
}

// linkOf is the preview that a device has stored with a message.
func linkOf(d *device, mid uint64) *mesibo.LinkPreview {
	d.t.Helper()
	m, err := d.FindMessage(mid)
	d.must(err)
	return m.LinkPreview
}

func TestLinkPreview(t *testing.T) {
	t.Parallel()
	s, alice, bob := pair(t)
	other, carol := online(t, s.Token("alice")), online(t, s.Token("carol"))
	p := mesibo.NewMessageParams("bob", mesibo.FlagDefault)
	p.LinkPreview = link()
	alice.must(alice.SendMessageString(p, 1, "see https://example.org/a now"))
	bob.awaitLine("message see https://example.org/a now RECEIVEDNEW")
	other.awaitLine("message see https://example.org/a now SENT")
	if got := bob.messages()[0].LinkPreview; !reflect.DeepEqual(got, link()) {
		t.Errorf("bob's listener got %+v", got)
	}
	mid := bob.mid("see https://example.org/a now")
	for name, d := range map[string]*device{"bob": bob, "alice's other device": other} {
		if got := linkOf(d, mid); !reflect.DeepEqual(got, link()) {
			t.Errorf("%s has %+v", name, got)
		}
	}
	if got := linkOf(alice, 1); !reflect.DeepEqual(got, link()) {
		t.Errorf("alice has %+v", got)
	}
	bob.must(bob.ForwardMessage(mesibo.NewMessageParams("carol", mesibo.FlagDefault), 2, mid))
	carol.awaitLine("message see https://example.org/a now RECEIVEDNEW")
	if got := carol.messages()[0].LinkPreview; !reflect.DeepEqual(got, link()) {
		t.Errorf("carol's copy has %+v", got)
	}
}

func TestLinkPreview_edited(t *testing.T) {
	t.Parallel()
	_, alice, bob := pair(t)
	p := mesibo.NewMessageParams("bob", mesibo.FlagDefault)
	p.LinkPreview = link()
	alice.must(alice.SendMessageString(p, 1, "https://example.org/a"))
	bob.awaitLine("message https://example.org/a RECEIVEDNEW")
	alice.awaitLine("status 1 DELIVERED")
	mid := bob.mid("https://example.org/a")
	second := &mesibo.LinkPreview{URL: "https://example.org/b", Title: "Another page"}
	for _, tc := range []struct {
		text string
		give *mesibo.LinkPreview
		want *mesibo.LinkPreview
	}{
		{"look: https://example.org/a", nil, link()},
		{"https://example.org/b", second, second},
		{"nothing to see", nil, nil},
		{"https://example.org/a again", link(), link()},
		{"https://example.org/a without", &mesibo.LinkPreview{}, nil},
	} {
		edit := mesibo.MessageParams{Peer: "bob", LinkPreview: tc.give}
		alice.must(alice.SendUpdate(edit, mid, []byte(tc.text)))
		bob.awaitLine("update 1 " + tc.text)
		for name, d := range map[string]*device{"alice": alice, "bob": bob} {
			if got := linkOf(d, mid); !reflect.DeepEqual(got, tc.want) {
				t.Errorf("after %q %s has %+v, want %+v", tc.text, name, got, tc.want)
			}
		}
	}
}

func TestLinkPreview_refused(t *testing.T) {
	t.Parallel()
	d := online(t, mesibotest.NewServer(t).Token("alice"))
	p := mesibo.NewMessageParams("bob", 0)
	long := strings.Repeat("x", wire.MaxLinkText+1)
	for name, change := range map[string]func(l *mesibo.LinkPreview){
		"url":         func(l *mesibo.LinkPreview) { l.URL = strings.Repeat("x", wire.MaxURL+1) },
		"title":       func(l *mesibo.LinkPreview) { l.Title = long },
		"description": func(l *mesibo.LinkPreview) { l.Description = long },
		"site":        func(l *mesibo.LinkPreview) { l.Site = long },
		"thumbnail":   func(l *mesibo.LinkPreview) { l.Thumbnail = make([]byte, wire.MaxThumbnail+1) },
	} {
		p.LinkPreview = link()
		change(p.LinkPreview)
		if err := d.SendMessageString(p, 0, "x"); !errors.Is(err, mesibo.ErrTooLarge) {
			t.Errorf("%s: %v", name, err)
		}
	}
	p.LinkPreview = link()
	if err := d.SendLocation(p, 0, mesibo.Location{}); mesibo.ResultOf(err) != mesibo.ResultBadRequest {
		t.Errorf("with a place: %v", err)
	}
	if err := d.DeleteMessages(p); mesibo.ResultOf(err) != mesibo.ResultBadRequest {
		t.Errorf("as a criterion: %v", err)
	}
	d.wantHistory("bob")
}
