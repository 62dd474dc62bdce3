package export_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/parley-chat/parley/app/export"
	"github.com/parley-chat/parley/internal/tr"
)

func start(t *testing.T) (w *export.Writer, folder string) {
	t.Helper()
	folder = filepath.Join(t.TempDir(), "Bob")
	w, err := export.Create(folder, export.Chat{
		Title: "Bob <b>", Address: "bob", Own: export.Person{Address: "alice", Name: "Alice"},
		Time: time.Date(2026, 11, 30, 17, 0, 0, 0, time.UTC),
	})
	if err != nil {
		t.Fatal(err)
	}
	return w, folder
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestWriter(t *testing.T) {
	t.Parallel()
	w, folder := start(t)
	source := filepath.Join(t.TempDir(), "x")
	if err := os.WriteFile(source, []byte("picture"), 0o600); err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 29, 23, 59, 0, 0, time.UTC)
	bob, alice := export.Person{Address: "bob", Name: "Bob"}, export.Person{Address: "alice", Name: "Alice"}
	picture := func(source string) *export.File { return &export.File{Name: "a #1%.PNG", Size: 7, Source: source} }
	list := []export.Message{
		{ID: "1", Kind: export.KindMessage, Time: at, From: bob, Text: "<script>alert(1)</script>\nSecond line"},
		{
			ID: "2", Kind: export.KindMessage, Time: at.Add(2 * time.Minute), From: alice, Own: true, Text: "Yes", RefID: "1",
			Edited: true, Reactions: []export.Reaction{{Emoji: "👍", From: bob}},
		},
		{ID: "3", Kind: export.KindMessage, Time: at.Add(3 * time.Minute), From: bob, Deleted: true},
		{ID: "4", Kind: export.KindMessage, Time: at.Add(4 * time.Minute), From: bob, File: picture(source)},
		{ID: "5", Kind: export.KindMessage, Time: at.Add(5 * time.Minute), From: bob, File: picture(source)},
		{ID: "6", Kind: export.KindMessage, Time: at.Add(6 * time.Minute), From: bob, File: picture(source + "gone")},
		{ID: "7", Kind: export.KindNotice, Time: at.Add(7 * time.Minute), From: bob, Text: "Bob pinned “Yes”"},
		{
			ID: "8", Kind: export.KindMessage, Time: at.Add(8 * time.Minute), From: bob,
			Poll: &export.Poll{Question: "When?", Options: []export.Option{{Text: "Now", Votes: []export.Person{alice}}}},
		},
		{
			ID: "9", Kind: export.KindMessage, Time: at.Add(9 * time.Minute), From: bob, Text: "https://example.org/a",
			Page: &export.Page{URL: "https://example.org/a", Title: "A & B", Description: "<b>", Site: "Example"},
		},
	}
	if err := errors.Join(w.Add(t.Context(), list[:3]), w.Add(t.Context(), list[3:]), w.Close()); err != nil {
		t.Fatal(err)
	}
	page := read(t, filepath.Join(folder, "messages.html"))
	for _, want := range []string{
		"<title>Bob &lt;b&gt;</title>", "&lt;script&gt;alert(1)&lt;/script&gt;\nSecond line", "Sunday, 29 November 2026",
		"Monday, 30 November 2026", ", edited", `<a href="#m1">Bob: &lt;script&gt;alert(1)&lt;/script&gt; Second line</a>`,
		"This message was deleted", "👍 Bob", `<img src="./files/a%20%231%25.PNG" alt="a #1%.PNG">`,
		`src="./files/a%20%231%25%20%282%29.PNG"`, "a #1%.PNG <span class=\"size\">(not on this computer)", "Bob pinned “Yes”",
		"Poll: When?", "Now <span class=\"size\">(1)", "@media print",
		`<a href="https://example.org/a">A &amp; B</a> <span class="size">(Example)</span><br>&lt;b&gt;`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("page: want %q", want)
		}
	}
	if strings.Contains(page, "<script") {
		t.Error("page: a script of a message")
	}
	var got struct {
		Format   int
		Chat     export.Chat
		Messages []export.Message
	}
	if err := json.Unmarshal([]byte(read(t, filepath.Join(folder, "messages.json"))), &got); err != nil {
		t.Fatal(err)
	}
	if got.Format != 1 || got.Chat.Title != "Bob <b>" || len(got.Messages) != len(list) || w.Count() != len(list) {
		t.Fatalf("JSON: got format %d, chat %+v, %d messages", got.Format, got.Chat, len(got.Messages))
	}
	if m := got.Messages[4]; m.File.Path != "files/a #1%.PNG (2)" && m.File.Path != "files/a #1% (2).PNG" {
		t.Errorf("second file: got %q", m.File.Path)
	} else if content := read(t, filepath.Join(folder, filepath.FromSlash(m.File.Path))); content != "picture" {
		t.Errorf("second file: got %q", content)
	}
	if m := got.Messages[5]; m.File.Path != "" {
		t.Errorf("missing file: got %q", m.File.Path)
	}
}

func TestWriter_pages(t *testing.T) {
	t.Parallel()
	w, folder := start(t)
	list := make([]export.Message, 5001)
	for i := range list {
		list[i] = export.Message{ID: fmt.Sprint(i), Kind: export.KindMessage, Text: fmt.Sprintf("message %d.", i), RefID: "4999"}
	}
	if err := errors.Join(w.Add(t.Context(), list), w.Close()); err != nil {
		t.Fatal(err)
	}
	first, second := read(t, filepath.Join(folder, "messages.html")), read(t, filepath.Join(folder, "messages-2.html"))
	if !strings.Contains(first, `href="messages-2.html"`) || !strings.Contains(first, "message 4999.") {
		t.Error("first page: got no link to the second, or not all messages")
	}
	if !strings.Contains(second, `href="messages.html"`) || !strings.Contains(second, "message 5000.") ||
		!strings.Contains(second, "Reply to an earlier message") {
		t.Error("second page: got no link to the first, or not its message")
	}
}

// A page says in which language it is, and in which direction that is written.
func TestWriter_language(t *testing.T) { // not parallel: the language is the process's
	if err := tr.Use("ar"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := tr.Use("en"); err != nil {
			t.Error(err)
		}
	})
	w, folder := start(t)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if page := read(t, filepath.Join(folder, "messages.html")); !strings.Contains(page, `<html lang="ar" dir="rtl">`) {
		t.Errorf("got %.200q", page)
	}
}

func TestWriter_cancelled(t *testing.T) {
	t.Parallel()
	w, folder := start(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := w.Add(ctx, []export.Message{{}}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if err := w.Discard(); err != nil {
		t.Error(err)
	}
	if left, _ := os.ReadDir(filepath.Dir(folder)); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
}
