package store_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/parley-chat/parley/mesibo/internal/store"
	"github.com/parley-chat/parley/models"
)

// hold queues a message that waits for its file.
func hold(t *testing.T, s *store.Store, a models.Account, low int) models.Message {
	t.Helper()
	m := models.Message{
		Mid: int64(low), Flags: 3, Ts: 5, Nonce: nonce(low), PendingUpload: true, Kind: models.KindFile,
		Content: &models.Content{File: &models.File{Path: "/a", Name: "a", Size: 1}},
	}
	if err := s.Queue(store.Target{Account: a.ID, Peer: "bob"}, &m, true); err != nil {
		t.Fatal(err)
	}
	return m
}

// outbox returns the low ids of what is to be sent after a row, and the last row.
func outbox(t *testing.T, s *store.Store, a models.Account, after int64) (lows []int64, last int64) {
	t.Helper()
	rows, err := s.Outbox(t.Context(), a.ID, after, 100)
	if err != nil {
		t.Fatal(err)
	}
	last = after
	for _, r := range rows {
		lows, last = append(lows, r.Mid), r.ID
	}
	return lows, last
}

func TestPendingUpload_waits_while_later_messages_go(t *testing.T) {
	s, a := fresh(t)
	first := hold(t, s, a, 1)
	queue(t, s, a, "bob", 2)
	lows, last := outbox(t, s, a, 0)
	if !slices.Equal(lows, []int64{2}) {
		t.Fatalf("to be sent: %v", lows)
	}
	if late, err := s.Overdue(a, 1<<50, 10, 10); err != nil || len(late) != 1 || late[0].Mid != 2 {
		t.Errorf("overdue: %v, %v", late, err)
	}
	if n, err := s.Release([]int64{first.ID, 12345}, "u", 77); n != 1 || err != nil {
		t.Fatalf("released %d, %v", n, err)
	}
	rows, err := s.Outbox(t.Context(), a.ID, last, 100)
	if err != nil || len(rows) != 1 {
		t.Fatalf("behind what was sent: %v, %v", rows, err)
	}
	if r := rows[0]; r.Mid != 1 || r.PendingUpload || r.Tried || r.Ts != 77 || r.Peer != "bob" ||
		r.Content.File.URL != "u" || r.Content.File.Name != "a" {
		t.Errorf("released: %+v, %+v", r, r.Content.File)
	}
	if n, err := s.Release([]int64{first.ID, rows[0].ID}, "v", 78); n != 0 || err != nil {
		t.Errorf("released again: %d, %v", n, err)
	}
	wantLines(t, lines(t, s, a, "bob"), "text 2/81", "/0")
}

func TestPendingUpload_fails_and_waits_again(t *testing.T) {
	s, a := fresh(t)
	m := hold(t, s, a, 1)
	target := store.Target{Account: a.ID, Peer: "bob"}
	if _, err := s.RequeueUpload(m.ID, nonce(50), 6); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("one that waits: %v", err)
	}
	if changed, err := s.ApplySendResults(a, []store.SendResult{{Row: m.ID, Status: 0x80}}); err != nil ||
		len(changed) != 1 {
		t.Fatalf("%v, %v", changed, err)
	}
	if _, err := s.PendingUpload(t.Context(), target, 1); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("failed: %v", err)
	}
	row, err := s.RequeueUpload(m.ID, nonce(51), 6)
	if err != nil || row == m.ID {
		t.Fatalf("row %d, %v", row, err)
	}
	if err := s.SetFile([]int64{row}, store.FileResult{State: 2}); err != nil {
		t.Fatal(err)
	}
	again, err := s.PendingUpload(t.Context(), target, 1)
	if err != nil || again.ID != row || again.Content.File.State != 2 || again.Content.File.Path != "/a" {
		t.Errorf("got %+v, %v", again, err)
	}
	held, err := s.PendingUploads(t.Context(), a.ID, 1<<62)
	if err != nil || len(held) != 1 || held[0].ID != row || held[0].Peer != "bob" {
		t.Errorf("got %+v, %v", held, err)
	}
	if ids, err := s.StillPending(t.Context(), []int64{m.ID, row}); err != nil || !slices.Equal(ids, []int64{row}) {
		t.Errorf("got %v, %v", ids, err)
	}
	if lows, _ := outbox(t, s, a, 0); len(lows) != 0 {
		t.Errorf("to be sent: %v", lows)
	}
}

// A sender that has got through the outbox must find what is queued later, also when rows with higher ids were deleted.
func TestOutbox_ids_do_not_come_again(t *testing.T) {
	s, a := fresh(t)
	target := store.Target{Account: a.ID, Peer: "bob"}
	var last int64
	for low := 1; low <= 6; low++ {
		m := queue(t, s, a, "bob", low)
		if m.ID <= last {
			t.Fatalf("row %d after %d", m.ID, last)
		}
		last = m.ID
		if low%2 == 0 {
			if err := s.DeleteBefore(target, 0); err != nil {
				t.Fatal(err)
			}
		} else if _, err := s.Cancel(target, uint32(low)); err != nil {
			t.Fatal(err)
		}
	}
	failed := queue(t, s, a, "bob", 9)
	if _, err := s.ApplySendResults(a, []store.SendResult{{Row: failed.ID, Status: 0x80}}); err != nil {
		t.Fatal(err)
	}
	if err := s.Requeue(target, 9, nonce(90), 5); err != nil {
		t.Fatal(err)
	}
	if lows, _ := outbox(t, s, a, failed.ID); !slices.Equal(lows, []int64{9}) {
		t.Errorf("sent again: %v", lows)
	}
}

func TestSetFile_of_a_received_message(t *testing.T) {
	s, a := fresh(t)
	e := incoming(1, 5, "bob")
	e.Message.Row.Kind, e.Message.Row.Content = models.KindFile,
		&models.Content{File: &models.File{URL: "u", Name: "n"}}
	changes := apply(t, s, &a, e)
	row := changes[0].Message.ID
	const transferred, failed = 1 << 58, 1 << 59
	for _, c := range []struct {
		result store.FileResult
		flags  int64
		path   string
		state  int
	}{
		{store.FileResult{State: 3, Set: failed, Clear: transferred}, 3 | failed, "", 3},
		{store.FileResult{Path: "/x", Set: transferred, Clear: failed}, 3 | transferred, "/x", 0},
		{store.FileResult{State: 2}, 3 | transferred, "/x", 2},
	} {
		if err := s.SetFile([]int64{row}, c.result); err != nil {
			t.Fatal(err)
		}
		m, err := s.Message(t.Context(), a.ID, mid(1000, 5))
		if err != nil || m.Flags != c.flags ||
			m.Content.File.Path != c.path || m.Content.File.State != c.state || m.Content.File.URL != "u" {
			t.Errorf("after %+v: flags %x, %+v, %v", c.result, m.Flags, m.Content.File, err)
		}
	}
	if ids, err := s.WithFile(t.Context(), []int64{row, row + 1}); err != nil || !slices.Equal(ids, []int64{row}) {
		t.Errorf("got %v, %v", ids, err)
	}
}

func TestKeys(t *testing.T) {
	s, a := fresh(t)
	other, err := s.Account("bob")
	if err != nil {
		t.Fatal(err)
	}
	for _, value := range []string{"one", "two", ""} {
		if err := s.SetKey(a.ID, "k", value); err != nil {
			t.Fatal(err)
		}
		if got, err := s.Key(t.Context(), a.ID, "k"); got != value || err != nil {
			t.Errorf("got %q, %v, want %q", got, err, value)
		}
	}
	if _, err := s.Key(t.Context(), other.ID, "k"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("another user's key: %v", err)
	}
	for range 2 {
		if err := s.DeleteKey(a.ID, "k"); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Key(t.Context(), a.ID, "k"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("deleted: %v", err)
	}
}

func TestFailOld(t *testing.T) {
	s, a := fresh(t)
	queue(t, s, a, "bob", 1) // of ts 5
	young := models.Message{Mid: 2, Ts: 500, Nonce: nonce(2), Data: []byte("text 2")}
	if err := s.Queue(store.Target{Account: a.ID, Peer: "bob"}, &young, false); err != nil {
		t.Fatal(err)
	}
	if err := s.FailOld(100); err != nil {
		t.Fatal(err)
	}
	wantLines(t, lines(t, s, a, "bob"), "text 1/80", "text 2/0")
}

func TestSetPlayed(t *testing.T) {
	s, a := fresh(t)
	e := incoming(1, 5, "bob")
	e.Message.Row.Kind, e.Message.Row.Content = models.KindFile,
		&models.Content{File: &models.File{URL: "u", Name: "n"}}
	plain := incoming(2, 6, "bob")
	changes := apply(t, s, &a, e, plain)
	if err := s.SetPlayed(changes[0].Message.ID); err != nil {
		t.Fatal(err)
	}
	m, err := s.Message(t.Context(), a.ID, mid(1000, 5))
	if err != nil || !m.Content.File.Played || m.Content.File.URL != "u" {
		t.Errorf("got %+v, %v", m.Content, err)
	}
	if err := s.SetPlayed(changes[1].Message.ID); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("of a text: %v", err)
	}
}

// TestReleaseUploaded: a message with a file waits for the earlier ones of its chat whose file is being uploaded.
func TestReleaseUploaded(t *testing.T) {
	s, a := fresh(t)
	var rows []int64
	for low := 1; low <= 5; low++ {
		rows = append(rows, hold(t, s, a, low).ID)
	}
	other := models.Message{
		Mid: 9, Nonce: nonce(9), PendingUpload: true, Kind: models.KindFile,
		Content: &models.Content{File: &models.File{Path: "/a"}},
	}
	if err := s.Queue(store.Target{Account: a.ID, Peer: "carol"}, &other, true); err != nil {
		t.Fatal(err)
	}
	release := func(want int, rows ...int64) {
		t.Helper()
		if n, err := s.Release(rows, "u", 77); n != want || err != nil {
			t.Errorf("released %d, %v, want %d", n, err, want)
		}
	}
	next := func(want int) {
		t.Helper()
		if n, err := s.ReleaseUploaded(t.Context(), 78); n != want || err != nil {
			t.Errorf("released next %d, %v, want %d", n, err, want)
		}
	}
	next(0)
	release(1, rows[4], rows[2], other.ID) // the other chat waits for nobody
	next(0)
	if err := s.SetUploadsPaused([]int64{rows[0]}, true); err != nil {
		t.Fatal(err)
	}
	next(0) // the second is on its way
	if changed, err := s.ApplySendResults(a, []store.SendResult{{Row: rows[1], Status: 0x80}}); err != nil ||
		len(changed) != 1 {
		t.Fatalf("%v, %v", changed, err)
	}
	next(1)             // the third
	release(2, rows[3]) // and the fifth
	if err := s.SetUploadsPaused([]int64{rows[0]}, false); err != nil {
		t.Fatal(err)
	}
	release(1, rows[0])
	if lows, _ := outbox(t, s, a, 0); !slices.Equal(lows, []int64{9, 3, 4, 5, 1}) {
		t.Errorf("to be sent: %v", lows)
	}
}
