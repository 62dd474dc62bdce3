package e2e_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/mesibo/mesibotest"
)

// This file tests files that the user moves, changes or deletes.

// lostLine returns the lines of the diary for a file that was lost.
func lostLine(id uint32, why error) []string {
	return []string{fmt.Sprintf("progress %d 0%% 0", id), fmt.Sprintf("failed %d: %v", id, why)}
}

// awaitLost waits until the diary has more than before lines that say that the file of a message is lost.
func (d *device) awaitLost(id uint32, why error, before int) {
	d.t.Helper()
	line := lostLine(id, why)[1]
	d.await(line, func() bool { return len(d.entries(line)) > before })
}

// awaitHere waits until the diary has more than before lines that say that a file is complete.
func (d *device) awaitHere(id uint32, before int) {
	d.t.Helper()
	line := fmt.Sprintf("progress %d 100%% 0", id)
	d.await(line, func() bool { return len(d.entries(line)) > before })
}

func (d *device) times(line string) int { return len(d.entries(line)) }

func (d *device) file(mid uint64) *mesibo.FileInfo {
	d.t.Helper()
	msg, err := d.FindMessage(mid)
	d.must(err)
	return msg.File
}

// lastFile returns the id of the newest message with a file in a chat.
func (d *device) lastFile(peer string) (mid uint64) {
	d.t.Helper()
	s := d.NewReadDbSession(peer, 0, "",
		&mesibo.ListenerFuncs{File: func(p *mesibo.MessageParams, _ *mesibo.FileInfo) {
			mid = p.Mid
		}})
	defer s.Stop()
	s.EnableFiles(true)
	_, err := s.Read(1)
	d.must(err)
	return mid
}

func must(t *testing.T, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

func TestWatch_downloaded_file(t *testing.T) {
	t.Parallel()
	srv, alice, bob := carriedPair(t)
	bob.everything()
	data := noise(100 << 10)
	alice.sendFile(1, &mesibo.FileInfo{Path: writeBytes(t, "a.bin", data)})
	path := bob.awaitFetched("a.bin", data)
	mid := bob.mid("a.bin")
	there := bob.times("progress 1 100% 0")

	// Moved away and back.
	aside := filepath.Join(t.TempDir(), "aside")
	must(t, os.Rename(path, aside))
	bob.awaitLost(1, mesibo.ErrFileMissing, 0)
	if f := bob.file(mid); f.Path != "" || f.IsTransferred() || f.Mode != mesibo.FileModeDownload ||
		!errors.Is(f.Err, mesibo.ErrFileMissing) || f.URL == "" {
		t.Errorf("moved away: %+v", f)
	}
	must(t, os.Rename(aside, path))
	bob.awaitHere(1, there)
	if f := bob.file(mid); f.Path != path || !f.IsTransferred() || f.Err != nil {
		t.Errorf("moved back: %+v", f)
	}
	// Changed, and downloaded again beside it.
	must(t, os.WriteFile(path, []byte("mine"), 0o600))
	bob.awaitLost(1, mesibo.ErrFileChanged, 0)
	bob.must(bob.StartFileTransfer(bob.file(mid)))
	bob.await("fetched again", func() bool { return bob.file(mid).IsTransferred() })
	second := bob.file(mid).Path
	if got, err := os.ReadFile(second); err != nil || !bytes.Equal(got, data) || second == path {
		t.Errorf("fetched again to %s: %d bytes, %v", second, len(got), err)
	}
	if mine, err := os.ReadFile(path); err != nil || string(mine) != "mine" {
		t.Errorf("what was changed by hand has %q, %v", mine, err)
	}
	// The folder is removed and created again.
	lost := bob.times(lostLine(1, mesibo.ErrFileMissing)[1])
	must(t, os.RemoveAll(filepath.Dir(second)))
	bob.awaitLost(1, mesibo.ErrFileMissing, lost)
	bob.must(bob.StartFileTransfer(bob.file(mid)))
	bob.await("fetched again", func() bool { return bob.file(mid).IsTransferred() })
	third := bob.file(mid).Path
	if got, err := os.ReadFile(third); err != nil || !bytes.Equal(got, data) {
		t.Errorf("fetched after the folder was removed: %d bytes, %v", len(got), err)
	}
	lost = bob.times(lostLine(1, mesibo.ErrFileMissing)[1])
	must(t, os.Remove(third))
	bob.awaitLost(1, mesibo.ErrFileMissing, lost)
	// While the program is not running: the file is checked when the message is read.
	bob.end()
	again := carried(t, srv.Token("bob"), bob.dir, &cables{})
	if f := again.file(mid); f.Path != "" || !errors.Is(f.Err, mesibo.ErrFileMissing) {
		t.Errorf("after a restart: %+v", f)
	}
	must(t, os.WriteFile(third, data, 0o600)) // the same content, written at another time
	again.awaitLost(1, mesibo.ErrFileChanged, 0)
}

func TestWatch_own_file(t *testing.T) {
	t.Parallel()
	_, alice := carriedAlone(t)
	data := noise(50 << 10)
	path := writeBytes(t, "mine.bin", data)
	f := &mesibo.FileInfo{Path: path}
	alice.sendFile(1, f)
	alice.awaitSent(1)
	mid := alice.lastFile("bob")
	if own := alice.file(mid); own.Mode != mesibo.FileModeUpload || !own.IsTransferred() { // the chat is shown
		t.Errorf("sent: %+v", own)
	}
	must(t, os.Remove(path))
	alice.awaitLost(1, mesibo.ErrFileMissing, 0)
	own := alice.file(mid)
	if own.Mode != mesibo.FileModeDownload || own.Path != "" || own.URL == "" {
		t.Errorf("deleted: %+v", own)
	}
	alice.must(alice.StartFileTransfer(own))
	alice.await("fetched", func() bool { return alice.file(mid).IsTransferred() })
	if got, err := os.ReadFile(alice.file(mid).Path); err != nil || !bytes.Equal(got, data) {
		t.Errorf("fetched: %d bytes, %v", len(got), err)
	}
}

// TestWatch_flood unpacks many files into the folder of one that matters.
func TestWatch_flood(t *testing.T) {
	t.Parallel()
	_, alice, bob := carriedPair(t)
	bob.everything()
	data := noise(1000)
	alice.sendFile(1, &mesibo.FileInfo{Path: writeBytes(t, "a.bin", data)})
	path := bob.awaitFetched("a.bin", data)
	bob.awaitHere(1, 0)
	before := len(bob.entries(""))
	for i := range 2000 {
		must(t, os.WriteFile(filepath.Join(filepath.Dir(path), fmt.Sprint(i)), nil, 0o600))
	}
	must(t, os.Remove(path))
	bob.awaitLost(1, mesibo.ErrFileMissing, 0)
	if told := bob.entries("")[before:]; !slices.Equal(told, lostLine(1, mesibo.ErrFileMissing)) {
		t.Errorf("the diary has %q", told)
	}
}

func TestSource_changes_before_it_is_sent(t *testing.T) {
	t.Parallel()
	srv := mesibotest.NewServer(t)
	srv.AddUser("bob", "Bob")
	const size = 2 << 20
	other := func(n int) []byte { return bytes.Repeat([]byte{7}, n) }
	append1 := func(path string) error {
		f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		_, err = f.WriteString("x")
		return errors.Join(err, f.Close())
	}
	replace := func(path string, n int) error {
		info, err := os.Stat(path)
		return errors.Join(err, os.WriteFile(path+".new", other(n), 0o600),
			os.Chtimes(path+".new", time.Time{}, info.ModTime()), os.Rename(path+".new", path))
	}
	for name, c := range map[string]struct {
		change func(path string) error
		want   error
	}{
		"truncated":   {func(path string) error { return os.Truncate(path, 10) }, mesibo.ErrFileChanged},
		"appended to": {append1, mesibo.ErrFileChanged},
		"written anew": {
			func(path string) error { return os.WriteFile(path, other(size), 0o600) },
			mesibo.ErrFileChanged,
		},
		"another time": {
			func(path string) error { return os.Chtimes(path, time.Time{}, time.Unix(1e9, 0)) },
			mesibo.ErrFileChanged,
		},
		"replaced, as before":  {func(path string) error { return replace(path, size) }, mesibo.ErrFileChanged},
		"replaced, other size": {func(path string) error { return replace(path, 5) }, mesibo.ErrFileChanged},
		"deleted":              {os.Remove, mesibo.ErrFileMissing},
		"renamed":              {func(path string) error { return os.Rename(path, path+"2") }, mesibo.ErrFileMissing},
		"folder renamed": {
			func(path string) error { return os.Rename(filepath.Dir(path), filepath.Dir(path)+"2") },
			mesibo.ErrFileMissing,
		},
		"a folder in its place": {
			func(path string) error { return errors.Join(os.Remove(path), os.Mkdir(path, 0o700)) },
			mesibo.ErrFileChanged,
		},
		"a file for its folder": {func(path string) error {
			return errors.Join(os.RemoveAll(filepath.Dir(path)), os.WriteFile(filepath.Dir(path), nil, 0o600))
		}, mesibo.ErrFileMissing},
		"a link in its place": {func(path string) error {
			return errors.Join(os.Rename(path, path+"2"),
				os.Symlink(os.DevNull, path))
		}, mesibo.ErrFileChanged},
	} {
		token := srv.Token("user" + strings.Map(func(r rune) rune {
			if r < 'a' || r > 'z' {
				return -1
			}
			return r
		}, name))
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			alice := carried(t, token, t.TempDir(), &cables{})
			alice.must(alice.SetFileTransferLimits(mesibo.FileTransferLimits{Uploads: 1, UploadRate: 64 << 10}))
			folder := func() string {
				dir := filepath.Join(t.TempDir(), "folder")
				must(t, os.Mkdir(dir, 0o700))
				return dir
			}
			running, waiting := filepath.Join(folder(), "a"), filepath.Join(folder(), "b")
			must(t, os.WriteFile(running, noise(size), 0o600), os.WriteFile(waiting, noise(size), 0o600))
			alice.sendFile(1, &mesibo.FileInfo{Path: running})
			alice.sendFile(2, &mesibo.FileInfo{Path: waiting})
			alice.percent(1, 1)
			begin := time.Now()
			for i, path := range []string{waiting, running} {
				must(t, c.change(path))
				id := uint32(2 - i)
				alice.awaitLine(fmt.Sprintf("failed %d: %v", id, c.want))
				alice.awaitLine(fmt.Sprintf("status %d FAIL", id))
				if f := alice.file(uint64(id)); !errors.Is(f.Err, c.want) || f.Status != mesibo.FileStatusFailed {
					t.Errorf("%d: afterwards %+v", id, f)
				}
			}
			if took := time.Since(begin); took > 30*time.Second { // the uploads would take a minute
				t.Errorf("found out after %v", took)
			}
		})
	}
}

// TestSource_own_handler deletes a file during its upload by a handler of the application.
func TestSource_own_handler(t *testing.T) {
	t.Parallel()
	alice, up := sender(t)
	path := writeFile(t, "a.txt", "a")
	alice.sendFile(1, &mesibo.FileInfo{Path: path})
	job := up.job()
	must(t, os.Remove(path))
	alice.awaitLine("status 1 FAIL")
	if stopped := <-up.stopped; stopped != job {
		t.Errorf("stopped %+v", stopped)
	}
	if err := alice.UpdateFileTransferProgress(job); !errors.Is(err, mesibo.ErrTransferEnded) {
		t.Errorf("a report after it: %v", err)
	}
	if f := alice.file(1); !errors.Is(f.Err, fs.ErrNotExist) {
		t.Errorf("afterwards %+v", f)
	}
	must(t, os.WriteFile(path, []byte("another"), 0o600))
	if err := alice.StartFileTransfer(alice.file(1)); !errors.Is(err, mesibo.ErrFileChanged) ||
		!strings.Contains(err.Error(), "changed") {
		t.Errorf("started again with another file: %v", err)
	}
}
