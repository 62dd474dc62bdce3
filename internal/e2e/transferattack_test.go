package e2e_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/png"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/mesibo/mesibotest"
)

// This file tests harmful files, and a network that is slow and breaks.

// bombPNG returns a small PNG whose header says that it is larger than any memory.
func bombPNG(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewNRGBA(image.Rect(0, 0, 4, 4))); err != nil {
		t.Fatal(err)
	}
	const side = 100_000
	data := b.Bytes()
	binary.BigEndian.PutUint32(data[16:], side)
	binary.BigEndian.PutUint32(data[20:], side)
	binary.BigEndian.PutUint32(data[29:], crc32.ChecksumIEEE(data[12:29]))
	return data
}

// uploaded uploads content and returns its URL.
func (d *device) uploaded(id uint32, name string, data []byte) string {
	d.t.Helper()
	t, ok := d.t.(*testing.T)
	if !ok {
		d.t.Fatal("not in a test")
	}
	f := &mesibo.FileInfo{Path: writeBytes(t, name, data), Type: mesibo.FileTypeOther}
	d.sendFile(id, f)
	d.awaitSent(id)
	return f.GetURL()
}

// TestTransfer_picture_bomb checks that a picture with more pixels than fit into memory is sent and received like any
// file. It measures the memory of the whole process, so it does not run in parallel with others.
func TestTransfer_picture_bomb(t *testing.T) {
	_, alice, bob := carriedPair(t)
	bomb := bombPNG(t)
	url := alice.uploaded(1, "plain.bin", bomb)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)

	alice.sendFile(2, &mesibo.FileInfo{
		URL: url, Type: mesibo.FileTypeImage, Title: "bomb.png", MimeType: "image/png", Size: int64(len(bomb)),
		Thumbnail: bomb,
		Width:     1 << 30, Height: 1 << 30,
	})
	path := bob.awaitFetched("bomb.png", bomb)
	if _, err := bob.LoadImage(path, 0); err == nil {
		t.Error("the picture was decoded")
	}
	if err := bob.MakeThumbnail(&mesibo.FileInfo{Path: path}); err == nil {
		t.Error("a thumbnail was made of it")
	}
	own := &mesibo.FileInfo{Path: writeBytes(t, "own.png", bomb), Type: mesibo.FileTypeImage}
	alice.sendFile(3, own)
	alice.awaitSent(3)
	if bob.awaitFetched("own.png", bomb); len(own.Thumbnail) != 0 {
		t.Errorf("it has a thumbnail of %d bytes", len(own.Thumbnail))
	}

	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > 200<<20 {
		t.Errorf("%d MB were allocated", n>>20)
	}
}

// fetchedAt returns the path of a message's file.
func (d *device) fetchedAt(id uint32) string {
	d.t.Helper()
	for _, r := range d.messages() {
		if uint32(r.Mid) == id {
			msg, err := d.FindMessage(r.Mid)
			d.must(err)
			return msg.File.Path
		}
	}
	d.t.Fatalf("no message %d", id)
	return ""
}

// TestTransfer_hostile_names checks that a file with any name is put into the folder for files and nowhere else.
func TestTransfer_hostile_names(t *testing.T) {
	t.Parallel()
	_, alice, bob := carriedPair(t)
	bob.everything()
	data := noise(1000)
	url := alice.uploaded(1, "plain.bin", data)
	if err := alice.SendFile(mesibo.NewMessageParams("bob", mesibo.FlagDefault), 2,
		&mesibo.FileInfo{URL: url, Title: strings.Repeat("n", 4000)}); err == nil {
		t.Error("a name of 4,000 characters was taken")
	}
	names := []string{
		"../../../evil", `..\..\evil`, "/etc/passwd", "C:evil", "CON", "aux.txt", "COM1", "lpt9.log", "a\x00b", "..",
		".bashrc", " ", "a\nb",
		"\u202egnp.exe", strings.Repeat("é", 120), "name. . .",
	}
	for i, name := range names {
		alice.sendFile(uint32(10+i), &mesibo.FileInfo{
			URL: url, Type: mesibo.FileTypeOther, Title: name,
			Size: int64(len(data)),
		})
	}
	folder := bob.GetFilePath(mesibo.FileTypeOther)
	for i, name := range names {
		bob.awaitLine(fmt.Sprintf("progress %d 100%% 0", 10+i))
		path := bob.fetchedAt(uint32(10 + i))
		if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, data) {
			t.Errorf("%q: %d bytes, %v", name, len(got), err)
		}
		base := filepath.Base(path)
		stem, _, _ := strings.Cut(strings.ToUpper(base), ".")
		if filepath.Dir(path) != folder || base[0] == '.' || stem == "CON" || stem == "AUX" || stem == "COM1" ||
			stem == "LPT9" || len(base) > 130 ||
			strings.ContainsAny(base, "\x00\n\\:\u202e") {
			t.Errorf("%q is at %q", name, path)
		}
	}
	alice.sendFile(100, &mesibo.FileInfo{Path: writeBytes(t, "two\nlines\x01.txt", data)}) // a name that Unix allows
	alice.awaitSent(100)
	bob.awaitLine("progress 100 100% 0")
	bob.wantNoParts()
}

// TestTransfer_nobody_is_led_elsewhere checks that a message cannot make a device download from an address of its
// sender's choice.
func TestTransfer_nobody_is_led_elsewhere(t *testing.T) {
	t.Parallel()
	trap, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var caught atomic.Int64
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := trap.Accept()
			if err != nil {
				return
			}
			caught.Add(1)
			_ = c.Close()
		}
	}()
	srv, alice, bob := carriedPair(t)
	bob.everything()
	at := trap.Addr().String()
	for i, url := range []string{
		"https://" + at + "/x.png", "http://" + at + "/x.png", "http://" + at + "/v1/files/" + strings.Repeat("ab", 16),
		"//" + at + "/x.png",
		"http://" + strings.TrimPrefix(srv.URL(), "http://") + "@" + at + "/x.png", "file:///etc/passwd", "/etc/passwd",
		"../../x", "ftp://" + at + "/x",
	} {
		name := "lure" + string(rune('a'+i))
		alice.sendFile(uint32(i+1), &mesibo.FileInfo{URL: url, Type: mesibo.FileTypeImage, Title: name, Size: 100})
		bob.await(url+" has failed", func() bool {
			msg, err := bob.FindMessage(bob.midOf(name))
			return err == nil && msg.File.Status == mesibo.FileStatusFailed && msg.Flag&mesibo.FlagFileTransferred == 0
		})
	}
	if err := trap.Close(); err != nil {
		t.Error(err)
	}
	if <-done; caught.Load() != 0 {
		t.Errorf("%d connections to elsewhere", caught.Load())
	}
	bob.wantNoParts()
	if list, err := os.ReadDir(bob.GetFilePath(mesibo.FileTypeImage)); err != nil || len(list) != 0 {
		t.Errorf("in the folder: %v, %v", list, err)
	}
}

// TestTransfer_two_devices_slow_network checks that one device uploads over a slow line that breaks, and another
// device of the user has the message and the file.
func TestTransfer_two_devices_slow_network(t *testing.T) {
	t.Parallel()
	srv := mesibotest.NewServer(t)
	srv.AddUser("bob", "Bob")
	breaks := &cables{}
	var times atomic.Int64
	cut := func() int64 { return 300<<10 + 100<<10*(times.Add(1)%5) }
	breaks.cut.Store(&cut)
	phone, desktop := carried(t, srv.Token("alice"), t.TempDir(), breaks),
		carried(t, srv.Token("alice"), t.TempDir(), &cables{})
	phone.must(phone.SetFileTransferLimits(mesibo.FileTransferLimits{UploadRate: 4 << 20}))
	data := noise(3 << 20)
	phone.sendFile(1, &mesibo.FileInfo{Path: writeBytes(t, "talk.bin", data)})
	phone.awaitSent(1)
	desktop.await("the message", func() bool { return desktop.midOf("talk.bin") != 0 })
	msg, err := desktop.FindMessage(desktop.mid("talk.bin"))
	desktop.must(err)
	desktop.must(desktop.StartFileTransfer(msg.File))
	desktop.awaitFetched("talk.bin", data)
	if times.Load() < 5 {
		t.Errorf("only %d connections", times.Load())
	}
	if n := breaks.up.Load(); n > int64(len(data))+int64(len(data))/2 {
		t.Errorf("%d bytes sent for %d", n, len(data))
	}
}

// TestTransfer_token_renewed checks that a transfer continues where it was after its token was revoked and replaced.
func TestTransfer_token_renewed(t *testing.T) {
	t.Parallel()
	srv := mesibotest.NewServer(t)
	srv.AddUser("bob", "Bob")
	w := &cables{}
	first := srv.Token("alice")
	alice := carried(t, first, t.TempDir(), w)
	alice.must(alice.SetFileTransferLimits(mesibo.FileTransferLimits{UploadRate: 8 << 20}))
	data := noise(8 << 20)
	alice.sendFile(1, &mesibo.FileInfo{Path: writeBytes(t, "big.bin", data)})
	alice.percent(1, 40)
	srv.RevokeToken(first)
	alice.await("signed out", func() bool { return alice.GetConnectionStatus() == mesibo.StatusAuthFail })
	if alice.OutboxCount() != 1 {
		t.Errorf("%d messages wait", alice.OutboxCount())
	}
	alice.Stop()
	alice.must(alice.SetAccessToken(srv.Token("alice")))
	alice.must(alice.SetDatabase("test.db", 0))
	alice.must(alice.Start())
	alice.awaitSent(1)
	if n := w.up.Load(); n > int64(len(data))+5<<20 {
		t.Errorf("%d bytes sent for %d", n, len(data))
	}
}
