package chat_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/parley-chat/parley/app/apptest"
	"github.com/parley-chat/parley/app/chat"
	"github.com/parley-chat/parley/mesibo"
)

// pages opens pages for a test.
type pages struct {
	on     bool
	asked  []string
	answer *mesibo.LinkPreview // its URL is the link's
	err    error
	ended  bool // the context of the last one was cancelled
}

func (p *pages) open(ctx context.Context, link string) (*mesibo.LinkPreview, error) {
	p.asked = append(p.asked, link)
	p.ended = ctx.Err() != nil
	if p.err != nil {
		return nil, p.err
	}
	found := *p.answer
	found.URL = link
	return &found, nil
}

func openWithPages(p *pages) *fixture {
	f := prepare()
	cfg := f.config()
	cfg.Pages = func() chat.OpenPage {
		if !p.on {
			return nil
		}
		return p.open
	}
	f.Model = chat.NewModel(cfg)
	return f
}

func newPages() *pages {
	_, picture := apptest.Picture(40, 30)
	return &pages{on: true, answer: &mesibo.LinkPreview{
		Title: "A page", Description: "What is on it", Site: "Example", Thumbnail: picture,
	}}
}

// writes types a text, and pauses.
func (f *fixture) writes(t *testing.T, text string) {
	t.Helper()
	f.Follow(text)
	f.queue.Advance(time.Second)
	f.queue.WorkAll(t.Context())
}

// wantStrip checks what is above the composer: the title of a page, or nothing.
func (f *fixture) wantStrip(t *testing.T, title string) {
	t.Helper()
	got := ""
	if s := f.PreviewStrip(); s != nil {
		got = s.Title
	}
	if got != title {
		t.Errorf("the strip shows %q, want %q", got, title)
	}
}

const link = "https://example.org/a"

func TestModel_preview(t *testing.T) {
	p := newPages()
	f := openWithPages(p)
	for _, text := range []string{"s", "see https://example.or", "see https://example.org/a", "see https://example.org/a n"} {
		f.Follow(text)
		f.queue.Advance(300 * time.Millisecond)
		f.queue.WorkAll(t.Context())
	}
	if len(p.asked) != 0 {
		t.Errorf("opened while the user types: %q", p.asked)
	}
	f.writes(t, "see https://example.org/a now")
	f.wantStrip(t, "A page")
	if s := f.PreviewStrip(); s.Text != "Example · What is on it" || s.Photo == nil {
		t.Errorf("the strip is %+v", s)
	}
	f.writes(t, "see https://example.org/a now, and https://example.org/b")
	if !slices.Equal(p.asked, []string{link}) {
		t.Errorf("opened %q, want the first link once", p.asked)
	}
	if !f.Send("see https://example.org/a now") {
		t.Fatal("not sent")
	}
	f.wantStrip(t, "")
	sent := f.backend.Params[len(f.backend.Params)-1].LinkPreview
	if sent == nil || sent.URL != link || sent.Title != "A page" || len(sent.Thumbnail) == 0 || f.last().Link != sent {
		t.Errorf("sent with %+v, shown with %+v", sent, f.last().Link)
	}
}

func TestModel_preview_removed(t *testing.T) {
	p := newPages()
	f := openWithPages(p)
	f.writes(t, link)
	f.wantStrip(t, "A page")
	f.Follow("no link")
	f.wantStrip(t, "")
	f.writes(t, "https://example.org/b")
	f.wantStrip(t, "A page")
	f.DropPreview()
	f.wantStrip(t, "")
	f.writes(t, "https://example.org/b indeed")
	f.wantStrip(t, "")
	f.Send("https://example.org/b indeed")
	if got := f.backend.Params[len(f.backend.Params)-1].LinkPreview; got != nil {
		t.Errorf("sent with %+v", got)
	}
	f.writes(t, "https://example.org/b") // another message
	f.wantStrip(t, "A page")
	f.Send("changed at the last moment")
	if got := f.backend.Params[len(f.backend.Params)-1].LinkPreview; got != nil {
		t.Errorf("a text without the link was sent with %+v", got)
	}
	if want := []string{link, "https://example.org/b", "https://example.org/b"}; !slices.Equal(p.asked, want) {
		t.Errorf("opened %q, want %q", p.asked, want)
	}
}

// A page that comes when the link is gone is not shown.
func TestModel_preview_late(t *testing.T) {
	p := newPages()
	f := openWithPages(p)
	f.Follow(link)
	f.queue.Advance(time.Second)
	f.Follow("")
	f.queue.WorkAll(t.Context())
	f.wantStrip(t, "")
	if !p.ended {
		t.Error("the page was still to be opened")
	}
	p.err = errors.New("no such page")
	f.writes(t, link)
	f.wantStrip(t, link)
	if s := f.PreviewStrip(); s.Text != "No preview: this page did not open." {
		t.Errorf("the strip of a page that did not open is %+v", s)
	}
	f.Follow("no link")
	f.wantStrip(t, "")
	f.Follow(link + "b")
	f.Close()
	f.queue.Advance(time.Second)
	f.queue.WorkAll(t.Context())
	if len(p.asked) != 2 {
		t.Errorf("opened %q", p.asked)
	}
}

func TestModel_preview_off(t *testing.T) {
	p := newPages()
	p.on = false
	f := openWithPages(p)
	f.writes(t, link)
	f.Send(link)
	if f.queue.Busy() || len(p.asked) != 0 || f.last().Link != nil {
		t.Errorf("opened %q though it is off", p.asked)
	}
	p.on = true
	for _, text := range []string{"readme.md", "www.example.org", "ftp://example.org", "bob@example.org"} {
		f.writes(t, text)
	}
	if len(p.asked) != 0 {
		t.Errorf("opened %q, which nobody wrote as the address of a page", p.asked)
	}
	f.writes(t, link)
	p.on = false
	f.Send(link)
	if f.last().Link != nil {
		t.Error("sent with a preview after that was switched off")
	}
}

// While a message is edited no page is opened.
func TestModel_preview_edit(t *testing.T) {
	p := newPages()
	f := openWithPages(p)
	f.Send("first")
	f.StatusChanged(f.backend.SetStatus(peer, f.last().ID(), mesibo.MsgStatusSent), mesibo.MsgStatusSent)
	if !f.EditLast() {
		t.Fatal("not to be edited")
	}
	f.writes(t, link)
	if len(p.asked) != 0 {
		t.Errorf("opened %q", p.asked)
	}
}

// What is shown is a page that the text links to, whatever a sender says.
func TestMessage_Page(t *testing.T) {
	given := func(change func(m *chat.Message)) chat.Message {
		m := chat.Message{Text: "look: " + link + ".", Link: &mesibo.LinkPreview{URL: link, Title: "A page"}}
		change(&m)
		return m
	}
	for name, tc := range map[string]struct {
		m     chat.Message
		shown bool
	}{
		"as it is":     {given(func(*chat.Message) {}), true},
		"another page": {given(func(m *chat.Message) { m.Link.URL = "https://evil.example/" }), false},
		"a part of it": {given(func(m *chat.Message) { m.Link.URL = "https://example.org" }), false},
		"no title":     {given(func(m *chat.Message) { m.Link.Title = "" }), false},
		"a program":    {given(func(m *chat.Message) { m.Text, m.Link.URL = "file:///bin/sh", "file:///bin/sh" }), false},
		"with a file":  {given(func(m *chat.Message) { m.File = &mesibo.FileInfo{} }), false},
		"recalled":     {given(func(m *chat.Message) { m.Deleted = true }), false},
		"none":         {given(func(m *chat.Message) { m.Link = nil }), false},
	} {
		if got := tc.m.Page() != nil; got != tc.shown {
			t.Errorf("%s: shown: %v, want %v", name, got, tc.shown)
		}
	}
}
