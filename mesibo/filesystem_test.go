package mesibo_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/parley-chat/parley/mesibo"
)

// instance makes one whose base path is a folder of the test.
func instance(t *testing.T) (m *mesibo.Mesibo, base string) {
	t.Helper()
	base = filepath.Join(t.TempDir(), "base")
	m, err := mesibo.New(mesibo.Options{Path: base})
	if err == nil {
		err = m.SetPath(base)
	}
	if err != nil {
		t.Fatal(err)
	}
	return m, base
}

func must(t *testing.T, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

func wantFile(t *testing.T, path, want string) {
	t.Helper()
	got, err := os.ReadFile(path)
	if err != nil || string(got) != want {
		t.Errorf("%s: got %q, %v, want %q", path, got, err, want)
	}
}

// noLeftovers checks that no temporary files stayed.
func noLeftovers(t *testing.T, dir string) {
	t.Helper()
	must(t, filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if strings.Contains(path, ".tmp") || strings.HasSuffix(path, ".part") {
			t.Errorf("left over: %s", path)
		}
		return err
	}))
}

func TestCreateFile(t *testing.T) {
	m, base := instance(t)
	must(t, m.CreateFile("", "a.txt", []byte("one"), false))
	wantFile(t, filepath.Join(base, "a.txt"), "one")
	if err := m.CreateFile("", "a.txt", []byte("two"), false); !errors.Is(err, fs.ErrExist) ||
		!errors.Is(err, mesibo.ResultBadRequest) {
		t.Errorf("existing: got %v", err)
	}
	wantFile(t, filepath.Join(base, "a.txt"), "one")
	must(t, m.CreateFile("", "a.txt", []byte("two"), true), m.CreatePath("deep/er"),
		m.CreateFile("deep/er", "b", nil, false),
		m.CreateFile(filepath.Join(base, "deep"), "c", []byte("abs"), false))
	wantFile(t, filepath.Join(base, "a.txt"), "two")
	wantFile(t, filepath.Join(base, "deep", "er", "b"), "")
	wantFile(t, filepath.Join(base, "deep", "c"), "abs")
	if runtime.GOOS != "windows" {
		info, err := os.Stat(filepath.Join(base, "a.txt"))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("mode %v, %v", info.Mode(), err)
		}
	}
	noLeftovers(t, base)
}

func TestCreateFile_refuses(t *testing.T) {
	m, base := instance(t)
	outside := t.TempDir()
	must(t, os.MkdirAll(filepath.Join(base, "folder"), 0o700), os.Symlink(outside, filepath.Join(base, "way")))
	for name, c := range map[string]struct {
		path, file string
		want       error
	}{
		"empty":             {"", "", mesibo.ErrFileName},
		"NUL in the name":   {"", "a\x00b", mesibo.ErrFileName},
		"NUL in the folder": {"x\x00", "a", mesibo.ErrFileName},
		"up":                {"", "..", mesibo.ErrFileName},
		"itself":            {"", ".", mesibo.ErrFileName},
		"separator":         {"", "folder/a", mesibo.ErrFileName},
		"other separator":   {"", `folder\a`, mesibo.ErrFileName},
		"up in the folder":  {"..", "a", mesibo.ErrFileName},
		"up further":        {"folder/../../x", "a", mesibo.ErrFileName},
		"way out by a link": {"way", "a", mesibo.ResultFail},
		"no such folder":    {"missing", "a", fs.ErrNotExist},
		"a folder is there": {"", "folder", mesibo.ErrFileKind},
		"4000 characters":   {"", strings.Repeat("x", 4000), mesibo.ResultBadRequest},
		"a file as folder":  {os.Args[0], "a", mesibo.ErrFileKind},
	} {
		if err := m.CreateFile(c.path, c.file, []byte("x"), true); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
	if entries, err := os.ReadDir(outside); err != nil || len(entries) != 0 {
		t.Errorf("outside: %v, %v", entries, err)
	}
	noLeftovers(t, base)
}

func TestCreateFile_replaces_a_link_instead_of_following_it(t *testing.T) {
	m, base := instance(t)
	outside := filepath.Join(t.TempDir(), "precious")
	must(t, os.WriteFile(outside, []byte("keep"), 0o600), os.Symlink(outside, filepath.Join(base, "a")))
	if err := m.CreateFile("", "a", []byte("x"), false); !errors.Is(err, fs.ErrExist) {
		t.Errorf("got %v", err)
	}
	must(t, m.CreateFile("", "a", []byte("x"), true))
	wantFile(t, outside, "keep")
	wantFile(t, filepath.Join(base, "a"), "x")
}

func TestCreateFile_without_permission(t *testing.T) {
	if os.Geteuid() == 0 { // root may write everywhere but where the kernel itself refuses
		m, _ := instance(t)
		if err := m.CreateFile("/proc", "a", nil, false); err == nil {
			t.Error("a file was made in /proc")
		}
		return
	}
	m, base := instance(t)
	must(t, os.Chmod(base, 0o500))
	t.Cleanup(func() { must(t, os.Chmod(base, 0o700)) })
	if err := m.CreateFile("", "a", nil, false); !errors.Is(err, mesibo.ResultDenied) {
		t.Errorf("got %v, want ResultDenied", err)
	}
}

// Only one of several writers without overwrite may win, and the file is always a complete one.
func TestCreateFile_at_once(t *testing.T) {
	m, base := instance(t)
	var wg sync.WaitGroup
	var mu sync.Mutex
	var won []byte
	for i := range 8 {
		wg.Go(func() {
			data := bytes.Repeat([]byte{byte('a' + i)}, 50_000)
			if err := m.CreateFile("", "a", data, false); err == nil {
				mu.Lock()
				defer mu.Unlock()
				if won != nil {
					t.Error("two won")
				}
				won = data
			} else if !errors.Is(err, fs.ErrExist) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	wantFile(t, filepath.Join(base, "a"), string(won))
	noLeftovers(t, base)
}

func TestFileExists(t *testing.T) {
	m, base := instance(t)
	outside := filepath.Join(t.TempDir(), "a")
	must(t, m.CreateFile("", "a", nil, false), os.WriteFile(outside, nil, 0o600),
		os.Symlink(outside, filepath.Join(base, "out")),
		os.Symlink("a", filepath.Join(base, "in")))
	for path, want := range map[string]bool{
		"a": true, "in": true, filepath.Join(base, "a"): true, outside: true,
		"": false, "b": false, "..": false, "../base/a": false, "out": false, "a\x00": false, base: false,
		os.DevNull: false, strings.Repeat("x", 4000): false, filepath.Join(base, "missing", "a"): false,
	} {
		if got := m.FileExists(path); got != want {
			t.Errorf("%.40q: got %v, want %v", path, got, want)
		}
	}
}

func TestRenameFile(t *testing.T) {
	m, base := instance(t)
	elsewhere := t.TempDir()
	must(t, m.CreateFile("", "a", []byte("a"), false), m.CreateFile("", "b", []byte("b"), false),
		m.CreatePath("folder"))
	for name, c := range map[string]struct {
		src, dest string
		forced    bool
		want      error
	}{
		"existing":        {"a", "b", false, fs.ErrExist},
		"existing abroad": {"a", filepath.Join(base, "b"), false, fs.ErrExist},
		"missing":         {"c", "d", true, fs.ErrNotExist},
		"over a folder":   {"a", "folder", true, mesibo.ErrFileKind},
		"of a folder":     {"folder", "d", true, mesibo.ErrFileKind},
		"out":             {"a", "../a", true, mesibo.ErrFileName},
		"in":              {"../a", "a", true, mesibo.ErrFileName},
		"device":          {os.DevNull, "d", true, mesibo.ErrFileKind},
		"no folder":       {"a", "missing/a", true, fs.ErrNotExist},
		"NUL":             {"a", "b\x00", true, mesibo.ErrFileName},
	} {
		if err := m.RenameFile(c.src, c.dest, c.forced); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
	wantFile(t, filepath.Join(base, "a"), "a")
	wantFile(t, filepath.Join(base, "b"), "b")
	must(t, m.RenameFile("a", "b", true), m.RenameFile("b", "folder/c", false),
		m.RenameFile("folder/c", filepath.Join(elsewhere, "d"), false))
	wantFile(t, filepath.Join(elsewhere, "d"), "a")
	must(t, m.CreateFile(elsewhere, "e", []byte("e"), false),
		m.RenameFile(filepath.Join(elsewhere, "d"), filepath.Join(elsewhere, "e"), true))
	wantFile(t, filepath.Join(elsewhere, "e"), "a")
	if m.FileExists("a") || m.FileExists("b") || m.FileExists("folder/c") ||
		m.FileExists(filepath.Join(elsewhere, "d")) {
		t.Error("a source is still there")
	}
}

// Another disk, where this machine has one: the file is copied and then deleted.
func TestRenameFile_to_another_disk(t *testing.T) {
	m, base := instance(t)
	other := filepath.Join(t.TempDir(), "other")
	if dir, err := os.MkdirTemp("/dev/shm", "mesibo"); err == nil { //nolint:usetesting // another disk on Linux
		t.Cleanup(func() { must(t, os.RemoveAll(dir)) })
		other = filepath.Join(dir, "other")
	}
	must(t, m.CreateFile("", "a", []byte("a"), false), m.RenameFile("a", other, false))
	wantFile(t, other, "a")
	must(t, m.RenameFile(other, "a", false))
	wantFile(t, filepath.Join(base, "a"), "a")
}

func TestCopyFile(t *testing.T) {
	m, base := instance(t)
	must(t, m.CreateFile("", "a", []byte("a"), false), m.CopyFile("a", "b"), m.CopyFile("b", filepath.Join(base, "c")))
	for _, name := range []string{"a", "b", "c"} {
		wantFile(t, filepath.Join(base, name), "a")
	}
	for name, c := range map[string]struct {
		src, dest string
		want      error
	}{
		"existing":  {"a", "b", fs.ErrExist},
		"itself":    {"a", "a", fs.ErrExist},
		"missing":   {"x", "y", fs.ErrNotExist},
		"endless":   {"/dev/zero", "y", mesibo.ErrFileKind},
		"folder":    {base, "y", mesibo.ErrFileKind},
		"out":       {"a", "../a", mesibo.ErrFileName},
		"long name": {"a", strings.Repeat("x", 4000), mesibo.ResultBadRequest},
	} {
		if err := m.CopyFile(c.src, c.dest); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
	noLeftovers(t, base)
}

func TestDeleteFile(t *testing.T) {
	m, base := instance(t)
	outside := filepath.Join(t.TempDir(), "precious")
	must(t, os.WriteFile(outside, []byte("keep"), 0o600), os.Symlink(outside, filepath.Join(base, "link")),
		m.CreateFile("", "a", nil, false), m.CreatePath("folder"),
		m.DeleteFile("a"), m.DeleteFile("a"), m.DeleteFile("missing/a"),
		m.DeleteFile(filepath.Join(base, "missing", "a")), m.DeleteFile("link"))
	wantFile(t, outside, "keep")
	if _, err := os.Lstat(filepath.Join(base, "link")); m.FileExists("a") || !errors.Is(err, fs.ErrNotExist) {
		t.Error("something is still there")
	}
	for path, want := range map[string]error{
		"": mesibo.ErrFileName, "..": mesibo.ErrFileName, "folder": mesibo.ErrFileKind, base: mesibo.ErrFileKind,
		"x\x00": mesibo.ErrFileName,
	} {
		if err := m.DeleteFile(path); !errors.Is(err, want) {
			t.Errorf("%q: got %v, want %v", path, err, want)
		}
	}
}

func TestCreatePath(t *testing.T) {
	m, base := instance(t)
	must(t, m.CreatePath("a/b/c"), m.CreatePath("a/b/c"), m.CreatePath(filepath.Join(base, "d", "e")),
		m.CreateFile("", "file", nil, false))
	for _, path := range []string{"a/b/c", "d/e"} {
		if info, err := os.Stat(filepath.Join(base, path)); err != nil || !info.IsDir() {
			t.Errorf("%s: %v", path, err)
		}
	}
	for _, path := range []string{"", "..", "../x", "a\x00", "/a\x00", "file", "file/x"} {
		if err := m.CreatePath(path); err == nil {
			t.Errorf("%q was made", path)
		}
	}
}

func TestGetFileName_and_type(t *testing.T) {
	m, _ := instance(t)
	for path, want := range map[string]string{
		"": "", "a": "a", "/a/b.jpg": "b.jpg", `C:\dir\b.jpg`: "b.jpg", "a/": "", "https://x/y/z.mp4": "z.mp4",
		`..\..\x`: "x",
	} {
		if got := m.GetFileName(path); got != want {
			t.Errorf("%q: got %q, want %q", path, got, want)
		}
	}
	for path, want := range map[string]mesibo.FileType{
		"a.JPG": mesibo.FileTypeImage, "x/y.webp": mesibo.FileTypeImage, "a.mkv": mesibo.FileTypeVideo,
		"a.opus": mesibo.FileTypeAudio, "a.pdf": mesibo.FileTypeOther, "": mesibo.FileTypeOther,
		"jpg": mesibo.FileTypeOther, "a.jpg.exe": mesibo.FileTypeOther,
	} {
		if got := m.GetFileType(path); got != want {
			t.Errorf("%q: got %d, want %d", path, got, want)
		}
	}
}

func TestFolders(t *testing.T) {
	m, base := instance(t)
	if m.GetBasePath() != base {
		t.Errorf("got %s", m.GetBasePath())
	}
	seen := map[string]bool{m.GetTempFilesPath(): true}
	for _, kind := range []mesibo.FileType{
		mesibo.FileTypeImage, mesibo.FileTypeVideo, mesibo.FileTypeAudio,
		mesibo.FileTypeOther, mesibo.FileTypeProfileImage,
	} {
		path := m.GetFilePath(kind)
		if seen[path] {
			t.Errorf("two kinds share %s", path)
		}
		seen[path] = true
		if info, err := os.Stat(path); err != nil || !info.IsDir() || !strings.HasPrefix(path, base) {
			t.Errorf("%s: %v", path, err)
		}
	}
	if got := m.GetDatabasePath(); got != "" {
		t.Errorf("without a database: %s", got)
	}
	must(t, m.SetDatabase("my.db", 0))
	defer func() { must(t, m.Reset()) }()
	if got, err := filepath.EvalSymlinks(m.GetDatabasePath()); err != nil || filepath.Base(got) != "my.db" {
		t.Errorf("got %s, %v", got, err)
	}
}
