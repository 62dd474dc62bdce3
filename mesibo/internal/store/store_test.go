package store_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/parley-chat/parley/mesibo/internal/store"
	"github.com/parley-chat/parley/models"
)

func open(tb testing.TB, path string) *store.Store {
	tb.Helper()
	s, err := store.Open(path, tb.Name(), slog.New(slog.DiscardHandler))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := s.Close(); err != nil {
			tb.Error(err)
		}
	})
	return s
}

func fresh(tb testing.TB) (*store.Store, models.Account) {
	tb.Helper()
	s := open(tb, filepath.Join(tb.TempDir(), "a b?#.db"))
	return s, account(tb, s)
}

func account(tb testing.TB, s *store.Store) models.Account {
	tb.Helper()
	a, err := s.Account("alice")
	if err != nil {
		tb.Fatal(err)
	}
	if a, err = s.Welcome(a.ID, &store.Welcome{UID: 7, Name: "Alice", Epoch: 99, Start: uint64(a.Cursor)}); err != nil {
		tb.Fatal(err)
	}
	return a
}

func nonce(n int) []byte {
	b := make([]byte, 16)
	binary.BigEndian.PutUint64(b, uint64(n))
	return b
}

func mid(second, low int) uint64 { return uint64(second)<<32 | uint64(low) }

func incoming(seq, low int, from string) store.Event {
	return store.Event{Seq: uint64(seq), Message: &store.Incoming{Peer: from, Row: models.Message{
		Mid: int64(mid(1000, low)), Sender: from, Flags: 3, Ts: int64(1000 + seq),
		Data: fmt.Appendf(nil, "text %d", low),
	}}}
}

func ownCopy(seq, low int, peer string) store.Event {
	return store.Event{Seq: uint64(seq), Message: &store.Incoming{Peer: peer, Own: true, Row: models.Message{
		Mid: int64(mid(1000, low)), Flags: 3, Ts: int64(1000 + seq), Nonce: nonce(low),
		Data: fmt.Appendf(nil, "text %d", low),
	}}}
}

func queue(tb testing.TB, s *store.Store, a models.Account, peer string, low int) models.Message {
	tb.Helper()
	m := models.Message{Mid: int64(low), Flags: 3, Ts: 5, Nonce: nonce(low), Data: fmt.Appendf(nil, "text %d", low)}
	if err := s.Queue(store.Target{Account: a.ID, Peer: peer}, &m, false); err != nil {
		tb.Fatal(err)
	}
	return m
}

func apply(tb testing.TB, s *store.Store, a *models.Account, events ...store.Event) []store.Change {
	tb.Helper()
	changes, err := s.Apply(a, events)
	if err != nil {
		tb.Fatal(err)
	}
	return changes
}

// lines prints a chat, oldest first.
func lines(tb testing.TB, s *store.Store, a models.Account, peer string) []string {
	tb.Helper()
	chat, err := s.Chat(tb.Context(), store.Target{Account: a.ID, Peer: peer})
	if err != nil {
		tb.Fatal(err)
	}
	ms, err := s.Page(tb.Context(), a.ID, chat.ID, store.CursorOldest, store.Query{OldestFirst: true, Limit: 1000})
	if err != nil {
		tb.Fatal(err)
	}
	out := make([]string, len(ms))
	for i, m := range ms {
		out[i] = fmt.Sprintf("%s/%x", m.Data, m.Status)
	}
	return out
}

func wantLines(tb testing.TB, got []string, want ...string) {
	tb.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		tb.Errorf("got conversation %q, want %q", got, want)
	}
}

func TestQueue_settle_orders_by_the_log(t *testing.T) {
	s, a := fresh(t)
	one, two := queue(t, s, a, "bob", 1), queue(t, s, a, "bob", 2)
	apply(t, s, &a, incoming(1, 50, "bob"))
	wantLines(t, lines(t, s, a, "bob"), "text 50/12", "text 1/0", "text 2/0")
	changed, err := s.ApplySendResults(a, []store.SendResult{
		{Row: one.ID, Status: 1, Mid: mid(1000, 1), Ts: 77, Seq: 2},
		{Row: two.ID, Status: 0x83},
	})
	if err != nil || len(changed) != 2 || changed[0].Peer != "bob" {
		t.Fatalf("got %v, %v", changed, err)
	}
	apply(t, s, &a, ownCopy(2, 1, "bob"), incoming(3, 51, "bob"))
	wantLines(t, lines(t, s, a, "bob"), "text 50/12", "text 1/1", "text 2/83", "text 51/12")
	again, err := s.ApplySendResults(a, []store.SendResult{{Row: one.ID, Status: 1, Mid: mid(1000, 1), Seq: 2}})
	if err != nil || len(again) != 0 {
		t.Errorf("settling twice: got %v, %v", again, err)
	}
}

func TestApply_own_copy_settles_before_the_answer(t *testing.T) {
	s, a := fresh(t)
	queue(t, s, a, "bob", 1)
	changes := apply(t, s, &a, ownCopy(1, 1, "bob"))
	if len(changes) != 1 || changes[0].New || changes[0].Message.Status != 1 {
		t.Fatalf("got %+v", changes)
	}
	wantLines(t, lines(t, s, a, "bob"), "text 1/1")
}

func TestApply_duplicates_and_gaps(t *testing.T) {
	s, a := fresh(t)
	if got := apply(t, s, &a, incoming(1, 1, "bob"), incoming(2, 2, "bob")); len(got) != 2 {
		t.Fatalf("got %d changes", len(got))
	}
	if got := apply(t, s, &a, incoming(1, 1, "bob"), incoming(2, 2, "bob"), incoming(3, 3, "bob")); len(got) != 1 {
		t.Errorf("repeated events: got %d changes, want 1", len(got))
	}
	if _, err := s.Apply(&a, []store.Event{incoming(5, 5, "bob")}); !errors.Is(err, store.ErrGap) {
		t.Errorf("got %v, want ErrGap", err)
	}
	chat, err := s.Chat(t.Context(), store.Target{Account: a.ID, Peer: "BOB"})
	if err != nil || chat.Unread != 3 {
		t.Errorf("got unread %d (%v), want 3", chat.Unread, err)
	}
}

func TestApply_statuses_are_cumulative_and_never_go_back(t *testing.T) {
	s, a := fresh(t)
	apply(t, s, &a, ownCopy(1, 1, "bob"), ownCopy(2, 2, "bob"), ownCopy(3, 3, "bob"))
	status := func(seq int, st models.Status, upTo int) store.Event {
		return store.Event{Seq: uint64(seq), Status: &store.Status{Peer: "bob", Status: st, UpTo: uint64(upTo), Ts: 9}}
	}
	if got := apply(t, s, &a, status(4, 2, 2)); len(got) != 2 {
		t.Errorf("delivered: got %d changes, want 2", len(got))
	}
	got := apply(t, s, &a, status(5, 3, 3))
	var seen []string
	for _, c := range got {
		seen = append(seen, fmt.Sprintf("%s/%d", c.Message.Data, c.Message.Status))
	}
	if want := "[text 3/2 text 1/3 text 2/3 text 3/3]"; fmt.Sprint(seen) != want {
		t.Errorf("read: got %v, want %s", seen, want)
	}
	if got := apply(t, s, &a, status(6, 2, 3), status(7, 3, 3)); len(got) != 0 {
		t.Errorf("repeated statuses: got %d changes, want 0", len(got))
	}
	wantLines(t, lines(t, s, a, "bob"), "text 1/3", "text 2/3", "text 3/3")
}

func TestApply_new_epoch_keeps_history_and_order(t *testing.T) {
	s, a := fresh(t)
	apply(t, s, &a, incoming(1, 1, "bob"), incoming(2, 2, "bob"))
	a, err := s.Welcome(a.ID, &store.Welcome{UID: 7, Name: "Alice", Epoch: 100})
	if err != nil || a.Cursor != 0 {
		t.Fatalf("got cursor %d, %v", a.Cursor, err)
	}
	if got := apply(t, s, &a, incoming(1, 2, "bob"), incoming(2, 3, "bob")); len(got) != 1 {
		t.Errorf("got %d changes, want 1", len(got))
	}
	wantLines(t, lines(t, s, a, "bob"), "text 1/12", "text 2/12", "text 3/12")
}

func TestMarkRead(t *testing.T) {
	s, a := fresh(t)
	bob := store.Target{Account: a.ID, Peer: "bob"}
	apply(t, s, &a, incoming(1, 1, "bob"), incoming(2, 2, "bob"), incoming(3, 3, "bob"))
	unread, changed, err := s.MarkRead(bob, mid(1000, 2))
	if err != nil || unread != 1 || !changed {
		t.Fatalf("got %d %v %v", unread, changed, err)
	}
	chats, err := s.UnsentReads(t.Context(), a.ID)
	if err != nil || len(chats) != 1 || chats[0].ReadSeq != 2 {
		t.Fatalf("got %+v, %v", chats, err)
	}
	if err := s.ReadSent(bob, 2); err != nil {
		t.Fatal(err)
	}
	if chats, err = s.UnsentReads(t.Context(), a.ID); err != nil || len(chats) != 0 {
		t.Errorf("got %+v, %v", chats, err)
	}
	got := apply(t, s, &a, store.Event{Seq: 4, Read: &store.ReadMark{Peer: "bob", UpTo: 3}})
	if len(got) != 1 || got[0].Read == nil || got[0].Unread != 0 {
		t.Errorf("read on another device: got %+v", got)
	}
	if _, _, err := s.MarkRead(bob, 12345); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("got %v, want ErrNotFound", err)
	}
}

// TestApply_records_of_calls: a missed call is to be read until it was seen, here or on another device; other calls are
// not.
func TestApply_records_of_calls(t *testing.T) {
	s, a := fresh(t)
	bob := store.Target{Account: a.ID, Peer: "bob"}
	record := func(seq, low int, status models.Status, seen bool) store.Event {
		e := incoming(seq, low, "bob")
		e.Message.Call, e.Message.Seen = status, seen
		e.Message.Own = status == models.StatusCallOutgoing
		e.Message.Row.Kind = models.KindCall
		return e
	}
	apply(t, s, &a, record(1, 1, models.StatusCallMissed, false), record(2, 2, models.StatusCallIncoming, true),
		record(3, 3, models.StatusCallOutgoing, true), incoming(4, 4, "bob"),
		record(5, 5, models.StatusCallMissed, false))
	unread := func(want int) {
		t.Helper()
		chat, err := s.Chat(t.Context(), bob)
		if err != nil || chat.Unread != int64(want) {
			t.Errorf("got %d unread, %v, want %d", chat.Unread, err, want)
		}
	}
	unread(3)
	if left, changed, err := s.MarkRead(bob, mid(1000, 3)); err != nil || left != 2 || !changed {
		t.Errorf("got %d, %v, %v, want 2 left", left, changed, err)
	}
	unread(2)
	chats, err := s.UnsentReads(t.Context(), a.ID)
	if err != nil || len(chats) != 1 || chats[0].ReadSeq != 1 {
		t.Errorf("got %+v, %v, want that the server gets event 1", chats, err)
	}
	apply(t, s, &a, store.Event{Seq: 6, Read: &store.ReadMark{Peer: "bob", UpTo: 5}})
	unread(0)
	if left, changed, err := s.MarkRead(bob, mid(1000, 5)); err != nil || left != 0 || changed {
		t.Errorf("again: got %d, %v, %v, want no change", left, changed, err)
	}
}

func TestCancel_only_what_cannot_have_been_sent(t *testing.T) {
	s, a := fresh(t)
	bob := store.Target{Account: a.ID, Peer: "bob"}
	first, second := queue(t, s, a, "bob", 1), queue(t, s, a, "bob", 2)
	if got, err := s.Tried([]int64{first.ID}); err != nil || got[first.ID].ID != first.ID {
		t.Fatalf("got %v, %v", got, err)
	}
	if _, err := s.Cancel(bob, 1); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("got %v, want ErrNotFound", err)
	}
	if waited, err := s.Cancel(bob, 2); err != nil || !waited {
		t.Errorf("got %v, %v", waited, err)
	}
	if got, err := s.Tried([]int64{second.ID}); err != nil || len(got) != 0 {
		t.Errorf("withdrawn message is still to be sent: %v, %v", got, err)
	}
	wantLines(t, lines(t, s, a, "bob"), "text 1/0")
}

func TestRequeue_and_duplicate_ids(t *testing.T) {
	s, a := fresh(t)
	bob := store.Target{Account: a.ID, Peer: "bob"}
	m := queue(t, s, a, "bob", 1)
	again := models.Message{Mid: 1, Nonce: nonce(9), Data: []byte("x")}
	if err := s.Queue(bob, &again, false); !errors.Is(err, store.ErrDuplicate) {
		t.Errorf("got %v, want ErrDuplicate", err)
	}
	if err := s.Requeue(bob, 1, nonce(8), 10); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("requeue of a waiting message: got %v, want ErrNotFound", err)
	}
	if _, err := s.ApplySendResults(
		a, []store.SendResult{{Row: m.ID, Status: 0x84, Mid: mid(1000, 1), Seq: 4}}); err != nil {
		t.Fatal(err)
	}
	if err := s.Requeue(bob, 1, nonce(8), 10); err != nil {
		t.Fatal(err)
	}
	rows, err := s.Outbox(t.Context(), a.ID, m.ID, 10)
	if err != nil || len(rows) != 1 || rows[0].Mid != 1 || rows[0].Peer != "bob" {
		t.Errorf("got outbox %+v, %v", rows, err)
	}
}

func TestOverdue(t *testing.T) {
	s, a := fresh(t)
	for low, expiry := range map[int]int64{1: 0, 2: 60, 3: -1} {
		m := models.Message{Mid: int64(low), Ts: 1000, Expiry: expiry, Nonce: nonce(low)}
		if err := s.Queue(store.Target{Account: a.ID, Peer: "bob"}, &m, false); err != nil {
			t.Fatal(err)
		}
	}
	for _, step := range []struct {
		now    uint64
		status models.Status
	}{{11_001, 0}, {12_000, 0x81}, {61_001, 0x84}, {1_000 + 3_601_000, 0x84}} {
		got, err := s.Overdue(a, step.now, 10, 3600)
		if err != nil {
			t.Fatal(err)
		}
		if step.status == 0 && len(got) != 0 && got[0].Status != 0x81 {
			t.Errorf("at %d: got %+v", step.now, got)
		}
		for _, m := range got {
			if m.Status != step.status && step.status != 0 {
				t.Errorf("at %d: got status %x, want %x", step.now, m.Status, step.status)
			}
		}
	}
	if rows, err := s.Outbox(t.Context(), a.ID, 0, 10); err != nil || len(rows) != 0 {
		t.Errorf("still waiting: %+v, %v", rows, err)
	}
}

func TestSummary_and_seek(t *testing.T) {
	s, a := fresh(t)
	seq := 0
	for i := range 500 {
		seq++
		apply(t, s, &a, incoming(seq, i, fmt.Sprintf("peer%d", i%5)))
	}
	rows, err := s.Summary(t.Context(), a.ID, models.Chat{}, 3, nil)
	if err != nil || len(rows) != 3 || string(rows[0].Message.Data) != "text 499" || rows[0].Chat.Peer != "peer4" {
		t.Fatalf("got %+v, %v", rows, err)
	}
	rest, err := s.Summary(t.Context(), a.ID, rows[2].Chat, 3, nil)
	if err != nil || len(rest) != 2 || rest[0].Chat.Peer != "peer1" {
		t.Fatalf("got %+v, %v", rest, err)
	}
	chat := rows[0].Chat
	at, err := s.PlaceAt(t.Context(), chat.ID, 1000+250)
	if err != nil {
		t.Fatal(err)
	}
	newer, err := s.Page(t.Context(), a.ID, chat.ID, at, store.Query{OldestFirst: true, Limit: 1})
	if err != nil || len(newer) != 1 || newer[0].Ts != 1250 {
		t.Errorf("newer: got %+v, %v", newer, err)
	}
	older, err := s.Page(t.Context(), a.ID, chat.ID, at, store.Query{Limit: 1})
	if err != nil || len(older) != 1 || older[0].Ts != 1245 {
		t.Errorf("older: got %+v, %v", older, err)
	}
	found, err := s.Page(t.Context(), a.ID, chat.ID, store.CursorNewest, store.Query{Text: "EXT 49", Limit: 9})
	if err != nil || len(found) != 7 {
		t.Errorf("search: got %d, %v, want the seven that hold both", len(found), err)
	}
}

func TestOpen_survives_and_refuses_newer(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	s, err := store.Open(path, "", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	a := account(t, s)
	queue(t, s, a, "bob", 1)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.SetDraft(store.Target{Account: a.ID, Peer: "bob"}, "x"); !errors.Is(err, store.ErrClosed) {
		t.Errorf("after Close: got %v, want ErrClosed", err)
	}
	wantLines(t, lines(t, open(t, path), a, "bob"), "text 1/0")
}

func TestFull_disk_keeps_what_was_accepted(t *testing.T) {
	s, a := fresh(t)
	s.Limit(t, 4)
	accepted := 0
	for low := 1; ; low++ {
		m := models.Message{Mid: int64(low), Nonce: nonce(low), Data: make([]byte, 2000)}
		err := s.Queue(store.Target{Account: a.ID, Peer: "bob"}, &m, false)
		if errors.Is(err, store.ErrFull) {
			break
		}
		if err != nil || low > 1000 {
			t.Fatalf("message %d: %v", low, err)
		}
		accepted++
	}
	s.Limit(t, 100)
	queue(t, s, a, "bob", 5000)
	if got := len(lines(t, s, a, "bob")); got != accepted+1 || accepted == 0 {
		t.Errorf("got %d messages, want the %d accepted and one more", got, accepted)
	}
}

func TestFiles_are_private(t *testing.T) {
	dir := t.TempDir()
	s := open(t, filepath.Join(dir, "x.db"))
	queue(t, s, account(t, s), "bob", 1)
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) < 2 {
		t.Fatalf("got %v, %v", entries, err)
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); runtime.GOOS != "windows" && got != 0o600 {
			t.Errorf("%s has mode %v, want 0600", e.Name(), got)
		}
	}
}

func TestWrite_groups_failures_alone(t *testing.T) {
	s, a := fresh(t)
	var all sync.WaitGroup
	errs := make([]error, 64)
	for i := range errs {
		all.Go(func() {
			m := models.Message{Mid: int64(i/2 + 1), Nonce: nonce(i), Data: []byte("x")}
			errs[i] = s.Queue(store.Target{Account: a.ID, Peer: "bob"}, &m, false)
		})
	}
	all.Wait()
	failed := 0
	for _, err := range errs {
		if errors.Is(err, store.ErrDuplicate) {
			failed++
		} else if err != nil {
			t.Error(err)
		}
	}
	if failed != 32 || len(lines(t, s, a, "bob")) != 32 {
		t.Errorf("got %d refused and %d stored, want 32 and 32", failed, len(lines(t, s, a, "bob")))
	}
}

// Every look-up on a hot path goes by an index: a scan would not be noticed before a chat is long.
func TestQueries_use_their_indexes(t *testing.T) {
	s, a := fresh(t)
	queue(t, s, a, "bob", 7)
	apply(t, s, &a, ownCopy(1, 1, "bob"), incoming(2, 2, "bob"))
	chat, err := s.Chat(t.Context(), store.Target{Account: a.ID, Peer: "bob"})
	if err != nil {
		t.Fatal(err)
	}
	var seen []string
	s.Watch(func(query string) { seen = append(seen, query) })
	bob := store.Target{Account: a.ID, Peer: "bob"}
	for _, c := range []struct {
		name string
		run  func() error
	}{
		{"mark_read", func() error { _, _, err := s.MarkRead(bob, mid(1000, 2)); return err }},
		{"place", func() error { _, err := s.Place(t.Context(), a.ID, chat.ID, mid(1000, 2)); return err }},
		{"place_low", func() error { _, err := s.Place(t.Context(), a.ID, chat.ID, 7); return err }},
		{"outbox", func() error { _, err := s.Outbox(t.Context(), a.ID, 0, 5); return err }},
		{"page", func() error {
			_, err := s.Page(t.Context(), a.ID, chat.ID, store.CursorNewest, store.Query{Limit: 5})
			return err
		}},
		{"summary", func() error { _, err := s.Summary(t.Context(), a.ID, models.Chat{}, 5, nil); return err }},
		{"count", func() error { _, err := s.Count(t.Context(), a.ID); return err }},
		{"unread", func() error { _, err := s.FirstUnread(t.Context(), chat.ID); return ignoreNotFound(err) }},
		{"place_time", func() error { _, err := s.PlaceAt(t.Context(), chat.ID, 1001); return err }},
		{"statuses", func() error {
			_, err := s.Apply(&a, []store.Event{
				{Seq: 3, Status: &store.Status{Peer: "bob", Status: 3, UpTo: 1}},
				{Seq: 4, Status: &store.Status{Peer: "bob", Status: 0x84, Mid: mid(1000, 1)}},
			})
			return err
		}},
		{"cancel", func() error { _, err := s.Cancel(bob, 7); return err }},
		{"group_receipt", func() error {
			_, err := s.Apply(
				&a, []store.Event{{Seq: 5, Status: &store.Status{Peer: "bob", Group: 4, Status: 3, UpTo: 1}}})
			return err
		}},
		{"modified", func() error {
			_, err := s.Apply(&a, []store.Event{{Seq: 6, Modified: &store.Modified{By: "bob", Mid: mid(1000, 2)}}})
			return err
		}},
		{"reaction", func() error {
			_, err := s.Apply(
				&a, []store.Event{{
					Seq:      7,
					Reaction: &models.Reaction{Mid: int64(mid(1000, 2)), Address: "bob", Emoji: "x"},
				}})
			return err
		}},
		{"message", func() error { _, err := s.Message(t.Context(), a.ID, mid(1000, 2)); return err }},
		{"reactions", func() error {
			_, err := s.Reactions(t.Context(), a.ID, []int64{int64(mid(1000, 2))})
			return err
		}},
		{"receipts", func() error {
			_, err := s.Receipts(t.Context(), &models.Message{ChatID: chat.ID, Position: 1})
			return err
		}},
		{"operations", func() error { _, err := s.Operations(t.Context(), a.ID, 0, 5); return err }},
		{"files", func() error {
			_, err := s.Page(t.Context(), a.ID, chat.ID, store.CursorNewest, store.Query{Limit: 5, Files: true})
			return err
		}},
		{"calls", func() error {
			calls := store.Query{Limit: 5, NoMessages: true, Calls: []models.Status{models.StatusCallMissed}}
			_, err := s.Page(t.Context(), a.ID, chat.ID, store.CursorNewest, calls)
			return err
		}},
		{"unread", func() error {
			_, err := s.Page(t.Context(), a.ID, chat.ID, store.CursorNewest, store.Query{Limit: 5, Unread: true})
			return err
		}},
		{"read all", func() error { _, err := s.MarkAllRead(store.Target{Account: a.ID, Peer: "bob"}); return err }},
		{"recent", func() error { _, err := s.Recent(t.Context(), a.ID, 5); return err }},
		{"delete", func() error {
			_, _, err := s.Delete(a.ID, store.Deletion{Mids: []uint64{mid(1000, 2)}})
			return err
		}},
	} {
		seen = nil
		if err := c.run(); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if len(seen) == 0 {
			t.Errorf("%s: no query seen", c.name)
		}
		for _, query := range seen {
			for _, step := range s.Explain(t, query) {
				if strings.HasPrefix(step, "SCAN messages") || strings.Contains(step, "chat_id=?)") &&
					strings.Contains(query, "mid") {
					t.Errorf("%s: %s\n\tin %s", c.name, step, query)
				}
			}
		}
	}
}

func ignoreNotFound(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}
