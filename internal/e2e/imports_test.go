package e2e_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/mesibo/mesibotest"
)

// past is a message from another program, so many minutes ago.
func past(n, minutes int) mesibo.ImportedMessage {
	return mesibo.ImportedMessage{
		Source: fmt.Sprintf("test:1:%d", n), Address: "bob", Time: time.Now().Add(-time.Duration(minutes) * time.Minute),
		Text: fmt.Sprintf("past %d", n),
	}
}

func (d *device) imports(p mesibo.MessageParams, list ...mesibo.ImportedMessage) mesibo.ImportResult {
	d.t.Helper()
	done, err := d.ImportMessages(d.t.Context(), p, list)
	d.must(err)
	return done
}

func fileOf(path string) *mesibo.ImportedFile {
	return &mesibo.ImportedFile{
		Open: func() (fs.File, error) { return os.Open(path) }, Title: filepath.Base(path), Missing: "A file, missing",
	}
}

// What is imported is this device's alone: neither the peer nor another device of the user hears of it, nor of what is
// done to it.
func TestImport_stays_here(t *testing.T) {
	t.Parallel()
	s, alice, bob := pair(t)
	second := online(t, s.Token("alice"))
	talk(alice, bob)
	second.awaitLine("message hi alice RECEIVEDNEW")
	entries := len(alice.entries(""))
	own := past(2, 50)
	own.Own, own.Address, own.Answers, own.File = true, "", past(1, 0).Source, fileOf(writeBytes(t, "a.jpg", withComment(t, 40)))
	stranger := past(3, 40)
	stranger.Address, stranger.Author, stranger.Forwarded, stranger.Origin = "", "Carol C.", true, "Dan"
	lost := past(4, 30)
	lost.File = fileOf(filepath.Join(t.TempDir(), "none.txt"))
	got := alice.imports(toBob(), past(1, 60), own, stranger, lost)
	if got.Added != 4 || got.Known != 0 || got.Files != 1 || got.Missing != 1 || got.Bytes == 0 {
		t.Errorf("imported: %+v", got)
	}
	if got := alice.imports(toBob(), lost, past(1, 60), own); got.Added != 0 || got.Known != 3 || got.Files != 0 {
		t.Errorf("the second time: %+v", got)
	}
	alice.wantHistory("bob", "past 1 RECEIVEDREAD", "past 3 RECEIVEDREAD", // the file has another callback
		"A file, missing\npast 4 RECEIVEDREAD", "hi bob DELIVERED", "hi alice RECEIVEDNEW")
	if got := alice.entries("")[entries:]; len(got) != 0 {
		t.Errorf("listeners were called: %q", got)
	}
	if n := alice.UnreadCount(); n != 1 {
		t.Errorf("%d are unread", n)
	}
	read := alice.read("bob")
	if m := read[2]; m.Imported == nil || *m.Imported != (mesibo.Imported{Author: "Carol C.", Origin: "Dan"}) || !m.IsForwarded() {
		t.Errorf("a stranger's: %+v", m.MessageParams)
	}
	if m := read[1]; m.RefID != read[0].Mid || !m.IsOutgoing() || m.File == nil || !m.File.IsTransferred() ||
		m.File.Type != mesibo.FileTypeImage || m.File.Width != 40 || m.File.Title != "a.jpg" {
		t.Errorf("an own one: %+v, %+v", m.MessageParams, m.File)
	}
	copied := read[1].File.Path
	if paths, err := alice.GetFilePaths(); err != nil || !slices.Equal(paths, []string{copied}) {
		t.Errorf("files to back up: %q, %v", paths, err)
	}

	for name, err := range map[string]error{
		"recall":  alice.DeleteMessage(read[1].Mid, mesibo.DeleteRecall),
		"react":   alice.SendReaction(toBob(), read[0].Mid, "👍"),
		"pin":     alice.PinMessage(toBob(), 0, read[0].Mid, true),
		"receipt": func() error { r, err := alice.GetReceipts(read[1].Mid); return errors.Join(err, fmt.Errorf("%v", r)) }(),
	} {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if alice.MayBeModified(read[1].Mid) || alice.MayBeRecalled(read[1].Mid) {
		t.Error("it may be changed")
	}
	alice.must(alice.SendReadReceipt(toBob(), read[3].Mid))
	alice.must(alice.DeleteMessage(read[1].Mid, mesibo.DeleteDefault))
	if _, err := os.Stat(copied); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the file of a deleted message: %v", err)
	}
	if got := alice.imports(toBob(), own); got.Added != 0 || got.Known != 1 {
		t.Errorf("a deleted one: %+v", got)
	}
	alice.send("bob", 5, "done")
	bob.awaitLine("message done RECEIVEDNEW")
	alice.awaitLine("status 5 DELIVERED")
	second.awaitLine("status 5 DELIVERED")
	bob.wantLines("message", "message hi bob RECEIVEDNEW", "message done RECEIVEDNEW")
	bob.wantLines("deleted")
	bob.wantLines("update")
	second.wantHistory("bob", "hi bob DELIVERED", "hi alice RECEIVEDNEW", "done DELIVERED")
}

// read returns a chat, oldest first.
func (d *device) read(peer string) []*mesibo.Message {
	d.t.Helper()
	s := d.NewReadDbSession(peer, 0, "", nil)
	defer s.Stop()
	s.EnableFifo(true)
	var out []*mesibo.Message
	for m, err := range s.Messages(0) {
		d.must(err)
		out = append(out, m)
	}
	return out
}

// An imported message is forwarded like any other: the text, or the file, goes to the server then.
func TestImport_forward(t *testing.T) {
	t.Parallel()
	_, alice, bob := carriedPair(t)
	photo := past(2, 50)
	photo.File = fileOf(writeBytes(t, "a.jpg", withComment(t, 40)))
	self := mesibo.MessageParams{Peer: "alice"}
	alice.imports(self, past(1, 60), photo)
	read := alice.read("alice")
	alice.must(alice.ForwardMessage(toBob(), 1, read[0].Mid))
	alice.must(alice.ForwardMessage(toBob(), 2, read[1].Mid))
	bob.await("both", func() bool { return len(bob.read("alice")) == 2 })
	got := bob.read("alice")
	slices.SortFunc(got, func(a, b *mesibo.Message) int { return len(a.Data) - len(b.Data) })
	for _, m := range got {
		if m.Imported != nil || !m.IsForwarded() {
			t.Errorf("got %+v", m.MessageParams)
		}
	}
}

func TestImport_refused(t *testing.T) {
	t.Parallel()
	_, alice, _ := pair(t)
	for name, change := range map[string]func(m *mesibo.ImportedMessage){
		"no source": func(m *mesibo.ImportedMessage) { m.Source = "" },
		"no text":   func(m *mesibo.ImportedMessage) { m.Text = "\xff" },
		"too long":  func(m *mesibo.ImportedMessage) { m.Text = string(make([]byte, 1<<17)) },
		"time":      func(m *mesibo.ImportedMessage) { m.Time = time.Unix(1<<40, 0) },
		"address":   func(m *mesibo.ImportedMessage) { m.Address = "not an address\n" },
		"place":     func(m *mesibo.ImportedMessage) { m.Location = &mesibo.Location{Lat: 91} },
	} {
		bad := past(2, 1)
		change(&bad)
		_, err := alice.ImportMessages(t.Context(), toBob(), []mesibo.ImportedMessage{past(1, 2), bad})
		if !errors.Is(err, mesibo.ResultBadRequest) {
			t.Errorf("%s: %v", name, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := alice.ImportMessages(ctx, toBob(), []mesibo.ImportedMessage{past(1, 2)}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	alice.wantHistory("bob")
}

const killedImports = 4000

// importAll imports numbered messages, each tenth with a file, and prints how many there are.
func importAll(token, dir, file string) error {
	m, err := mesibo.New(mesibo.Options{Path: dir, AccessToken: token, Database: "test.db"})
	if err != nil {
		return err
	}
	fmt.Println("ready")
	const batch = 50
	for first := 1; first <= killedImports; first += batch {
		list := make([]mesibo.ImportedMessage, 0, batch)
		for n := first; n < first+batch; n++ {
			one := past(n, 2*killedImports-n)
			if n%10 == 0 {
				one.File = fileOf(file)
				one.File.Title = fmt.Sprintf("%d.txt", n)
			}
			list = append(list, one)
		}
		if _, err := m.ImportMessages(context.Background(), toBob(), list); err != nil {
			return err
		}
		fmt.Println(first + batch - 1)
	}
	return m.Shutdown(context.Background())
}

// An import that is killed leaves whole messages with whole files, and the next one completes it.
func TestImport_kill_9(t *testing.T) {
	t.Parallel()
	token, dir := mesibotest.NewServer(t).Token("alice"), t.TempDir()
	file := writeBytes(t, "a.txt", make([]byte, 100_000))
	p := &process{t: t, part: "import", args: []string{token, dir, file}}
	for kill := range 3 {
		p.start()
		deadline := time.Now().Add(patience)
		for p.last() < (kill+1)*400 && time.Now().Before(deadline) {
			<-time.After(time.Millisecond)
		}
		p.kill()
		alice := newDevice(t, token, dir)
		checkImported(t, alice, p.last())
		alice.end()
	}
	p.start()
	p.finish()
	alice := newDevice(t, token, dir)
	checkImported(t, alice, killedImports)
	alice.start()
	alice.await("what was not completed is removed", func() bool {
		found, err := filepath.Glob(filepath.Join(alice.GetFilePath(mesibo.FileTypeOther), "imported", "*"))
		return err == nil && len(found) == killedImports/10
	})
}

func (p *process) last() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.accepted
}

// checkImported checks that at least so many of the numbered messages are here, each once, in order, with its file.
func checkImported(t *testing.T, d *device, least int) {
	t.Helper()
	all := d.read("bob")
	if len(all) < least {
		t.Fatalf("%d messages, want %d", len(all), least)
	}
	for i, m := range all {
		if want := fmt.Sprintf("past %d", i+1); string(m.Data) != want {
			t.Fatalf("message %d is %q", i+1, m.Data)
		}
		if (i+1)%10 != 0 {
			continue
		}
		if info, err := os.Stat(m.File.GetPath()); err != nil || info.Size() != 100_000 {
			t.Fatalf("the file of message %d: %v", i+1, err)
		}
	}
}
