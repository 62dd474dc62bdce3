package e2e_test

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/mesibo/mesibotest"
)

// This file tests the default handler of file transfers.

func TestTransfer_there_and_back(t *testing.T) {
	t.Parallel()
	srv, alice, bob := carriedPair(t)
	var picture bytes.Buffer
	img := image.NewNRGBA(image.Rect(0, 0, 640, 400))
	for i := range img.Pix {
		img.Pix[i] = byte(i)
	}
	img.Set(0, 0, color.White)
	if err := png.Encode(&picture, img); err != nil {
		t.Fatal(err)
	}
	f := &mesibo.FileInfo{Path: writeBytes(t, "a.png", picture.Bytes()), Message: "look"}
	alice.sendFile(1, f)
	alice.awaitSent(1)
	if !f.IsTransferred() || !strings.HasPrefix(f.GetURL(), srv.URL()+"/v1/files/") {
		t.Errorf("after the upload: %+v", f)
	}
	first := bob.awaitFetched("a.png", picture.Bytes())
	if filepath.Dir(first) != bob.GetFilePath(mesibo.FileTypeImage) {
		t.Errorf("it is in %s", first)
	}
	msg, err := bob.FindMessage(bob.mid("a.png"))
	bob.must(err)
	if msg.File.MimeType != "image/png" || msg.File.Width != 640 || msg.File.Height != 400 ||
		len(msg.File.Thumbnail) == 0 {
		t.Errorf("the file: %+v", msg.File)
	}
	bob.must(bob.DeleteFile(first))
	if msg, err = bob.FindMessage(msg.Mid); err != nil || msg.File.Path != "" {
		t.Fatalf("deleted by hand: %+v, %v", msg.File, err)
	}
	bob.must(bob.StartFileTransfer(msg.File))
	bob.await("it is there again", func() bool { return bob.FileExists(first) })

	document := noise(300 << 10)
	alice.sendFile(2, &mesibo.FileInfo{Path: writeBytes(t, "letter.pdf", document)})
	bob.awaitLine("file letter.pdf 307200 application/pdf")
	msg, err = bob.FindMessage(bob.mid("letter.pdf"))
	bob.must(err)
	if msg.File.Status != mesibo.FileStatusIdle || msg.File.Path != "" {
		t.Errorf("downloaded automatically: %+v", msg.File)
	}
	bob.must(bob.StartFileTransfer(msg.File))
	bob.awaitFetched("letter.pdf", document)
}

func TestTransfer_through_cuts(t *testing.T) {
	t.Parallel()
	srv := mesibotest.NewServer(t)
	up, down := &cables{}, &cables{}
	for i, w := range []*cables{up, down} {
		random := rand.New(rand.NewPCG(7, uint64(i)))
		var mu sync.Mutex
		cut := func() int64 {
			mu.Lock()
			defer mu.Unlock()
			return 150<<10 + random.Int64N(500<<10)
		}
		w.cut.Store(&cut)
	}
	alice, bob := carried(t, srv.Token("alice"), t.TempDir(), up), carried(t, srv.Token("bob"), t.TempDir(), down)
	bob.everything()
	data := noise(3 << 20)
	alice.sendFile(1, &mesibo.FileInfo{Path: writeBytes(t, "big.bin", data)})
	alice.awaitSent(1)
	bob.awaitFetched("big.bin", data)
	if n := up.up.Load(); n > 3*int64(len(data)) {
		t.Errorf("%d bytes sent for %d", n, len(data))
	}
	if n := down.down.Load(); n > 2*int64(len(data)) {
		t.Errorf("%d bytes fetched for %d", n, len(data))
	}
}

func TestTransfer_server_killed(t *testing.T) {
	t.Parallel()
	srv := mesibotest.NewServer(t)
	up, down := &cables{}, &cables{}
	alice, bob := carried(t, srv.Token("alice"), t.TempDir(), up), carried(t, srv.Token("bob"), t.TempDir(), down)
	data := noise(8 << 20)
	limits := mesibo.FileTransferLimits{UploadRate: 16 << 20, DownloadRate: 16 << 20}
	alice.must(alice.SetFileTransferLimits(limits))
	bob.must(bob.SetFileTransferLimits(limits))
	alice.sendFile(1, &mesibo.FileInfo{Path: writeBytes(t, "big.bin", data)})
	alice.percent(1, 40)
	srv.Kill()
	srv.Start()
	alice.awaitSent(1)
	if n := up.up.Load(); n > int64(len(data))+5<<20 {
		t.Errorf("%d bytes sent for %d", n, len(data))
	}
	bob.await("the message", func() bool { return bob.midOf("big.bin") != 0 })
	msg, err := bob.FindMessage(bob.mid("big.bin"))
	bob.must(err)
	bob.must(bob.StartFileTransfer(msg.File))
	bob.percent(1, 40)
	srv.Kill()
	srv.Start()
	bob.awaitFetched("big.bin", data)
	if n := down.down.Load(); n > int64(len(data))+2<<20 {
		t.Errorf("%d bytes fetched for %d", n, len(data))
	}
}

func TestTransfer_client_restarted(t *testing.T) {
	t.Parallel()
	srv := mesibotest.NewServer(t)
	up, down := &cables{}, &cables{}
	at, bt, ad, bd := srv.Token("alice"), srv.Token("bob"), t.TempDir(), t.TempDir()
	alice, bob := carried(t, at, ad, up), carried(t, bt, bd, down)
	data := noise(8 << 20)
	limits := mesibo.FileTransferLimits{UploadRate: 8 << 20, DownloadRate: 8 << 20}
	alice.must(alice.SetFileTransferLimits(limits))
	bob.must(bob.SetFileTransferLimits(limits))
	alice.sendFile(1, &mesibo.FileInfo{Path: writeBytes(t, "big.bin", data)})
	alice.percent(1, 40)
	alice.end()
	alice = carried(t, at, ad, up)
	alice.awaitSent(1)
	if n := up.up.Load(); n > int64(len(data))+5<<20 {
		t.Errorf("%d bytes sent for %d", n, len(data))
	}
	bob.await("the message", func() bool { return bob.midOf("big.bin") != 0 })
	mid := bob.mid("big.bin")
	msg, err := bob.FindMessage(mid)
	bob.must(err)
	bob.must(bob.StartFileTransfer(msg.File))
	bob.percent(1, 40)
	bob.end()
	again := carried(t, bt, bd, down)
	again.await("the file is fetched", func() bool {
		msg, err = again.FindMessage(mid)
		return err == nil && msg.Flag&mesibo.FlagFileTransferred != 0
	})
	if got, err := os.ReadFile(msg.File.Path); err != nil || !bytes.Equal(got, data) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	if n := down.down.Load(); n > int64(len(data))+2<<20 {
		t.Errorf("%d bytes fetched for %d", n, len(data))
	}
	again.wantNoParts()
}

func TestTransfer_stopped_and_started(t *testing.T) {
	t.Parallel()
	_, alice, bob := carriedPair(t)
	slow := mesibo.FileTransferLimits{UploadRate: 512 << 10, DownloadRate: 512 << 10}
	alice.must(alice.SetFileTransferLimits(slow))
	bob.must(bob.SetFileTransferLimits(slow))
	data := noise(2 << 20)
	f := &mesibo.FileInfo{Path: writeBytes(t, "big.bin", data)}
	alice.sendFile(1, f)
	alice.percent(1, 5)
	alice.must(alice.StopFileTransfer(f))
	alice.must(alice.StopFileTransfer(f)) // no error
	if f.GetStatus() != mesibo.FileStatusIdle || alice.OutboxCount() != 1 {
		t.Errorf("stopped: status %d, %d waiting", f.GetStatus(), alice.OutboxCount())
	}
	alice.must(alice.StartFileTransfer(f))
	alice.must(alice.SetFileTransferLimits(mesibo.FileTransferLimits{}))
	alice.awaitSent(1)
	bob.await("the message", func() bool { return bob.midOf("big.bin") != 0 })
	msg, err := bob.FindMessage(bob.mid("big.bin"))
	bob.must(err)
	bob.must(bob.StartFileTransfer(msg.File))
	bob.percent(1, 5)
	bob.must(bob.StopFileTransfer(msg.File))
	bob.Stop()
	bob.start()
	if now, err := bob.FindMessage(msg.Mid); err != nil || now.File.Status != mesibo.FileStatusIdle {
		t.Errorf("stopped, and a later run: %+v, %v", now.File, err)
	}
	bob.must(bob.SetFileTransferLimits(mesibo.FileTransferLimits{}))
	bob.must(bob.StartFileTransfer(msg.File))
	bob.awaitFetched("big.bin", data)
	bob.wantNoParts()
}

func TestTransfer_final_errors(t *testing.T) {
	t.Parallel()
	srv, alice, bob := carriedPair(t)
	alice.must(alice.SetFileTransferLimits(mesibo.FileTransferLimits{UploadRate: 128 << 10}))
	f := &mesibo.FileInfo{Path: writeBytes(t, "changes.bin", noise(2<<20))}
	alice.sendFile(1, f)
	alice.percent(1, 1)
	if err := os.WriteFile(f.Path, noise(1<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	alice.must(alice.SetFileTransferLimits(mesibo.FileTransferLimits{}))
	alice.awaitLine("failed 1: " + mesibo.ErrFileChanged.Error())
	alice.awaitLine("status 1 FAIL")
	if err := alice.StartFileTransfer(f); !errors.Is(err, mesibo.ErrFileChanged) ||
		!errors.Is(err, mesibo.ResultBadRequest) {
		t.Errorf("started again: %v", err)
	}
	for id, c := range map[uint32]struct {
		url  string
		want error
	}{
		2: {srv.URL() + "/v1/files/" + strings.Repeat("0f", 16), mesibo.ErrFileGone},
		3: {"http://example.com/a", mesibo.ErrFileURL},
		4: {"file:///etc/passwd", mesibo.ErrFileURL},
	} {
		done := make(chan error, 1)
		failed := &mesibo.FileTransferFuncs{Progress: func(f *mesibo.FileInfo) {
			if f.Status == mesibo.FileStatusFailed {
				done <- f.Err
			}
		}}
		asked := &mesibo.FileInfo{URL: c.url, Title: "a", Listener: failed}
		bob.must(bob.StartFileTransfer(asked))
		if err := <-done; !errors.Is(err, c.want) {
			t.Errorf("%d: got %v, want %v", id, err, c.want)
		}
	}
	bob.wantNoParts()
}

func TestTransfer_limits(t *testing.T) {
	t.Parallel()
	alice := newDevice(t, mesibotest.NewServer(t).Token("alice"), t.TempDir())
	if l := alice.GetFileTransferLimits(); l.Uploads != 3 || l.Downloads != 4 ||
		l.AutoDownload[mesibo.FileTypeImage] != 5<<20 || l.AutoDownload[mesibo.FileTypeAudio] != 1<<20 ||
		len(l.AutoDownload) != 2 {
		t.Errorf("at first %+v", l)
	}
	for _, l := range []mesibo.FileTransferLimits{
		{Uploads: -1},
		{Downloads: 33},
		{UploadRate: 1000},
		{DownloadRate: -5},
		{AutoDownload: map[mesibo.FileType]int64{mesibo.FileTypeAudio: -1}},
	} {
		if err := alice.SetFileTransferLimits(l); !errors.Is(err, mesibo.ResultBadRequest) {
			t.Errorf("%+v: %v", l, err)
		}
	}
	none := map[mesibo.FileType]int64{}
	alice.must(alice.SetFileTransferLimits(mesibo.FileTransferLimits{Uploads: 1, AutoDownload: none}))
	if l := alice.GetFileTransferLimits(); l.Uploads != 1 || l.Downloads != 4 || len(l.AutoDownload) != 0 {
		t.Errorf("then %+v", l)
	}
	if err := alice.StartFileTransfer(&mesibo.FileInfo{URL: "/v1/files/00"}); !errors.Is(err, mesibo.ResultRetryLater) {
		t.Errorf("while stopped: %v", err)
	}
	alice.EnableFileTransfer(false)
	if alice.IsFileTransferEnabled() {
		t.Error("it is on")
	}
	alice.EnableFileTransfer(true)
	withCourier(alice)
	if !alice.IsFileTransferEnabled() {
		t.Error("it is off")
	}
}

func TestTransfer_picture_without_its_place(t *testing.T) {
	t.Parallel()
	_, alice := carriedAlone(t)
	var plain bytes.Buffer
	if err := jpeg.Encode(&plain, image.NewGray(image.Rect(0, 0, 50, 30)), nil); err != nil {
		t.Fatal(err)
	}
	const place = "N 48.2082 E 16.3738"
	whole := append([]byte("\xff\xd8\xff\xfe\x00\x15"+place), plain.Bytes()[2:]...)
	path := writeBytes(t, "holiday.jpg", whole)
	f := &mesibo.FileInfo{Path: path}
	alice.sendFile(1, f)
	alice.awaitSent(1)
	sent, err := os.ReadFile(f.GetPath())
	if err != nil || !bytes.Equal(sent, plain.Bytes()) || f.Size != int64(plain.Len()) || f.Title != "holiday.jpg" ||
		f.Width != 50 || f.Height != 30 {
		t.Errorf("sent %d bytes, %v: %+v", len(sent), err, f)
	}
	again := &mesibo.FileInfo{Path: path}
	alice.sendFile(2, again)
	alice.awaitSent(2)
	if again.GetPath() != f.GetPath() {
		t.Errorf("the same picture is %s and %s", f.GetPath(), again.GetPath())
	}
	asFile := &mesibo.FileInfo{Path: path, Type: mesibo.FileTypeOther}
	alice.sendFile(3, asFile)
	alice.awaitSent(3)
	if asFile.GetPath() != path {
		t.Errorf("sent as a file: %s", asFile.GetPath())
	}
	if now, err := os.ReadFile(path); err != nil || !bytes.Equal(now, whole) {
		t.Errorf("the original was changed: %v", err)
	}
}

func TestTransfer_asked_for_goes_first(t *testing.T) {
	t.Parallel()
	_, alice := carriedAlone(t)
	alice.must(alice.SetFileTransferLimits(mesibo.FileTransferLimits{Uploads: 1, UploadRate: 64 << 10}))
	alice.sendFile(1, &mesibo.FileInfo{Path: writeBytes(t, "a.bin", noise(600<<10))})
	alice.percent(1, 1)
	for id := uint32(2); id < 5; id++ {
		alice.sendFile(id, &mesibo.FileInfo{Path: writeBytes(t, "b.bin", noise(int(id)<<10)), UserInteraction: id == 4})
	}
	alice.must(alice.SetFileTransferLimits(mesibo.FileTransferLimits{Uploads: 1}))
	var order []string
	for id := uint32(1); id < 5; id++ {
		alice.awaitSent(id)
	}
	for _, line := range alice.entries("progress ") {
		if strings.Contains(line, " 100% ") {
			order = append(order, strings.Fields(line)[1])
		}
	}
	if got := strings.Join(order, " "); got != "1 4 2 3" {
		t.Errorf("uploaded in the order %s, want 1 4 2 3", got)
	}
}

// TestTransfer_same_again checks that content that the server has from a user is not uploaded again, by any device of
// the user and under any name.
func TestTransfer_same_again(t *testing.T) {
	t.Parallel()
	srv := mesibotest.NewServer(t)
	srv.Token("bob")
	phone, tablet := &cables{}, &cables{}
	alice := carried(t, srv.Token("alice"), t.TempDir(), phone)
	id := uint32(0)
	// cost sends a file and returns the number of bytes that the device has sent.
	cost := func(d *device, w *cables, path string) int64 {
		t.Helper()
		id++
		before := w.up.Load()
		d.sendFile(id, &mesibo.FileInfo{Path: path})
		d.awaitSent(id)
		return w.up.Load() - before
	}
	const little = 100_000
	film := noise(17<<20 + 5)
	path := writeBytes(t, "film.bin", film)
	if n := cost(alice, phone, path); n < int64(len(film)) {
		t.Fatalf("%d bytes were sent of %d", n, len(film))
	}
	if n := cost(alice, phone, path); n > little {
		t.Errorf("%d bytes were sent again", n)
	}
	small := noise(2 << 20)
	cost(alice, phone, writeBytes(t, "small.bin", small))
	if n := cost(alice, phone, writeBytes(t, "other.bin", small)); n > little {
		t.Errorf("under another name: %d bytes were sent again", n)
	}
	other := carried(t, srv.Token("alice"), t.TempDir(), tablet)
	if n := cost(other, tablet, writeBytes(t, "small.bin", small)); n > little {
		t.Errorf("by another device: %d bytes were sent again", n)
	}
	film[len(film)/2]++
	if err := os.WriteFile(path, film, 0o600); err != nil {
		t.Fatal(err)
	}
	if n := cost(alice, phone, path); n < int64(len(film)) {
		t.Errorf("another file: only %d bytes were sent", n)
	}
	bob := carried(t, srv.Token("bob"), t.TempDir(), &cables{})
	var mid uint64
	bob.await("the last", func() bool {
		for _, r := range bob.messages() {
			if uint32(r.Mid) == id {
				mid = r.Mid
			}
		}
		return mid != 0
	})
	bob.must(bob.StartFileTransfer(bob.file(mid)))
	bob.await("it is here", func() bool { return bob.file(mid).Path != "" })
	if got, err := os.ReadFile(bob.file(mid).Path); err != nil || !bytes.Equal(got, film) {
		t.Errorf("%d bytes came, %v", len(got), err)
	}
}
