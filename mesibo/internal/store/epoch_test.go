package store_test

import (
	"testing"

	"github.com/parley-chat/parley/mesibo/internal/store"
	"github.com/parley-chat/parley/models"
)

// renew begins another epoch.
func renew(t *testing.T, s *store.Store, a models.Account) models.Account {
	t.Helper()
	a, err := s.Welcome(a.ID, &store.Welcome{UID: 7, Name: "Alice", Epoch: uint64(a.Epoch) + 1})
	if err != nil || a.Cursor != 0 || a.CursorMark != 0 {
		t.Fatalf("got cursor %d, mark %d, %v", a.Cursor, a.CursorMark, err)
	}
	return a
}

// TestNewEpoch_keeps_unread_messages: the read marks of a log that is read again are about the messages that they name,
// not about those that the server has lost.
func TestNewEpoch_keeps_unread_messages(t *testing.T) {
	s, a := fresh(t)
	read := store.Event{Seq: 3, Read: &store.ReadMark{Peer: "bob", UpTo: 1}}
	apply(t, s, &a, incoming(1, 1, "bob"), incoming(2, 2, "bob"), read, incoming(4, 4, "bob"))
	wantLines(t, lines(t, s, a, "bob"), "text 1/13", "text 2/12", "text 4/12")
	a = renew(t, s, a)
	if got := apply(t, s, &a, incoming(1, 1, "bob"), incoming(2, 2, "bob"), read); len(got) != 0 {
		t.Errorf("got %d changes, want none", len(got))
	}
	wantLines(t, lines(t, s, a, "bob"), "text 1/13", "text 2/12", "text 4/12")
	apply(t, s, &a, incoming(4, 5, "bob"), store.Event{Seq: 5, Read: &store.ReadMark{Peer: "bob", UpTo: 4}})
	wantLines(t, lines(t, s, a, "bob"), "text 1/13", "text 2/13", "text 4/13", "text 5/13")
}

// TestNewEpoch_receipts: the receipts of a log that is read again are about the messages that they name.
func TestNewEpoch_receipts(t *testing.T) {
	s, a := fresh(t)
	delivered := store.Event{Seq: 2, Status: &store.Status{Peer: "bob", Status: models.StatusDelivered, UpTo: 1, Ts: 9}}
	apply(t, s, &a, ownCopy(1, 1, "bob"), delivered, ownCopy(3, 3, "bob"))
	a = renew(t, s, a)
	apply(t, s, &a, ownCopy(1, 1, "bob"), delivered)
	wantLines(t, lines(t, s, a, "bob"), "text 1/2", "text 3/1")
	lost, err := s.Message(t.Context(), a.ID, mid(1000, 3))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := s.Receipts(t.Context(), &lost); err != nil || len(got) != 0 {
		t.Errorf("got receipts %+v, %v of a message that the server does not have", got, err)
	}
}

// TestNewEpoch_repeated_message: what a sender sends once more, because the server had not answered before it was
// restored, is the message that is here.
func TestNewEpoch_repeated_message(t *testing.T) {
	s, a := fresh(t)
	apply(t, s, &a, incoming(1, 1, "bob"), incoming(2, 2, "bob"), ownCopy(3, 3, "bob"))
	a = renew(t, s, a)
	again, other, own := incoming(2, 2, "bob"), incoming(3, 2, "bob"), ownCopy(4, 3, "bob")
	again.Message.Row.Mid, other.Message.Row.Mid, own.Message.Row.Mid = int64(mid(2000, 2)), int64(mid(3000, 2)),
		int64(mid(2000, 3))
	other.Message.Row.Data = []byte("another")
	if got := apply(t, s, &a, incoming(1, 1, "bob"), again, other, own); len(got) != 1 {
		t.Errorf("got %d changes, want one", len(got))
	}
	wantLines(t, lines(t, s, a, "bob"), "text 1/12", "text 2/12", "text 3/1", "another/12")
	for _, id := range []uint64{mid(2000, 2), mid(2000, 3), mid(3000, 2)} {
		if _, err := s.Message(t.Context(), a.ID, id); err != nil {
			t.Errorf("message %x: %v", id, err)
		}
	}
}

func TestCursorMark(t *testing.T) {
	s, a := fresh(t)
	event := incoming(1, 1, "bob")
	event.Mark = 77
	apply(t, s, &a, event)
	stored, err := s.Account("alice")
	if err != nil || a.CursorMark != 77 || stored.CursorMark != 77 {
		t.Errorf("got %d, stored %d, %v", a.CursorMark, stored.CursorMark, err)
	}
	a, err = s.Welcome(a.ID, &store.Welcome{UID: 7, Name: "Alice", Epoch: 99, Start: 10})
	if err != nil || a.Cursor != 10 || a.CursorMark != 0 {
		t.Errorf("after a jump: got %d, %v", a.CursorMark, err)
	}
}
