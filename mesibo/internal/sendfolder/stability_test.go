package sendfolder

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

func TestIsTemporary(t *testing.T) {
	for name, want := range map[string]bool{
		"letter.pdf": false, "Part.txt": false, "my.party": false, "download": false, "a~b": false, "Ärger.png": false,
		".hidden": true, "~$letter.docx": true, "letter.txt~": true, "film.mp4.part": true, "film.mp4.CRDOWNLOAD": true,
		".~lock.a.odt#": true, "a.tmp": true, "Thumbs.db": true, "x.partial": true,
	} {
		if got := isTemporary(name); got != want {
			t.Errorf("%s: got %v", name, got)
		}
	}
}

func TestFindFiles(t *testing.T) {
	dir := t.TempDir()
	for i, name := range []string{"b", "a", "c", "film", "film.part", ".x", "d~"} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, time.Time{}, time.Unix(int64(1000-i/2), 0)); err != nil { // b and a at the same time
			t.Fatal(err)
		}
	}
	if err := os.Symlink(filepath.Join(dir, "a"), filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "folder"), 0o700); err != nil {
		t.Fatal(err)
	}
	found, err := findFiles(dir)
	var names []string
	for _, f := range found {
		names = append(names, filepath.Base(f.path))
	}
	if err != nil || !slices.Equal(names, []string{"c", "a", "b"}) {
		t.Errorf("got %q, %v", names, err)
	}
	if found[0].size != 1 || found[0].modified != 999*int64(time.Second) {
		t.Errorf("got %+v", found[0])
	}
	if _, err := findFiles(filepath.Join(dir, "missing")); err == nil {
		t.Error("a folder that does not exist")
	}
}

func TestStability(t *testing.T) {
	written := false
	s := stability{written: func(string) bool { return written }, since: make(map[string]stableFile)}
	start := time.Unix(1e9, 0)
	f := foundFile{"a", 5, 100}
	longer, later := foundFile{"a", 6, 100}, foundFile{"a", 6, 101}
	for _, step := range []struct {
		file    foundFile
		after   time.Duration
		written bool
		want    bool
	}{
		{f, 0, false, false},
		{f, 2 * time.Second, false, false},
		{longer, 3 * time.Second, false, false}, // it has grown
		{longer, 5 * time.Second, false, false},
		{later, 6 * time.Second, false, false}, // it was written again
		{later, 9 * time.Second, true, false},  // a program has it open
		{later, 11 * time.Second, false, false},
		{later, 12 * time.Second, false, true},
	} {
		written = step.written
		if got := s.ready(step.file, start.Add(step.after)); got != step.want {
			t.Errorf("after %v: got %v", step.after, got)
		}
	}
	other := foundFile{"b", 1, 1}
	kept := s.keep([]foundFile{other, later}, map[string]foundFile{"b": other})
	if !slices.Equal(kept, []foundFile{other}) || len(s.since) != 0 {
		t.Errorf("kept %v, knows %v", kept, s.since)
	}
}
