package store_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/parley-chat/parley/mesibo/internal/store"
	"github.com/parley-chat/parley/models"
)

// logged is an incoming message that the server took at a second since the epoch of ids.
func logged(seq, second int, from string) store.Event {
	return store.Event{Seq: uint64(seq), Message: &store.Incoming{Peer: from, Row: models.Message{
		Mid: int64(mid(second, seq)), Sender: from, Flags: 3, Ts: (store.IDEpoch + int64(second)) * 1000,
		Data: fmt.Appendf(nil, "log %d", second),
	}}}
}

// old is an imported message of a second since the epoch of ids, which may be negative.
func old(second int) models.Message {
	return models.Message{
		Mid: -1<<62 - int64(1e9+second), Sender: "bob", Status: models.StatusReceivedRead,
		Ts: (store.IDEpoch + int64(second)) * 1000, Data: fmt.Appendf(nil, "old %d", second),
		Content: &models.Content{Imported: &models.Imported{Author: "Robert"}},
	}
}

func bring(tb testing.TB, s *store.Store, a models.Account, peer string, rows ...models.Message) int {
	tb.Helper()
	n, err := s.Import(store.Target{Account: a.ID, Peer: peer}, rows)
	if err != nil {
		tb.Fatal(err)
	}
	return n
}

func TestImport_stands_at_its_time(t *testing.T) {
	s, a := fresh(t)
	apply(t, s, &a, logged(1, 1000, "bob"), logged(2, 2000, "carol"), logged(3, 3000, "bob"))
	n := bring(t, s, a, "bob", old(4000), old(2500), old(-500_000_000), old(1000), old(500), old(3000), old(999))
	if n != 7 {
		t.Errorf("%d were added", n)
	}
	bring(t, s, a, "bob", old(2400), old(2600), old(-400_000_000), old(5000))
	apply(t, s, &a, logged(4, 6000, "bob"))
	wantLines(t, lines(t, s, a, "bob"), "old -500000000/13", "old -400000000/13", "old 500/13", "old 999/13", "log 1000/12",
		"old 1000/13", "old 2400/13", "old 2500/13", "old 2600/13", "log 3000/12", "old 3000/13", "old 4000/13", "old 5000/13",
		"log 6000/12")
}

func TestImport_twice_doubles_nothing(t *testing.T) {
	s, a := fresh(t)
	bring(t, s, a, "bob", old(1), old(2), old(2))
	if n := bring(t, s, a, "bob", old(1), old(3), old(2)); n != 1 {
		t.Errorf("%d were added the second time", n)
	}
	wantLines(t, lines(t, s, a, "bob"), "old 1/13", "old 2/13", "old 3/13")
	unknown, err := s.Unknown(a.ID, []int64{old(1).Mid, old(4).Mid})
	if err != nil || len(unknown) != 1 || !unknown[old(4).Mid] {
		t.Errorf("unknown: %v, %v", unknown, err)
	}
}

// What was deleted by itself stays away, what was cleared with its chat can be imported again.
func TestImport_after_deletion(t *testing.T) {
	s, a := fresh(t)
	bob := store.Target{Account: a.ID, Peer: "bob"}
	bring(t, s, a, "bob", old(1), old(2), old(3))
	gone, _, err := s.Delete(a.ID, store.Deletion{Mids: []uint64{uint64(old(2).Mid)}})
	if err != nil || len(gone) != 1 {
		t.Fatalf("deleted %d: %v", len(gone), err)
	}
	if n := bring(t, s, a, "bob", old(1), old(2), old(3)); n != 0 {
		t.Errorf("%d came back", n)
	}
	wantLines(t, lines(t, s, a, "bob"), "old 1/13", "old 3/13")
	if err := s.DeleteBefore(bob, 0); err != nil {
		t.Fatal(err)
	}
	// Clearing a chat of imported messages does not keep out what is still on its way.
	apply(t, s, &a, logged(1, 2, "bob"))
	if n := bring(t, s, a, "bob", old(1), old(2), old(3)); n != 2 {
		t.Errorf("%d were added after clearing", n)
	}
	wantLines(t, lines(t, s, a, "bob"), "old 1/13", "log 2/12", "old 3/13")
}

func TestImport_leaves_chats_in_their_order(t *testing.T) {
	s, a := fresh(t)
	apply(t, s, &a, logged(1, 1000, "bob"), logged(2, 2000, "carol"), logged(3, 3000, "dave"))
	bring(t, s, a, "bob", old(-5), old(500))
	bring(t, s, a, "erin", old(-6), old(2500))
	bring(t, s, a, "frank", old(-7), old(-4))
	list, err := s.Summary(t.Context(), a.ID, models.Chat{}, 10, nil)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, row := range list {
		got = append(got, fmt.Sprintf("%s %s %d", row.Chat.Peer, row.Message.Data, row.Chat.Unread))
	}
	want := []string{"dave log 3000 1", "erin old 2500 0", "carol log 2000 1", "bob log 1000 1", "frank old -4 0"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	counts, err := s.Count(t.Context(), a.ID)
	if err != nil || counts.Unread != 3 || counts.Outbox != 0 {
		t.Errorf("counts: %+v, %v", counts, err)
	}
	// Messages that are stored here only, and new ones, stand behind them.
	note := models.Message{Mid: 77, Ts: 1, Nonce: nonce(77), Status: models.StatusCustom, Data: []byte("note")}
	if err := s.Save(store.Target{Account: a.ID, Peer: "frank"}, &note); err != nil {
		t.Fatal(err)
	}
	apply(t, s, &a, logged(4, 4000, "frank"))
	wantLines(t, lines(t, s, a, "frank"), "old -7/13", "old -4/13", "note/20", "log 4000/12")
}

func TestImport_is_found_by_time_and_place(t *testing.T) {
	s, a := fresh(t)
	var events []store.Event
	for i := range 50 {
		events = append(events, logged(i+1, 10_000+100*i, "bob"))
	}
	apply(t, s, &a, events...)
	var rows []models.Message
	for i := range 500 {
		rows = append(rows, old(-400_000+1000*i))
	}
	bring(t, s, a, "bob", rows...)
	chat, err := s.Chat(t.Context(), store.Target{Account: a.ID, Peer: "bob"})
	if err != nil {
		t.Fatal(err)
	}
	next := func(at store.Cursor) int64 {
		t.Helper()
		ms, err := s.Page(t.Context(), a.ID, chat.ID, at, store.Query{OldestFirst: true, Limit: 1})
		if err != nil || len(ms) == 0 {
			t.Fatalf("%d messages, %v", len(ms), err)
		}
		return ms[0].Ts/1000 - store.IDEpoch
	}
	for _, second := range []int64{-400_000, -399_999, -1, 0, 9_500, 10_050, 12_000, 14_950, 99_000} {
		at, err := s.PlaceAt(t.Context(), chat.ID, uint64(second+store.IDEpoch)*1000)
		if err != nil {
			t.Fatal(err)
		}
		if got := next(at); got < second || got > second+1000 {
			t.Errorf("from %d on: got %d", second, got)
		}
	}
	for _, part := range []float64{0.1, 0.5, 0.9} {
		at, err := s.PlaceFraction(t.Context(), chat.ID, part)
		if err != nil {
			t.Fatal(err)
		}
		want := -400_000 + part*499_000
		if got := float64(next(at)); got < want-2000 || got > want+2000 {
			t.Errorf("at %v: got %v, want about %v", part, got, want)
		}
		m, err := s.Page(t.Context(), a.ID, chat.ID, at, store.Query{OldestFirst: true, Limit: 1})
		if err != nil {
			t.Fatal(err)
		}
		back, err := s.Fraction(t.Context(), chat.ID, store.Cursor{Position: m[0].Position, ID: m[0].ID})
		if err != nil || back < part-0.01 || back > part+0.01 {
			t.Errorf("fraction of %v: %v, %v", part, back, err)
		}
	}
}

// Whatever is imported in whatever order, between whatever messages: each chat is in the order of its times.
func TestImport_any_order(t *testing.T) {
	for seed := range uint64(20) {
		random := rand.New(rand.NewPCG(seed, 1))
		s, a := fresh(t)
		var seconds []int
		for range 40 {
			seconds = append(seconds, random.IntN(1_000_000))
		}
		slices.Sort(seconds)
		for i, second := range seconds {
			apply(t, s, &a, logged(i+1, second, []string{"bob", "carol"}[random.IntN(2)]))
		}
		for range 6 {
			var rows []models.Message
			for range 1 + random.IntN(40) {
				rows = append(rows, old(random.IntN(1_200_000)/31*31-100_000))
			}
			bring(t, s, a, "bob", rows...)
		}
		chat, err := s.Chat(t.Context(), store.Target{Account: a.ID, Peer: "bob"})
		if err != nil {
			t.Fatal(err)
		}
		ms, err := s.Page(t.Context(), a.ID, chat.ID, store.CursorOldest, store.Query{OldestFirst: true, Limit: 1000})
		if err != nil {
			t.Fatal(err)
		}
		for i := 1; i < len(ms); i++ {
			// Two of different calls may change places within the half minute that a place is for.
			if late := ms[i-1].Ts - ms[i].Ts; late > 30_000 || late > 0 && (ms[i].Mid > 0 || ms[i-1].Mid > 0) {
				t.Fatalf("seed %d: %s before %s", seed, ms[i-1].Data, ms[i].Data)
			}
		}
	}
}

func TestImport_makes_way_for_history(t *testing.T) {
	s, a := fresh(t)
	a, err := s.Welcome(a.ID, &store.Welcome{UID: 7, Name: "Alice", Epoch: 99, Start: 10})
	if err != nil {
		t.Fatal(err)
	}
	apply(t, s, &a, logged(11, 5000, "bob"))
	bring(t, s, a, "bob", old(1500), old(3500), old(6000))
	past := store.History{Events: []store.Event{logged(3, 1000, "bob"), logged(4, 2000, "bob"), logged(5, 4000, "bob")}, Read: 10}
	if _, err := s.AddHistory(a, store.Target{Account: a.ID, Peer: "bob"}, past); err != nil {
		t.Fatal(err)
	}
	wantLines(t, lines(t, s, a, "bob"), "log 1000/13", "old 1500/13", "log 2000/13", "old 3500/13", "log 4000/13",
		"log 5000/12", "old 6000/13")
}

func TestImport_is_searched_in_its_place(t *testing.T) {
	s, a := fresh(t)
	apply(t, s, &a, logged(1, 1000, "bob"), logged(2, 3000, "bob"))
	rows := []models.Message{old(500), old(2000), old(4000)}
	for i := range rows {
		rows[i].Data = append(rows[i].Data, " log"...)
	}
	bring(t, s, a, "bob", rows...)
	want := []string{"old 4000 log", "log 3000", "old 2000 log", "log 1000", "old 500 log"}
	if got := found(t, s, a, "log"); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	chat, err := s.Chat(t.Context(), store.Target{Account: a.ID, Peer: "bob"})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for at := store.CursorNewest; len(got) < 9; {
		ms, err := s.Page(t.Context(), a.ID, chat.ID, at, store.Query{Text: "lo", Limit: 2})
		if err != nil {
			t.Fatal(err)
		}
		if len(ms) == 0 {
			break
		}
		for _, m := range ms {
			got = append(got, string(m.Data))
		}
		last := ms[len(ms)-1]
		at = store.Cursor{Position: last.Position, ID: last.ID}
	}
	if !slices.Equal(got, want) {
		t.Errorf("a short word: got %q, want %q", got, want)
	}
}

// Nothing that asks the server about messages finds an imported one.
func TestImport_is_nothing_to_the_server(t *testing.T) {
	s, a := fresh(t)
	bob := store.Target{Account: a.ID, Peer: "bob"}
	own := old(1)
	own.Status, own.Sender = models.StatusRead, ""
	bring(t, s, a, "bob", own, old(2))
	for _, m := range []models.Message{own, old(2)} {
		if _, err := s.Message(t.Context(), a.ID, uint64(m.Mid)); err != nil {
			t.Errorf("look up: %v", err)
		}
		if _, err := s.Edit(bob, uint64(m.Mid), m, []byte("op")); err == nil {
			t.Error("it was edited")
		}
		r := models.Reaction{AccountID: a.ID, Mid: m.Mid, Address: "alice", Emoji: "👍"}
		if _, err := s.React(bob, r, []byte("op")); err == nil {
			t.Error("a reaction was stored")
		}
	}
	if _, changed, err := s.MarkRead(bob, uint64(old(2).Mid)); err != nil || changed {
		t.Errorf("read: changed %v, %v", changed, err)
	}
	op := func(string, uint32, []uint64) ([]byte, error) { return []byte("op"), nil }
	if _, _, err := s.Delete(a.ID, store.Deletion{Mids: []uint64{uint64(own.Mid)}, Op: op}); err != nil {
		t.Fatal(err)
	}
	ops, err := s.Operations(t.Context(), a.ID, 0, 10)
	if err != nil || len(ops) != 0 {
		t.Errorf("operations: %+v, %v", ops, err)
	}
	waiting, err := s.Outbox(t.Context(), a.ID, 0, 10)
	if err != nil || len(waiting) != 0 {
		t.Errorf("outbox: %+v, %v", waiting, err)
	}
	reads, err := s.UnsentReads(t.Context(), a.ID)
	if err != nil || len(reads) != 0 {
		t.Errorf("read marks: %+v, %v", reads, err)
	}
}

// A batch that the disk has no room for is not stored at all, and can be imported when there is.
func TestImport_full_disk(t *testing.T) {
	s, a := fresh(t)
	bring(t, s, a, "bob", old(1))
	var rows []models.Message
	for i := range 200 {
		m := old(10 + i)
		m.Data = make([]byte, 4096)
		rows = append(rows, m)
	}
	s.Limit(t, 10)
	if _, err := s.Import(store.Target{Account: a.ID, Peer: "bob"}, rows); !errors.Is(err, store.ErrFull) {
		t.Errorf("got %v, want ErrFull", err)
	}
	wantLines(t, lines(t, s, a, "bob"), "old 1/13")
	s.Limit(t, 10_000)
	if n := bring(t, s, a, "bob", rows...); n != len(rows) {
		t.Errorf("%d were stored", n)
	}
}

// BenchmarkImport stores 100,000 messages, into a chat that has as many.
func BenchmarkImport(b *testing.B) {
	s, a := fresh(b)
	seq := 0
	for range 100 {
		var events []store.Event
		for range 1000 {
			seq++
			events = append(events, logged(seq, seq*20, "bob"))
		}
		apply(b, s, &a, events...)
	}
	const count, batch = 100_000, 500
	n := 0
	b.ResetTimer()
	for b.Loop() {
		rows := make([]models.Message, 0, batch)
		for at := range count {
			n++
			m := old(at*20 - 1_000_000)
			m.Mid = -1 - int64(n)
			if rows = append(rows, m); len(rows) == batch {
				bring(b, s, a, "bob", rows...)
				rows = rows[:0]
			}
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "messages/s")
}
