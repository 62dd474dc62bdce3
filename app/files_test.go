package app_test

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/storage"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/app/apptest"
	"github.com/parley-chat/parley/app/chat"
	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/mesibo"
)

// system stands for what the desktop does beyond the window: it opens files, and its dialogs answer at once.
type system struct {
	fyne.App

	opened []string
	chosen string // what the next dialog answers
	asked  int
}

// OpenURL implements fyne.App.
func (s *system) OpenURL(u *url.URL) error {
	s.opened = append(s.opened, u.String())
	return nil
}

func (s *system) choose(chosen func(path string)) {
	s.asked++
	chosen(s.chosen)
}

func (s *system) save(_ string, chosen func(path string)) { s.choose(chosen) }

// startWithFiles prepares the window, and a folder with files in it.
func startWithFiles(t *testing.T) (f *fixture, s *system, at func(name string) string) {
	t.Helper()
	_, png := apptest.Picture(80, 60)
	at = apptest.Files(t, map[string][]byte{"sea.png": png, "a.txt": []byte("hello"), "b.txt": []byte("world")})
	f = prepare(t)
	s = &system{App: f.fyne}
	f.fyne, f.files = s, s
	return f, s, at
}

// dropInEcho opens the window and drops two files on the chat with Echo.
func dropInEcho(t *testing.T) (f *fixture, at func(name string) string) {
	t.Helper()
	f, _, at = startWithFiles(t)
	f.start()
	f.Press("Echo")
	f.drop(at("a.txt"), at("b.txt"))
	return f, at
}

// file reports to the program how far the file of a message is.
func (f *fixture) file(mid uint64, percent int, status mesibo.FileStatus) {
	f.t.Helper()
	f.reportFile(f.backend.Progress(mid, percent, status))
}

func (f *fixture) reportFile(file *mesibo.FileInfo) {
	f.t.Helper()
	l, ok := f.backend.Listeners[0].(mesibo.FileTransferListener)
	if !ok {
		f.t.Fatal("the program does not listen to file transfers")
	}
	l.OnFileTransferProgress(file)
	f.queue.Drain()
}

func (f *fixture) drop(paths ...string) {
	f.t.Helper()
	uris := make([]fyne.URI, len(paths))
	for i, path := range paths {
		uris[i] = storage.NewFileURI(path)
	}
	f.app.Dropped(uris)
	f.queue.WorkAll(f.t.Context())
}

func TestSendFiles(t *testing.T) {
	f, _, at := startWithFiles(t)
	f.backend.Fill("alice", 3, f.queue.Now())
	f.limit = 5000
	f.start()
	f.drop(at("a.txt"))
	f.Wants("Open a chat first, then drop the files.")
	f.Press("Alice Martin")
	f.drop(at("sea.png"), at("a.txt"), at("missing"))
	f.Wants("Send to Alice Martin", "sea.png", "a.txt", "missing")
	f.Wants("It does not exist any more", "1 file can't be sent and is left out.")
	f.drop(at("b.txt")) // one more
	f.Wants("b.txt", "3 files", "at most 5 kB each")
	f.Type("The sea")
	f.Key(fyne.KeyReturn)
	f.queue.WorkAll(t.Context())
	f.WantsNot("Send to Alice Martin")
	f.wantCalls(`send sea.png with "The sea"`, `send a.txt with ""`, `send b.txt with ""`)
	f.Wants("The sea", "a.txt", "b.txt", "📎 b.txt")

	rows := f.backend.Chats["alice"]
	last := rows[len(rows)-1]
	f.file(last.Mid, 40, mesibo.FileStatusInProgress)
	f.Wants("2 of 5 B")
	f.icon(assets.IconClose) // of the lowest ring
	f.WantsNot("2 of 5 B")
	if len(f.backend.Cancelled) != 1 {
		t.Errorf("cancelled: got %v, want one", f.backend.Cancelled)
	}
}

// Large pictures take a while to look at, and that is said.
func TestSendFiles_slowLook(t *testing.T) {
	f, _, at := startWithFiles(t)
	f.start()
	f.Press("Echo")
	f.app.Dropped([]fyne.URI{storage.NewFileURI(at("sea.png")), storage.NewFileURI(at("a.txt"))})
	f.queue.Drain()
	f.WantsNot("Looking at")
	f.queue.Advance(time.Second)
	f.Wants("Looking at 2 files…")
	f.queue.WorkAll(t.Context())
	f.Wants("Send to Echo")
	f.Key(fyne.KeyEscape)
	f.drop(at("a.txt"))
	f.Key(fyne.KeyEscape)
	f.queue.Advance(10 * time.Second)
	f.WantsNot("Looking at")
}

func TestSendFiles_dialogAndRemoving(t *testing.T) {
	f, s, at := startWithFiles(t)
	f.start()
	s.chosen = at("a.txt")
	f.Keys(ctrl, fyne.KeyO) // no chat is open
	if s.asked != 0 {
		t.Error("asked for a file without a chat")
	}
	f.Press("Echo")
	f.icon(assets.IconAttach)
	f.queue.WorkAll(t.Context())
	f.Wants("a.txt", "1 file · 5 B in total")
	f.icon(assets.IconClose)
	f.WantsNot("a.txt", "in total") // with the last file the sheet goes
	f.Keys(ctrl, fyne.KeyU)
	f.queue.WorkAll(t.Context())
	f.Wants("a.txt")
	f.Key(fyne.KeyEscape)
	f.WantsNot("a.txt")
	f.wantCalls()
	f.backend.NoFiles = true
	f.Keys(ctrl, fyne.KeyO)
	f.Wants("Files can't be sent through this server.")
	if s.asked != 2 {
		t.Errorf("asked %d times, want 2", s.asked)
	}
}

// In small windows the list shrinks, and sentences take more lines.
func TestSendFiles_smallWindow(t *testing.T) {
	sentences := []string{
		"Send to Echo", "6 files · 207 B in total · at most 5 kB each",
		"At most 2560 pixels wide or high, without camera data.",
		"2 files can't be sent and are left out.", "It does not exist any more",
		"This is a folder; pack it into one file", "Cancel", "Send",
	}
	sizes := []fyne.Size{
		{Width: 314, Height: 372}, {Width: 320, Height: 640}, {Width: 413, Height: 506}, {Width: 1180, Height: 760},
	}
	for _, size := range sizes {
		t.Run(fmt.Sprintf("%vx%v", size.Width, size.Height), func(t *testing.T) {
			f, _, at := startWithFiles(t)
			f.limit = 5000
			f.start()
			f.Resize(size)
			f.Press("Echo")
			f.drop(at("missing"), at(""), at("sea.png"), at("a.txt"), at("b.txt"), at("a.txt"), at("a.txt"), at("a.txt"))
			f.queue.Drain()
			var lines []string
			for _, s := range apptest.Look(f.Canvas()) {
				lines = append(lines, s.Text)
			}
			said := strings.Join(strings.Fields(strings.Join(lines, " ")), " ")
			for _, words := range sentences {
				if !strings.Contains(said, words) {
					t.Errorf("window says %q: got false, want true: %s", words, said)
				}
			}
		})
	}
}

// The order on the sheet is the order at the other side, and pictures go as files when that is wanted.
func TestSendFiles_orderAndPictures(t *testing.T) {
	f, at := dropInEcho(t)
	f.WantsNot("Compress pictures")
	f.drop(at("sea.png"))
	f.Wants("Compress pictures", "At most 2560 pixels wide or high, without camera data.")
	f.icon(assets.IconChevronUp) // of the last
	f.Press("Compress pictures")
	f.Wants("Sent unchanged as files, with all camera data.")
	f.Press("Send")
	f.queue.WorkAll(t.Context())
	f.wantCalls(`send a.txt with ""`, `send sea.png with ""`, `send b.txt with ""`)
	if file := f.backend.Chats["echo"][1].File; file.Type != mesibo.FileTypeOther || file.Path != at("sea.png") {
		t.Errorf("got %+v, want the file itself", file)
	}
}

func TestSendFiles_refused(t *testing.T) {
	f, _, at := startWithFiles(t)
	f.backend.Fill("alice", 3, f.queue.Now())
	f.start()
	f.Press("Echo")
	f.drop(at("a.txt"))
	f.backend.Err = mesibo.ErrDiskFull
	f.Type("Look")
	f.Press("Send")
	f.queue.WorkAll(t.Context())
	f.Wants("a.txt", "Look", "The disk is full. Free some space,")
	f.backend.Err = nil
	f.Press("Send")
	f.queue.WorkAll(t.Context())
	f.WantsNot("The disk is full")
	f.wantCalls(`send a.txt with "Look"`)

	f.drop(at("b.txt"))
	f.Press("Send")
	f.Press("Alice Martin") // the chat is another one by now
	f.backend.Err = mesibo.ErrDiskFull
	f.queue.WorkAll(t.Context())
	f.Wants("1 file was not sent to Echo.")
}

// Files that were sent when the program ends are in the outbox before the session stops.
func TestSendFiles_thenQuit(t *testing.T) {
	f, _ := dropInEcho(t)
	f.Press("Send")
	f.keeper.closing = func() { f.wantCalls(`send a.txt with ""`, `send b.txt with ""`) }
	f.app.Quit()
	f.queue.WorkAll(t.Context())
	if f.keeper.closed != 1 {
		t.Errorf("the session was stopped %d times", f.keeper.closed)
	}
}

// received puts a message with a file into Alice's chat.
func (f *fixture) received(file mesibo.FileInfo) chat.Message {
	m := f.backend.Receive("alice", "")
	m.File = &file
	rows := f.backend.Chats["alice"]
	rows[len(rows)-1] = m
	return m
}

func TestReceiveFile(t *testing.T) {
	f, s, at := startWithFiles(t)
	m := f.received(mesibo.FileInfo{Title: "a.txt", Size: 5, URL: "u", Type: mesibo.FileTypeOther})
	f.start()
	f.Wants("📎 a.txt")
	f.Press("Alice Martin")
	f.icon(assets.IconArrowDown)
	f.wantCalls("start a.txt, asked for: true")
	f.file(m.Mid, 40, mesibo.FileStatusInProgress)
	f.Wants("2 of 5 B")
	f.queue.Advance(2 * time.Second)
	f.file(m.Mid, 80, mesibo.FileStatusInProgress)
	f.Wants("4 of 5 B · 1 B/s · 1 s")
	f.connection(mesibo.StatusNoNetwork, 0)
	f.queue.Advance(3 * time.Second)
	f.Wants("4 of 5 B · Waiting for network")

	f.backend.Chats["alice"][0].File.Path = at("a.txt")
	f.file(m.Mid, 100, mesibo.FileStatusIdle)
	f.WantsNot("Waiting for network")
	f.Press("5 B")
	if len(s.opened) != 1 || s.opened[0] != "file://"+at("a.txt") {
		t.Fatalf("opened %q, want the file", s.opened)
	}
	f.PressRight("5 B")
	f.Press("Show in folder")
	if len(s.opened) != 2 || s.opened[1] != "file://"+filepath.Dir(at("a.txt")) {
		t.Errorf("opened %q, want the folder", s.opened)
	}
	s.chosen = at("copy.txt")
	f.PressRight("5 B")
	f.Press("Save as…")
	f.queue.WorkAll(t.Context())
	f.Wants("Saved as copy.txt")
	if data, err := os.ReadFile(at("copy.txt")); err != nil || string(data) != "hello" {
		t.Errorf("copy: got %q, %v", data, err)
	}
	if err := os.Remove(at("a.txt")); err != nil {
		t.Fatal(err)
	}
	f.Press("5 B")
	f.Wants("The file is not there any more.")
	f.PressRight("5 B")
	f.Press("Save as…")
	f.queue.WorkAll(t.Context())
	f.Wants("Not saved. The file is not there any more.")
	if data, err := os.ReadFile(at("copy.txt")); err != nil || string(data) != "hello" {
		t.Errorf("copy after a failure: got %q, %v", data, err)
	}
}

// Why a file was not moved is said in words, also of one that failed in an earlier run.
func TestFileTrouble(t *testing.T) {
	f, _, at := startWithFiles(t)
	m := f.received(mesibo.FileInfo{Title: "far.zip", Size: 24_000_000, URL: "u", Type: mesibo.FileTypeOther})
	early := f.received(mesibo.FileInfo{
		Title: "early.zip", Size: 5_000_000, URL: "v", Type: mesibo.FileTypeOther,
		Status: mesibo.FileStatusFailed, Err: mesibo.ErrDiskFull,
	})
	f.start()
	f.Press("Alice Martin")
	f.Wants("5 MB · Not downloaded", "There is no room for the file on this disk. Free")
	f.file(early.Mid, 0, mesibo.FileStatusInProgress)
	f.WantsNot("Not downloaded", "There is no room")

	told := f.backend.Progress(m.Mid, 0, mesibo.FileStatusInProgress)
	told.Transferred = 6_000_000
	f.reportFile(told)
	f.queue.Advance(time.Second)
	f.Wants("6.0 of 24 MB")
	told.Transferred = 23_999_999 // 100 percent are for what is confirmed
	f.reportFile(told)
	f.queue.Advance(time.Second)
	f.Wants("23.9 of 24 MB")
	told.Transferred = 24_000_000
	f.reportFile(told)
	f.queue.Advance(time.Second)
	f.Wants("24 MB · Finishing")
	told = f.backend.Progress(m.Mid, 0, mesibo.FileStatusRetryLater)
	f.reportFile(told)
	f.Wants("24.0 of 24 MB · Interrupted")
	told = f.backend.Progress(m.Mid, 0, mesibo.FileStatusFailed)
	told.Err = mesibo.ErrFileGone
	f.reportFile(told)
	f.Wants("24 MB · Not downloaded", "The file is not on the server any more. Ask for")

	f.drop(at("a.txt"))
	f.Press("Send")
	f.queue.WorkAll(t.Context())
	rows := f.backend.Chats["alice"]
	own := f.backend.Progress(rows[len(rows)-1].Mid, 0, mesibo.FileStatusFailed)
	own.Err = mesibo.ErrFileChanged
	f.status("alice", mesibo.MsgStatusFail)
	f.reportFile(own)
	f.Wants("5 B · Not sent", "Not sent: The file was changed after you sent it. Send it again.")
	f.Press("Retry")
	f.WantsNot("Not sent")
	f.backend.Err = mesibo.ErrNoFileHandler
	f.icon(assets.IconRetry)
	f.Wants("Files can't be downloaded from this server.")
}

// What could be a program is not started by a press in a chat.
func TestReceiveFile_program(t *testing.T) {
	f, s, at := startWithFiles(t)
	path := at("tool.DESKTOP")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	f.received(mesibo.FileInfo{
		Title: "tool.DESKTOP", Size: 7, URL: "u", Type: mesibo.FileTypeOther, Path: path, Progress: 100,
	})
	f.start()
	f.Press("Alice Martin")
	f.Press("7 B")
	if len(s.opened) != 1 || s.opened[0] != "file://"+filepath.Dir(path) {
		t.Errorf("opened %q, want the folder alone", s.opened)
	}
}

// What is not known to be harmless is opened after a question.
func TestReceiveFile_unknown(t *testing.T) {
	f, s, at := startWithFiles(t)
	path := at("page.html")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	f.received(mesibo.FileInfo{
		Title: "page.html", Size: 7, URL: "u", Type: mesibo.FileTypeOther, Path: path, Progress: 100,
	})
	f.start()
	f.Press("Alice Martin")
	f.Press("7 B")
	f.Wants("Open this file?")
	if len(s.opened) != 0 {
		t.Fatalf("opened %q before the answer", s.opened)
	}
	f.Press("Open")
	if len(s.opened) != 1 || s.opened[0] != "file://"+path {
		t.Errorf("opened %q, want the file", s.opened)
	}
}

func TestViewPictures(t *testing.T) {
	f, s, at := startWithFiles(t)
	f.backend.Fill("alice", 2, f.queue.Now())
	_, png := apptest.Picture(40, 30)
	if err := os.WriteFile(at("hill.png"), png, 0o600); err != nil {
		t.Fatal(err)
	}
	picture := func(name string) {
		f.received(mesibo.FileInfo{
			Title: name, Size: 7, URL: name, Type: mesibo.FileTypeImage, Width: 80, Height: 60, Path: at(name), Progress: 100,
		})
	}
	picture("sea.png")
	f.received(mesibo.FileInfo{Title: "far.png", Size: 7, URL: "u", Type: mesibo.FileTypeImage, Width: 80, Height: 60})
	picture("hill.png")
	f.start()
	f.Press("Alice Martin")
	f.queue.WorkAll(t.Context())
	f.pressPhoto(0)
	f.Wants("hill.png", "Alice Martin, 14:02")
	f.Key(fyne.KeyRight) // it is the last
	f.Wants("hill.png")
	f.Key(fyne.KeyLeft) // past the one that is not here
	f.queue.WorkAll(t.Context())
	f.Wants("sea.png")
	s.chosen = at("copy.png")
	f.icon(assets.IconDownload)
	f.queue.WorkAll(t.Context())
	if _, err := os.Stat(at("copy.png")); err != nil {
		t.Error(err)
	}
	f.Key(fyne.KeyRight)
	f.Wants("hill.png")
	f.Key(fyne.KeyEscape)
	f.WantsNot("hill.png")

	if err := os.Remove(at("hill.png")); err != nil {
		t.Fatal(err)
	}
	f.pressPhoto(0)
	f.WantsNot("hill.png")
	f.Wants("The file is not there any more.")
}

// pressPhoto taps on a picture in the chat, counted from the lowest, and waits for the background work.
func (f *fixture) pressPhoto(n int) {
	f.t.Helper()
	f.queue.Drain()
	places := apptest.Photos(f.Canvas())
	if n >= len(places) {
		f.t.Fatalf("%d pictures in the window", len(places))
	}
	apptest.Click(f.Canvas(), places[n])
	f.queue.WorkAll(f.t.Context())
}

func TestTransfers(t *testing.T) {
	f, _, _ := startWithFiles(t)
	first := f.received(mesibo.FileInfo{Title: "one.zip", Size: 24_000_000, URL: "1", Type: mesibo.FileTypeOther})
	second := f.received(mesibo.FileInfo{Title: "two.zip", Size: 2_000_000, URL: "2", Type: mesibo.FileTypeOther})
	f.start()
	f.file(first.Mid, 10, mesibo.FileStatusInProgress)
	f.Wants("1 transfer") // of a chat that is not open
	f.file(second.Mid, 50, mesibo.FileStatusInProgress)
	f.Press("2 transfers")
	f.Wants("one.zip", "2.4 of 24 MB · From Alice Martin", "1.0 of 2 MB · From Alice Martin")
	f.file(first.Mid, 20, mesibo.FileStatusInProgress)
	f.file(first.Mid, 30, mesibo.FileStatusInProgress)
	f.file(first.Mid, 25, mesibo.FileStatusInProgress) // never back
	f.queue.Advance(time.Second)
	f.Wants("7.2 of 24 MB · From Alice Martin")
	f.connection(mesibo.StatusNoNetwork, 0)
	f.queue.Advance(3 * time.Second)
	f.Wants("7.2 of 24 MB · Waiting for network")
	f.connection(mesibo.StatusOnline, 0)
	f.queue.Advance(3 * time.Second)
	f.Wants("7.2 of 24 MB · From Alice Martin")
	f.icon(assets.IconClose)
	f.wantCalls("stop two.zip")
	f.file(second.Mid, 0, mesibo.FileStatusIdle)
	f.queue.Advance(time.Second)
	f.WantsNot("two.zip")
	f.file(first.Mid, 100, mesibo.FileStatusIdle)
	f.Wants("Connected") // the panel is gone
	f.WantsNot("transfer")
}

// One file is in the footer while its chat is not open.
func TestTransfers_ofAnotherChat(t *testing.T) {
	f, _, _ := startWithFiles(t)
	m := f.received(mesibo.FileInfo{Title: "one.zip", Size: 24_000_000, URL: "1", Type: mesibo.FileTypeOther})
	f.start()
	f.Press("Alice Martin")
	f.file(m.Mid, 10, mesibo.FileStatusInProgress)
	f.WantsNot("1 transfer")
	f.Press("Echo")
	f.Wants("1 transfer")
	f.Press("1 transfer")
	f.Wants("one.zip", "2.4 of 24 MB · From Alice Martin")
	f.icon(assets.IconClose)
	f.wantCalls("stop one.zip")
}

// The panel is as high as its rows, but no higher than the window.
func TestTransfers_room(t *testing.T) {
	f, _, _ := startWithFiles(t)
	for i := range 40 {
		title := fmt.Sprintf("part%d.zip", i)
		f.received(mesibo.FileInfo{Title: title, Size: 24_000_000, URL: "1", Type: mesibo.FileTypeOther})
	}
	f.start()
	for i, size := range []fyne.Size{{Width: 314, Height: 372}, {Width: 1180, Height: 760}} {
		f.Resize(size)
		for _, m := range f.backend.Chats["alice"] {
			f.file(m.Mid, 10+i, mesibo.FileStatusInProgress)
		}
		f.Press("40 transfers")
		f.Wants("Transfers", "part0.zip")
		panel, ok := f.Canvas().Overlays().Top().(*widget.PopUp)
		if !ok {
			t.Fatal("no panel")
		}
		room := panel.Content.Size()
		if room.Height > size.Height-60 || room.Height < size.Height-120 || room.Width > size.Width-30 {
			t.Errorf("window of %v: panel of %v", size, room)
		}
		panel.Hide()
	}
}

// No listener is called for the end of an upload whose message was withdrawn.
func TestTransfers_withdrawn(t *testing.T) {
	f, _ := dropInEcho(t)
	f.Press("Send")
	f.queue.WorkAll(t.Context())
	rows := slices.Clone(f.backend.Chats["echo"])
	f.file(rows[0].Mid, 20, mesibo.FileStatusInProgress)
	f.file(rows[1].Mid, 20, mesibo.FileStatusInProgress)
	f.Wants("2 transfers")
	late := f.backend.Progress(rows[1].Mid, 30, mesibo.FileStatusInProgress)
	f.Press("2 transfers")
	f.icon(assets.IconClose)
	f.WantsNot("b.txt")
	f.Wants("a.txt", "1 of 5 B · To Echo")
	f.reportFile(late)
	f.queue.Advance(time.Second)
	f.WantsNot("b.txt")
	f.icon(assets.IconClose)
	f.WantsNot("Transfers", "transfers")
	if len(f.backend.Cancelled) != 2 {
		t.Errorf("cancelled %d, want 2", len(f.backend.Cancelled))
	}
}

// What is set for file transfers counts at once, and after the next start.
func TestFileSettings(t *testing.T) {
	f, _, _ := startWithFiles(t)
	f.start()
	at := func(kind mesibo.FileType) int64 { return f.backend.Limits.AutoDownload[kind] }
	if at(mesibo.FileTypeImage) != 5<<20 || at(mesibo.FileTypeAudio) != 1<<20 ||
		at(mesibo.FileTypeOther) != 0 || f.backend.Limits.UploadRate != 0 {
		t.Errorf("at first: %+v", f.backend.Limits)
	}
	f.settings("Network and proxy")
	f.Wants("Sending files", "As fast as possible")
	f.Press("Sending files")
	f.Press("500 kB/s")
	f.Key(fyne.KeyEscape)
	f.settings("Chats and storage")
	f.Wants("Photos", "Up to 5 MB", "Other files")
	f.Press("Photos")
	f.Press("Any size")
	if at(mesibo.FileTypeImage) < 1<<40 || f.backend.Limits.UploadRate != 500_000 || f.backend.Limits.DownloadRate != 0 {
		t.Errorf("chosen: %+v", f.backend.Limits)
	}
	f.Press("Low data: download nothing automatically")
	if len(f.backend.Limits.AutoDownload) != 0 {
		t.Errorf("low data: %+v", f.backend.Limits)
	}
	f.Key(fyne.KeyEscape)
	f.backend.Limits = mesibo.FileTransferLimits{}
	f.launch()
	if len(f.backend.Limits.AutoDownload) != 0 || f.backend.Limits.UploadRate != 500_000 {
		t.Errorf("after another start: %+v", f.backend.Limits)
	}
}
