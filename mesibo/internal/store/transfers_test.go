package store_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/parley-chat/parley/mesibo/internal/store"
	"github.com/parley-chat/parley/models"
)

func TestTransfers(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	s := open(t, path)
	a, err := s.Account("alice")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Transfer(t.Context(), a.ID, "k"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("nothing kept: %v", err)
	}
	first := models.Transfer{AccountID: a.ID, Key: "k", URL: "u", Trace: "t", Ts: 100}
	second := first
	second.ETag, second.Part = `"e"`, "p"
	for _, row := range []models.Transfer{first, second, {AccountID: a.ID, Key: "l", Ts: 200}} {
		if err := s.PutTransfer(row); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, path)
	if got, err := s.Transfer(t.Context(), a.ID, "k"); err != nil || got != second {
		t.Errorf("got %+v, %v", got, err)
	}
	if got, err := s.OldTransfers(t.Context(), a.ID, 200); err != nil || len(got) != 1 || got[0].Key != "k" {
		t.Errorf("old: %+v, %v", got, err)
	}
	for range 2 { // nothing there is no error
		if err := s.DeleteTransfer(a.ID, "k"); err != nil {
			t.Error(err)
		}
	}
	if _, err := s.Transfer(t.Context(), a.ID, "k"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("deleted: %v", err)
	}
}

func TestFilesToFetch(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "a.db"))
	a, err := s.Account("alice")
	if err != nil {
		t.Fatal(err)
	}
	const later = 2
	for i, f := range []*models.File{
		{Name: "idle"},
		{Name: "first", State: later},
		nil,
		{Name: "second", State: later},
	} {
		event := incoming(i+1, i+1, "bob")
		if f != nil {
			event.Message.Row.Kind, event.Message.Row.Content = models.KindFile, &models.Content{File: f}
		}
		apply(t, s, &a, event)
	}
	names := func() (got []string) {
		t.Helper()
		rows, err := s.FilesToFetch(t.Context(), a.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			got = append(got, r.Content.File.Name)
			if r.Content.File.Name == "first" {
				err := s.SetFile([]int64{r.ID}, store.FileResult{Path: "/here"})
				if err != nil {
					t.Fatal(err)
				}
			}
		}
		return got
	}
	if got := strings.Join(names(), " "); got != "first second" {
		t.Errorf("got %q", got)
	}
	if got := strings.Join(names(), " "); got != "second" {
		t.Errorf("after one is fetched: got %q", got)
	}
}

// TestLooseTransfers: a download for messages is of no use without them.
func TestLooseTransfers(t *testing.T) {
	s, a := fresh(t)
	bob := store.Target{Account: a.ID, Peer: "bob"}
	row := models.Message{
		Mid: 1 << 40, Kind: models.KindFile, Sender: "bob", Status: 18,
		Content: &models.Content{File: &models.File{URL: "there"}},
	}
	if err := s.Save(bob, &row); err != nil {
		t.Fatal(err)
	}
	for _, tr := range []models.Transfer{
		{Key: "a", URL: "there", Message: true}, {Key: "b", URL: "gone", Message: true}, {Key: "c", URL: "own"},
	} {
		tr.AccountID = a.ID
		if err := s.PutTransfer(tr); err != nil {
			t.Fatal(err)
		}
	}
	want := func(keys string) {
		t.Helper()
		loose, err := s.LooseTransfers(t.Context(), a.ID)
		var got strings.Builder
		for _, tr := range loose {
			got.WriteString(tr.Key)
		}
		if got.String() != keys || err != nil {
			t.Errorf("loose: %q, %v, want %q", got.String(), err, keys)
		}
	}
	want("b")
	if err := s.DeleteBefore(bob, 0); err != nil {
		t.Fatal(err)
	}
	want("ab")
}

// TestCopies: a picture is loose when it is made, and when a message that had it changes or goes.
func TestCopies(t *testing.T) {
	s, a := fresh(t)
	bob := store.Target{Account: a.ID, Peer: "bob"}
	want := func(paths ...string) {
		t.Helper()
		loose, err := s.LooseCopies(t.Context())
		var got []string
		for _, c := range loose {
			if got = append(got, c.Path); c.Used {
				got = append(got, "used")
			}
		}
		if strings.Join(got, " ") != strings.Join(paths, " ") || err != nil {
			t.Errorf("loose: %q, %v, want %q", got, err, paths)
		}
	}
	for _, path := range []string{"/a", "/b", "/b"} {
		if err := s.NoteCopy(path); err != nil {
			t.Fatal(err)
		}
	}
	hold(t, s, a, 1) // has /a
	want("/a", "used", "/b")
	if err := s.EndCopies([]string{"/a"}, []string{"/b"}); err != nil {
		t.Fatal(err)
	}
	want()
	if _, err := s.Cancel(bob, 1); err != nil {
		t.Fatal(err)
	}
	want("/a")
}
