package e2e_test

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/mesibo/mesibotest"
)

// follow writes what happens to the files of the device's folder to the diary.
func (d *device) follow() {
	d.t.Helper()
	d.must(d.AddListener(folderNotes{d}))
}

type folderNotes struct{ d *device }

func (l folderNotes) OnSendFolder(f *mesibo.FolderFile) {
	l.d.note(nil, "folder %s %d %v", filepath.Base(f.Path), f.State, f.Err)
}

// names lists the files of a folder.
func names(t *testing.T, folder string) []string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		if !e.IsDir() {
			out = append(out, e.Name())
		}
	}
	return out
}

func TestSendFolder_what_is_sent(t *testing.T) {
	t.Parallel()
	_, alice, bob := carriedPair(t)
	bob.everything()
	alice.follow()
	folder := t.TempDir()
	put := func(name string, data []byte) string {
		path := filepath.Join(folder, name)
		must(t, os.WriteFile(path, data, 0o600))
		return path
	}
	put("old.txt", []byte("was here before"))
	alice.must(alice.SetSendFolder(mesibo.SendFolder{Path: folder, Peer: "bob"}))
	if got := alice.GetSendFolder(); got.Path != folder || got.Peer != "bob" {
		t.Errorf("set: %+v", got)
	}
	letter := noise(3000)
	put("empty.txt", nil) // the older one is sent first
	put("letter.pdf", letter)
	put(".hidden", []byte("x"))
	put("film.mp4.part", []byte("x"))
	put("film.mp4", []byte("the beginning"))
	put("text.txt~", []byte("x"))
	must(t, os.Mkdir(filepath.Join(folder, "sub"), 0o700), os.WriteFile(filepath.Join(folder, "sub", "deep.txt"),
		[]byte("x"), 0o600),
		os.Symlink("/etc/hostname", filepath.Join(folder, "link")))
	// A file that is being written: it grows until the other one has been sent.
	slow, err := os.Create(filepath.Join(folder, "slow.bin"))
	must(t, err)
	_, err = slow.WriteString("one ")
	must(t, err)
	alice.awaitLine("folder empty.txt 2 " + mesibo.ErrFolderFileEmpty.Error())
	alice.awaitLine("folder letter.pdf 1 <nil>")
	bob.awaitFetched("letter.pdf", letter)
	_, err = slow.WriteString("two")
	must(t, err, slow.Close())
	alice.awaitLine("folder slow.bin 1 <nil>")
	bob.awaitFetched("slow.bin", []byte("one two"))
	alice.wantLines("folder", "folder empty.txt 2 "+mesibo.ErrFolderFileEmpty.Error(),
		"folder letter.pdf 0 <nil>", "folder letter.pdf 1 <nil>",
		"folder slow.bin 0 <nil>", "folder slow.bin 1 <nil>")
	if got := names(t, filepath.Join(folder, "sent")); !slices.Equal(got, []string{"letter.pdf", "slow.bin"}) {
		t.Errorf("sent: %q", got)
	}
	if f := alice.file(alice.lastFile("bob")); f.Path != filepath.Join(folder, "sent", "slow.bin") || !f.IsTransferred() {
		t.Errorf("the message's file: %+v", f)
	}
	if n := len(alice.entries("file ")); n != 2 {
		t.Errorf("%d own messages with files in the diary", n)
	}
	put("empty.txt", []byte("not any more"))
	put("letter.pdf", letter) // again
	must(t, os.Remove(filepath.Join(folder, "film.mp4.part")))
	for _, name := range []string{"empty.txt", "letter (2).pdf", "film.mp4"} {
		alice.awaitLine("folder " + name + " 1 <nil>")
	}
	alice.must(alice.SetSendFolder(mesibo.SendFolder{}))
	if files, err := alice.GetSendFolderFiles(); err != nil || len(files) != 0 ||
		alice.GetSendFolder() != (mesibo.SendFolder{}) {
		t.Errorf("switched off: %+v, %v", files, err)
	}
	if got := names(t, folder); !slices.Contains(got, "old.txt") {
		t.Errorf("what was there before is gone: %q", got)
	}
}

func TestSendFolder_refusals(t *testing.T) {
	t.Parallel()
	srv := mesibotest.NewServer(t)
	srv.AddUser("bob", "Bob")
	dir := t.TempDir()
	alice := carried(t, srv.Token("alice"), dir, &cables{})
	alice.follow()
	alice.must(alice.CreatePath("mine"))
	file := writeFile(t, "a", "a")
	for name, f := range map[string]mesibo.SendFolder{
		"nobody":        {Path: t.TempDir()},
		"two":           {Path: t.TempDir(), Peer: "bob", GroupID: 7},
		"not there":     {Path: filepath.Join(t.TempDir(), "missing"), Peer: "bob"},
		"a file":        {Path: file, Peer: "bob"},
		"its own":       {Path: dir, Peer: "bob"},
		"one of its":    {Path: filepath.Join(dir, "mine"), Peer: "bob"},
		"a bad address": {Path: t.TempDir(), Peer: strings.Repeat("x", 100)},
	} {
		if err := alice.SetSendFolder(f); !errors.Is(err, mesibo.ResultBadRequest) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := alice.GetSendFolder(); got != (mesibo.SendFolder{}) {
		t.Errorf("set: %+v", got)
	}
	folder := t.TempDir()
	alice.must(alice.SetSendFolder(mesibo.SendFolder{Path: folder, Peer: "nobody"}))
	must(t, os.WriteFile(filepath.Join(folder, "a.txt"), []byte("a"), 0o600))
	alice.awaitLine("folder a.txt 2 the message was not sent: INVALIDDEST")
	files, err := alice.GetSendFolderFiles()
	if err != nil || len(files) != 1 || files[0].State != mesibo.FolderFileRefused || files[0].Mid == 0 ||
		files[0].Err == nil {
		t.Errorf("refused: %+v, %v", files, err)
	}
	// A file that the server refuses.
	alice.must(alice.SetSendFolder(mesibo.SendFolder{Path: folder, Peer: "bob"}))
	large := filepath.Join(folder, "large.iso")
	must(t, os.WriteFile(large, nil, 0o600), os.Truncate(large, 4<<30+1)) // a sparse file
	alice.awaitLine("folder large.iso 2 " + mesibo.ErrFileTooLarge.Error())
	must(t, os.Remove(large))
	// A message that was cancelled is not sent again.
	alice.must(alice.SetSendFolder(mesibo.SendFolder{Path: folder, Peer: "bob"}))
	alice.must(alice.SetFileTransferLimits(mesibo.FileTransferLimits{UploadRate: 32 << 10}))
	must(t, os.WriteFile(filepath.Join(folder, "b.bin"), noise(1<<20), 0o600))
	alice.awaitLine("folder b.bin 0 <nil>")
	if files, err = alice.GetSendFolderFiles(); err != nil || len(files) != 1 {
		t.Fatalf("waiting: %+v, %v", files, err)
	}
	alice.must(alice.Cancel(toBob(), uint32(files[0].Mid)))
	alice.awaitLine("folder b.bin 2 " + mesibo.ErrFolderFileWithdrawn.Error())
	must(t, os.Remove(filepath.Join(folder, "b.bin")))
	alice.await("forgotten", func() bool {
		files, err := alice.GetSendFolderFiles()
		return err == nil && len(files) == 0
	})
}

// sendFolder is the program that TestSendFolder_killed kills: it sends what appears in a folder.
func sendFolder(token, dir, folder string) error {
	m, err := mesibo.New(mesibo.Options{Path: dir, AccessToken: token, Database: "test.db"})
	if err != nil {
		return err
	}
	if m.GetSendFolder().Path == "" {
		if err := m.SetSendFolder(mesibo.SendFolder{Path: folder, Peer: "bob"}); err != nil {
			return err
		}
	}
	if err := m.Start(); err != nil {
		return err
	}
	fmt.Println("ready")
	select {} // until it is killed
}

// TestSendFolder_killed kills the sender again and again: each file arrives once.
func TestSendFolder_killed(t *testing.T) {
	t.Parallel()
	srv := mesibotest.NewServer(t)
	bob := carried(t, srv.Token("bob"), t.TempDir(), &cables{})
	token, dir, folder := srv.Token("alice"), t.TempDir(), t.TempDir()
	const files = 50
	child := &process{t: t, part: "folder", args: []string{token, dir, folder}}
	child.start()
	for i := range files {
		must(t, os.WriteFile(filepath.Join(folder, fmt.Sprintf("%d.bin", i)), noise(1000+i), 0o600))
	}
	arrived := func() int { return len(bob.entries("file ")) }
	for kills := range 8 {
		more := min(files, arrived()+1+kills*2)
		bob.await("files", func() bool { return arrived() >= more })
		child.kill()
		child.start()
	}
	sent := filepath.Join(folder, "sent")
	bob.await("all moved", func() bool { return len(names(t, sent)) == files })
	child.kill()
	alice := carried(t, token, dir, &cables{}) // and once more, without a kill
	alice.await("nothing left to do", func() bool {
		left, err := alice.GetSendFolderFiles()
		return err == nil && len(left) == 0 && alice.OutboxCount() == 0
	})
	var titles []string
	for _, r := range bob.messages() {
		titles = append(titles, r.text)
	}
	slices.Sort(titles)
	if len(titles) != files || len(slices.Compact(titles)) != files {
		t.Errorf("%d files arrived: %q", len(titles), titles)
	}
	for i := range files {
		info, err := os.Stat(filepath.Join(sent, fmt.Sprintf("%d.bin", i)))
		if err != nil || info.Size() != int64(1000+i) {
			t.Errorf("file %d: %v", i, err)
		}
	}
	if left := names(t, folder); len(left) != 0 {
		t.Errorf("left: %q", left)
	}
}

// TestSendFolder_offline queues files while the server is down, and removes and restores the folder.
func TestSendFolder_offline(t *testing.T) {
	t.Parallel()
	srv, alice, bob := carriedPair(t)
	alice.follow()
	bob.awaitLine("ONLINE")
	alice.awaitLine("ONLINE")
	folder := filepath.Join(t.TempDir(), "out")
	must(t, os.Mkdir(folder, 0o700))
	alice.must(alice.SetSendFolder(mesibo.SendFolder{Path: folder, Peer: "bob"}))
	srv.Kill()
	must(t, os.WriteFile(filepath.Join(folder, "a.txt"), []byte("a"), 0o600))
	alice.awaitLine("folder a.txt 0 <nil>")
	srv.Start()
	alice.awaitLine("folder a.txt 1 <nil>")
	must(t, os.Rename(folder, folder+"2"))
	alice.must(alice.SendMessageString(toBob(), 1, "meanwhile"))
	alice.awaitSent(1)
	must(t, os.WriteFile(filepath.Join(folder+"2", "b.txt"), []byte("b"), 0o600), os.Rename(folder+"2", folder))
	alice.awaitLine("folder b.txt 1 <nil>")
	bob.await("both", func() bool { return len(bob.entries("file ")) == 2 })
}

// TestSendFolder_restarted restarts the SDK while it sends pictures, which are sent as copies.
func TestSendFolder_restarted(t *testing.T) {
	t.Parallel()
	srv := mesibotest.NewServer(t)
	bob := carried(t, srv.Token("bob"), t.TempDir(), &cables{})
	token, dir, folder := srv.Token("alice"), t.TempDir(), t.TempDir()
	alice := carried(t, token, dir, &cables{})
	alice.must(alice.SetSendFolder(mesibo.SendFolder{Path: folder, Peer: "bob"}))
	alice.Stop() // while stopped, the folder is not read
	for i := range 4 {
		must(t, os.WriteFile(filepath.Join(folder, fmt.Sprintf("%d.jpg", i)), holiday(t, i), 0o600))
	}
	for range 3 {
		alice.must(alice.Start())
		alice.await("some are queued or sent", func() bool {
			return len(alice.entries("file ")) > 0 || len(names(t, filepath.Join(folder, "sent"))) > 0
		})
		alice.end()
		alice = carried(t, token, dir, &cables{})
	}
	bob.await("all four", func() bool { return len(bob.entries("file ")) == 4 })
	alice.await("all moved", func() bool { return len(names(t, filepath.Join(folder, "sent"))) == 4 })
	if n := len(bob.entries("file ")); n != 4 {
		t.Errorf("%d arrived", n)
	}
}

// holiday returns a picture that says where it was taken.
func holiday(t *testing.T, n int) []byte {
	t.Helper()
	var plain bytes.Buffer
	if err := jpeg.Encode(&plain, image.NewGray(image.Rect(0, 0, 50+n, 30)), nil); err != nil {
		t.Fatal(err)
	}
	return append([]byte("\xff\xd8\xff\xfe\x00\x15N 48.2082 E 16.3738"), plain.Bytes()[2:]...)
}
