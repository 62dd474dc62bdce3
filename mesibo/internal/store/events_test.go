package store_test

import (
	"testing"

	"github.com/parley-chat/parley/mesibo/internal/store"
	"github.com/parley-chat/parley/models"
)

func groupMessage(seq, low int) store.Event {
	e := ownCopy(seq, low, "")
	e.Message.Group = 9
	return e
}

func TestApply_receipts_of_a_group(t *testing.T) {
	s, a := fresh(t)
	apply(t, s, &a, groupMessage(1, 1), groupMessage(2, 2))
	for _, c := range []struct {
		peer   string
		status models.Status
		upTo   uint64
		want   []string // what listeners are told: mid and status
	}{
		{"bob", 2, 1, []string{"1 2"}},
		{"carol", 2, 2, []string{"2 2"}}, // the first for message 2, another for message 1
		{"bob", 3, 2, []string{"1 3", "2 3"}},
		{"carol", 3, 2, []string{"2 3"}},
		{"carol", 3, 2, nil}, // again
		{"bob", 2, 2, []string{"2 2"}},
	} {
		changes := apply(t, s, &a, store.Event{Seq: uint64(a.Cursor) + 1, Status: &store.Status{
			Peer: c.peer, Group: 9, Status: c.status, UpTo: c.upTo, Ts: 500 + uint64(a.Cursor),
		}})
		var got []string
		for _, ch := range changes {
			if ch.Message.Peer != c.peer {
				t.Errorf("told of %q", ch.Message.Peer)
			}
			got = append(got, string('0'+rune(ch.Message.Mid&0xf))+" "+string('0'+rune(ch.Message.Status)))
		}
		wantLines(t, got, c.want...)
	}
	m, err := s.Message(t.Context(), a.ID, mid(1000, 1))
	if err != nil {
		t.Fatal(err)
	}
	receipts, err := s.Receipts(t.Context(), &m)
	if err != nil || len(receipts) != 2 || receipts[0].Address != "bob" || receipts[0].Delivered != 502 ||
		receipts[0].Read != 504 ||
		receipts[1].Delivered != 503 || receipts[1].Read != 505 {
		t.Errorf("got %+v, %v", receipts, err)
	}
}

func TestApply_only_senders_change_and_take_back(t *testing.T) {
	s, a := fresh(t)
	apply(t, s, &a, incoming(1, 1, "bob"), incoming(2, 2, "bob"))
	no := func(*models.Message) bool { return false }
	for name, e := range map[string]store.Event{
		"somebody else changes": {Modified: &store.Modified{
			By: "eve", Mid: mid(1000, 1),
			Row: models.Message{Data: []byte("x")},
		}},
		"the policy forbids changes": {Modified: &store.Modified{
			By: "bob", Mid: mid(1000, 1),
			Row: models.Message{Data: []byte("x")}, Allowed: no,
		}},
		"somebody else takes back": {Recalled: &store.Recalled{By: "eve", Mids: []uint64{mid(1000, 1)}}},
		"the policy forbids that":  {Recalled: &store.Recalled{By: "bob", Mids: []uint64{mid(1000, 1)}, Allowed: no}},
		"no such message":          {Recalled: &store.Recalled{By: "bob", Mids: []uint64{mid(1000, 77)}}},
		"a reaction to nothing": {Reaction: &models.Reaction{
			Mid: int64(mid(1000, 77)), Address: "bob",
			Emoji: "x",
		}},
	} {
		e.Seq = uint64(a.Cursor) + 1
		if changes := apply(t, s, &a, e); len(changes) != 0 {
			t.Errorf("%s: changed %+v", name, changes[0].Message)
		}
	}
	wantLines(t, lines(t, s, a, "bob"), "text 1/12", "text 2/12")
	apply(t, s, &a, store.Event{
		Seq:      uint64(a.Cursor) + 1,
		Recalled: &store.Recalled{By: "bob", Mids: []uint64{mid(1000, 1), mid(1000, 2)}},
	})
	wantLines(t, lines(t, s, a, "bob"), "/12", "/12")
	apply(t, s, &a, store.Event{Seq: uint64(a.Cursor) + 1, Modified: &store.Modified{
		By: "bob", Mid: mid(1000, 1), Row: models.Message{Data: []byte("back again")},
	}})
	wantLines(t, lines(t, s, a, "bob"), "/12", "/12")
}

// TestModify_before_the_answer: the text that was written last stays, and others see that it was changed.
func TestModify_before_the_answer(t *testing.T) {
	s, a := fresh(t)
	m := models.Message{Mid: int64(mid(1000, 1)), Ts: 1000, Nonce: []byte("12345678"), Data: []byte("first")}
	target := store.Target{Account: a.ID, Peer: "bob"}
	if err := s.Queue(target, &m, true); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Edit(target, uint64(m.Mid), models.Message{Data: []byte("second")}, []byte("op")); err != nil {
		t.Fatal(err)
	}
	apply(t, s, &a, store.Event{Seq: 1, Modified: &store.Modified{
		By: a.Address, Mid: uint64(m.Mid),
		Row: models.Message{Data: []byte("first")},
	}})
	got, err := s.Message(t.Context(), a.ID, uint64(m.Mid))
	const modified = 0x40000
	if err != nil || string(got.Data) != "second" || got.Flags&modified == 0 {
		t.Errorf("got %q with flags %#x, %v", got.Data, got.Flags, err)
	}
}

// TestModify_keeps_the_file: what a caption is changed to says nothing of the file that is here.
func TestModify_keeps_the_file(t *testing.T) {
	s, a := fresh(t)
	here := models.File{URL: "u", Name: "a.pdf", Path: "/here/a.pdf", Length: 7, Modified: 9}
	e := incoming(1, 1, "bob")
	e.Message.Row.Kind, e.Message.Row.Content = models.KindFile, &models.Content{File: &here}
	apply(t, s, &a, e)
	caption := func(seq uint64, url string) models.File {
		t.Helper()
		apply(t, s, &a, store.Event{
			Seq: seq,
			Modified: &store.Modified{By: "bob", Mid: mid(1000, 1), Row: models.Message{
				Data: []byte("caption"), Kind: models.KindFile,
				Content: &models.Content{File: &models.File{URL: url, Name: "b.pdf"}},
			}},
		})
		m, err := s.Message(t.Context(), a.ID, mid(1000, 1))
		if err != nil || string(m.Data) != "caption" {
			t.Fatalf("got %+v, %v", m, err)
		}
		return *m.Content.File
	}
	if f := caption(2, "u"); f.Path != here.Path || f.Length != 7 || f.Modified != 9 || f.Name != "b.pdf" {
		t.Errorf("the same file: got %+v", f)
	}
	if f := caption(3, "other"); f.Path != "" || f.Length != 0 {
		t.Errorf("another file: got %+v", f)
	}
}

func TestEdit_that_is_refused_is_undone(t *testing.T) {
	s, a := fresh(t)
	apply(t, s, &a, ownCopy(1, 1, "bob"), ownCopy(2, 2, "bob"))
	edit := func(low int, text string) {
		if _, err := s.Edit(store.Target{Account: a.ID, Peer: "bob"}, mid(1000, low),
			models.Message{Data: []byte(text)}, []byte("op")); err != nil {
			t.Fatal(err)
		}
	}
	edit(1, "changed")
	edit(2, "changed")
	recall := func(string, uint32, []uint64) ([]byte, error) { return []byte("recall"), nil }
	if _, _, err := s.Delete(a.ID, store.Deletion{Mids: []uint64{mid(1000, 1)}, Mark: true, Op: recall}); err != nil {
		t.Fatal(err)
	}
	ops, err := s.Operations(t.Context(), a.ID, 0, 10)
	if err != nil || len(ops) != 3 || string(ops[2].Body) != "recall" || uint64(ops[0].Mid) != mid(1000, 1) {
		t.Fatalf("got %+v, %v", ops, err)
	}
	wantLines(t, lines(t, s, a, "bob"), "/1", "changed/1")
	for _, op := range ops[:2] {
		if _, err := s.EndOperation(op.ID, true); err != nil {
			t.Fatal(err)
		}
	}
	wantLines(t, lines(t, s, a, "bob"), "/1", "text 2/1") // what was recalled stays so
	restored, err := s.EndOperation(ops[2].ID, true)
	if err != nil || len(restored) != 1 {
		t.Errorf("got %+v, %v", restored, err)
	}
	wantLines(t, lines(t, s, a, "bob"), "text 1/1", "text 2/1")
	if ops, err := s.Operations(t.Context(), a.ID, 0, 10); err != nil || len(ops) != 0 {
		t.Errorf("left: %+v, %v", ops, err)
	}
}

func TestDelete_here_survives_a_new_epoch(t *testing.T) {
	s, a := fresh(t)
	all := []store.Event{incoming(1, 1, "bob"), incoming(2, 2, "bob"), incoming(3, 3, "carol"), incoming(4, 4, "carol")}
	apply(t, s, &a, all...)
	if _, _, err := s.Delete(a.ID, store.Deletion{Mids: []uint64{mid(1000, 1)}}); err != nil {
		t.Fatal(err)
	}
	if err := s.DeleteBefore(store.Target{Account: a.ID, Peer: "carol"}, 0); err != nil {
		t.Fatal(err)
	}
	a, err := s.Welcome(a.ID, &store.Welcome{UID: 7, Name: "Alice", Epoch: 100})
	if err != nil {
		t.Fatal(err)
	}
	apply(t, s, &a, append(all, incoming(5, 5, "carol"))...)
	wantLines(t, lines(t, s, a, "bob"), "text 2/12")
	wantLines(t, lines(t, s, a, "carol"), "text 5/12")
	total, err := s.Count(t.Context(), a.ID)
	if err != nil || total.Unread != 2 {
		t.Errorf("got %+v, %v", total, err)
	}
}

// TestDelete_before_the_cursor_is_stored: the copy of an own message is skipped as no news, so its number is not stored; a
// run that ends before the next event is stored gets the copy again.
func TestDelete_before_the_cursor_is_stored(t *testing.T) {
	s, a := fresh(t)
	m := queue(t, s, a, "bob", 1)
	before := a
	if _, err := s.ApplySendResults(a, []store.SendResult{
		{Row: m.ID, Status: models.StatusSent, Mid: mid(1000, 1), Ts: 1001, Seq: 1},
	}); err != nil {
		t.Fatal(err)
	}
	apply(t, s, &a, ownCopy(1, 1, "bob"))
	if _, _, err := s.Delete(a.ID, store.Deletion{Mids: []uint64{mid(1000, 1)}}); err != nil {
		t.Fatal(err)
	}
	if changes := apply(t, s, &before, ownCopy(1, 1, "bob")); len(changes) != 0 {
		t.Errorf("told of %+v", changes[0].Message)
	}
	wantLines(t, lines(t, s, a, "bob"))
}
