package archive_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/archive"
)

const passphrase = "correct horse"

// written is a backup with two files, the second larger than a chunk of the encryption.
func written(t *testing.T) (file string, large []byte) {
	t.Helper()
	dir := t.TempDir()
	large = bytes.Repeat([]byte("Parley "), 100_000)
	small := filepath.Join(dir, "a.txt")
	big := filepath.Join(dir, "b.bin")
	if err := errors.Join(os.WriteFile(small, []byte("secret words"), 0o600), os.WriteFile(big, large, 0o600),
		os.Chtimes(big, time.Time{}, time.Unix(1_700_000_000, 123_456_789))); err != nil {
		t.Fatal(err)
	}
	file = filepath.Join(t.TempDir(), "x.parley")
	var done, all int64
	err := archive.Write(t.Context(), file, archive.Key{Passphrase: passphrase, WorkFactor: 10},
		archive.Manifest{Account: archive.Account{Address: "alice", Token: "t"}, Base: "/old", Created: time.Unix(1, 0)},
		[]archive.File{{"files/a.txt", small}, {"b.bin", big}, {"gone", filepath.Join(dir, "gone")}},
		func(d, a int64) { done, all = d, a })
	if err != nil {
		t.Fatal(err)
	}
	if want := int64(len(large) + len("secret words")); done != want || all != want {
		t.Errorf("progress: got %d of %d, want %d", done, all, want)
	}
	return file, large
}

type found struct {
	manifest archive.Manifest
	entries  map[string][]byte
	modified map[string]time.Time
}

func read(ctx context.Context, file, passphrase string) (f found, err error) {
	f = found{entries: map[string][]byte{}, modified: map[string]time.Time{}}
	err = archive.Read(ctx, file, passphrase, nil, func(m archive.Manifest) error {
		f.manifest = m
		return nil
	}, func(e *archive.Entry) error {
		data, err := io.ReadAll(e)
		f.entries[e.Name], f.modified[e.Name] = data, e.Modified
		return err
	})
	return f, err
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	file, large := written(t)
	f, err := read(t.Context(), file, passphrase)
	if err != nil {
		t.Fatal(err)
	}
	if f.manifest.Account.Address != "alice" || f.manifest.Base != "/old" {
		t.Errorf("manifest: got %+v", f.manifest)
	}
	if len(f.entries) != 2 || string(f.entries["files/a.txt"]) != "secret words" || !bytes.Equal(f.entries["b.bin"], large) {
		t.Errorf("got %d entries", len(f.entries))
	}
	if got := f.modified["b.bin"]; !got.Equal(time.Unix(1_700_000_000, 123_456_789)) {
		t.Errorf("modified: got %v", got)
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(raw, []byte("secret")) || bytes.Contains(raw, []byte("alice")) {
		t.Error("the file has plain text")
	}
	if left, _ := os.ReadDir(filepath.Dir(file)); len(left) != 1 {
		t.Errorf("left in the folder: %v", left)
	}
}

func TestRead_refusals(t *testing.T) {
	t.Parallel()
	file, _ := written(t)
	if _, err := read(t.Context(), file, "wrong horse"); !errors.Is(err, archive.ErrPassphrase) {
		t.Errorf("other passphrase: got %v", err)
	}
	if _, err := read(t.Context(), file, ""); !errors.Is(err, archive.ErrPassphrase) {
		t.Errorf("no passphrase: got %v", err)
	}
	if _, err := read(t.Context(), file+"x", passphrase); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: got %v", err)
	}
	if _, err := read(t.Context(), t.TempDir(), passphrase); !errors.Is(err, archive.ErrNotBackup) {
		t.Errorf("a folder: got %v", err)
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(t.TempDir(), "y")
	for name, c := range map[string]struct {
		content []byte
		want    error
	}{
		"empty":              {nil, archive.ErrNotBackup},
		"text":               {[]byte("Dear diary"), archive.ErrNotBackup},
		"cut in the header":  {raw[:60], archive.ErrNotBackup},
		"cut after it":       {raw[:300], archive.ErrDamaged},
		"cut in the middle":  {raw[:len(raw)/2], archive.ErrDamaged},
		"cut at a chunk":     {raw[:len(raw)-len(raw)%(64<<10)], archive.ErrDamaged},
		"without one byte":   {raw[:len(raw)-1], archive.ErrDamaged},
		"with one byte more": {append(bytes.Clone(raw), 0), archive.ErrDamaged},
		"changed":            {append(append(bytes.Clone(raw[:5000]), raw[5000]^1), raw[5001:]...), archive.ErrDamaged},
	} {
		if err := os.WriteFile(other, c.content, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := read(t.Context(), other, passphrase); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
}

func TestWrite_cancelled(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "x.parley")
	if err := os.WriteFile(file, []byte("the one before"), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	err := archive.Write(ctx, file, archive.Key{Passphrase: passphrase, WorkFactor: 10}, archive.Manifest{}, []archive.File{{"a", file}, {"b", file}},
		func(int64, int64) { cancel() })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want it cancelled", err)
	}
	if got, err := os.ReadFile(file); err != nil || string(got) != "the one before" {
		t.Errorf("the file before: got %q, %v", got, err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 1 {
		t.Errorf("left in the folder: %v", left)
	}
}
