package store_test

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/parley-chat/parley/mesibo/internal/store"
	"github.com/parley-chat/parley/models"
)

// placed stores incoming messages whose files are at these paths, and returns the rows by path.
func placed(t *testing.T, s *store.Store, a *models.Account, paths ...string) {
	t.Helper()
	for i, path := range paths {
		event := incoming(i+1, i+1, "bob")
		event.Message.Row.Kind = models.KindFile
		event.Message.Row.Content = &models.Content{File: &models.File{Name: path, Size: 1}}
		changes := apply(t, s, a, event)
		err := s.SetFile([]int64{changes[0].Message.ID},
			store.FileResult{Path: path, Length: int64(10 + i), Modified: int64(100 + i)})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func pathsOf(places []store.FilePlace) (out []string) {
	for _, p := range places {
		out = append(out, p.Path)
	}
	slices.Sort(out)
	return out
}

func TestFilePlaces(t *testing.T) {
	s, a := fresh(t)
	folder := filepath.FromSlash("/files/images")
	one, two, other := filepath.Join(folder, "1.png"), filepath.Join(folder, "2.png"), folder+"x"
	placed(t, s, &a, one, two, one, other)
	hold(t, s, a, 9) // is to be uploaded
	var asked []string
	s.Watch(func(query string) {
		if strings.Contains(query, "file.path") {
			asked = append(asked, query)
		}
	})
	in, err := s.FilesIn(t.Context(), a.ID, folder)
	if err != nil || !slices.Equal(pathsOf(in), []string{one, one, two}) {
		t.Errorf("in the folder: %v, %v", in, err)
	}
	at, err := s.FilesAt(t.Context(), a.ID, []string{two, other, "/a", "/nowhere"})
	if err != nil || !slices.Equal(pathsOf(at), []string{two, other}) {
		t.Fatalf("at paths: %v, %v", at, err)
	}
	for _, p := range at {
		if p.Path == two && (p.Size != 1 || p.Length != 11 || p.Modified != 101) {
			t.Errorf("got %+v", p)
		}
	}
	s.Watch(func(string) {})
	for _, query := range asked {
		if plan := strings.Join(s.Explain(t, query), "; "); !strings.Contains(plan, "messages_path") {
			t.Errorf("%s\nis run as %s", query, plan)
		}
	}
	rows, err := s.MessagesByRow(t.Context(), []int64{at[0].ID, 12345})
	if err != nil || len(rows) != 1 || rows[0].Peer != "bob" || rows[0].Content.File.Path != at[0].Path {
		t.Errorf("by row: %+v, %v", rows, err)
	}
}

func TestSendFolder(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	s := open(t, path)
	a, err := s.Account("alice")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.SendFolder(t.Context(), a.ID); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("none: %v", err)
	}
	want := models.SendFolder{AccountID: a.ID, Path: "/out", Peer: "bob"}
	for _, f := range []models.SendFolder{{AccountID: a.ID, Path: "/other", GroupID: 7}, want} {
		if err := s.PutSendFolder(
			f, []models.FolderFile{{AccountID: a.ID, Path: f.Path + "/old", Refusal: "before"}}); err != nil {
			t.Fatal(err)
		}
	}
	m := models.Message{
		Mid: 1, Nonce: nonce(1), PendingUpload: true, Kind: models.KindFile,
		Content: &models.Content{File: &models.File{Path: "/out/a", Name: "a"}},
	}
	file := models.FolderFile{AccountID: a.ID, Path: "/out/a", Size: 5, Modified: 6, Mid: 1, Peer: "bob"}
	if err := s.QueueFolderFile(store.Target{Account: a.ID, Peer: "bob"}, &m, file); err != nil {
		t.Fatal(err)
	}
	twice := m
	twice.Nonce = nonce(2)
	unsent := models.FolderFile{AccountID: a.ID, Path: "/out/b", Mid: 1, Peer: "bob"}
	if err := s.QueueFolderFile(store.Target{Account: a.ID, Peer: "bob"}, &twice, unsent); !errors.Is(err,
		store.ErrDuplicate) {
		t.Errorf("the same id: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, path)
	if got, err := s.SendFolder(t.Context(), a.ID); err != nil || got != want {
		t.Errorf("got %+v, %v", got, err)
	}
	files, err := s.FolderFiles(t.Context(), a.ID)
	if err != nil || len(files) != 2 || files[0] != file || files[1].Path != "/out/old" {
		t.Fatalf("got %+v, %v", files, err)
	}
	file.Target = "/out/sent/a"
	if err := errors.Join(s.PutFolderFile(file), s.EndFolderFile(file, true)); err != nil {
		t.Fatal(err)
	}
	rows, err := s.MessagesByRow(t.Context(), []int64{m.ID})
	if err != nil || len(rows) != 1 || rows[0].Content.File.Path != "/out/sent/a" || !rows[0].PendingUpload {
		t.Errorf("moved: %+v, %v", rows, err)
	}
	if files, err = s.FolderFiles(t.Context(), a.ID); err != nil || len(files) != 1 {
		t.Errorf("after the end: %+v, %v", files, err)
	}
	if err := errors.Join(s.PutSendFolder(models.SendFolder{AccountID: a.ID}, nil),
		s.EndFolderFile(file, false)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.SendFolder(t.Context(), a.ID); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("removed: %v", err)
	}
}
