package store_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/parley-chat/parley/mesibo/internal/store"
	"github.com/parley-chat/parley/models"
)

// waitIndexed has everything indexed now.
func waitIndexed(tb testing.TB, s *store.Store) {
	tb.Helper()
	for {
		more, err := s.IndexSome()
		if err != nil {
			tb.Fatal(err)
		}
		if !more {
			return
		}
	}
}

// found searches all chats.
func found(tb testing.TB, s *store.Store, a models.Account, query string) []string {
	tb.Helper()
	ms, err := s.PageAll(tb.Context(), a.ID, store.CursorNewest, store.Query{Text: query, Limit: 100})
	if err != nil {
		tb.Fatal(err)
	}
	out := make([]string, len(ms))
	for i, m := range ms {
		out[i] = string(m.Data)
	}
	return out
}

func says(seq int, text string) store.Event {
	e := incoming(seq, seq, "bob")
	e.Message.Row.Data = []byte(text)
	return e
}

func TestSearch_finds_the_same_before_and_after_indexing(t *testing.T) {
	s, a := fresh(t)
	apply(t, s, &a, says(1, "An Invoice"), says(2, "crème brûlée"), says(3, "会議は明日"), says(4, "ÅNGSTRÖM unit"),
		says(5, "bin\xff\xfeary invoice"))
	place := incoming(6, 6, "bob")
	place.Message.Row.Data, place.Message.Row.Kind = nil, models.KindLocation
	place.Message.Row.Content = &models.Content{Location: &models.Location{Title: "Town Hall"}}
	apply(t, s, &a, place)
	queries := map[string][]string{
		"voice":       {"bin\xff\xfeary invoice", "An Invoice"},
		"CREME":       {"crème brûlée"},
		"brulée crè":  {"crème brûlée"},
		"明日":          {"会議は明日"},
		"angstrom":    {"ÅNGSTRÖM unit"},
		"an invoice":  {"An Invoice"},
		"own hal":     {""},
		"   ":         {},
		"invoice xyz": {},
	}
	check := func(when string) {
		t.Helper()
		for query, want := range queries {
			if got := found(t, s, a, query); !slices.Equal(got, want) {
				t.Errorf("%s: %q: got %q, want %q", when, query, got, want)
			}
		}
	}
	check("before")
	waitIndexed(t, s)
	check("after")
}

func TestSearch_follows_edits_and_deletions(t *testing.T) {
	s, a := fresh(t)
	m := queue(t, s, a, "bob", 50)
	apply(t, s, &a, says(1, "first words"), says(2, "second words"))
	waitIndexed(t, s)
	apply(t, s, &a, store.Event{Seq: 3, Modified: &store.Modified{
		By: "bob", Mid: mid(1000, 1), Row: models.Message{Data: []byte("other text")},
	}})
	if got := found(t, s, a, "words"); !slices.Equal(got, []string{"second words"}) {
		t.Errorf("after an edit: %q", got)
	}
	if got := found(t, s, a, "other"); !slices.Equal(got, []string{"other text"}) {
		t.Errorf("after an edit: %q", got)
	}
	if _, _, err := s.Delete(a.ID, store.Deletion{Mids: []uint64{mid(1000, 2)}}); err != nil {
		t.Fatal(err)
	}
	if got := found(t, s, a, "words"); len(got) != 0 {
		t.Errorf("after a deletion: %q", got)
	}
	if _, err := s.ApplySendResults(a, []store.SendResult{{Row: m.ID, Status: 0x88}}); err != nil {
		t.Fatal(err)
	}
	if err := s.Requeue(store.Target{Account: a.ID, Peer: "bob"}, 50, nonce(51), 9); err != nil {
		t.Fatal(err)
	}
	waitIndexed(t, s)
	if got := found(t, s, a, "text 50"); !slices.Equal(got, []string{"text 50"}) {
		t.Errorf("after a second try: %q", got)
	}
}

func TestSearch_pages(t *testing.T) {
	s, a := fresh(t)
	for i := range 250 {
		apply(t, s, &a, says(i+1, fmt.Sprint("word ", i)))
		if i == 120 {
			waitIndexed(t, s)
		}
	}
	chat, err := s.Chat(t.Context(), store.Target{Account: a.ID, Peer: "bob"})
	if err != nil {
		t.Fatal(err)
	}
	for _, oldest := range []bool{false, true} {
		at, seen := store.CursorNewest, 0
		if oldest {
			at = store.CursorOldest
		}
		for {
			ms, err := s.Page(t.Context(), a.ID, chat.ID, at, store.Query{Text: "word", OldestFirst: oldest, Limit: 40})
			if err != nil {
				t.Fatal(err)
			}
			if len(ms) == 0 {
				break
			}
			for _, m := range ms {
				want := fmt.Sprint("word ", 249-seen)
				if oldest {
					want = fmt.Sprint("word ", seen)
				}
				if string(m.Data) != want {
					t.Fatalf("got %q, want %q", m.Data, want)
				}
				seen++
			}
			last := ms[len(ms)-1]
			at = store.Cursor{Position: last.Position, ID: last.ID}
		}
		if seen != 250 {
			t.Errorf("saw %d", seen)
		}
	}
}

func FuzzSearch(f *testing.F) {
	for _, q := range []string{
		"a", "abc", `"`, `a"b`, "AND OR NOT", "*", "(", "a b", "\x00\x00\x00", "ß", "İİİ",
		"\xff\xfe\xfd",
	} {
		f.Add(q, "text "+q)
	}
	s, a := fresh(f)
	seq := 0
	f.Fuzz(func(t *testing.T, query, text string) {
		seq++
		apply(t, s, &a, says(seq, text))
		found(t, s, a, query) // no query is an error
		waitIndexed(t, s)
		found(t, s, a, query)
	})
}

func BenchmarkSearch_50_of_1000000(b *testing.B) {
	s, a := million()
	waitIndexed(b, s)
	for name, query := range map[string]string{"rare": "text 77777", "common": "text", "short": "99"} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if ms, err := s.PageAll(b.Context(), a.ID, store.CursorNewest,
					store.Query{Text: query, Limit: 50}); err != nil || len(ms) == 0 {
					b.Fatal(len(ms), err)
				}
			}
		})
	}
}
