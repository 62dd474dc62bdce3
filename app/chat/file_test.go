package chat_test

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/parley-chat/parley/app/apptest"
	"github.com/parley-chat/parley/app/chat"
	"github.com/parley-chat/parley/mesibo"
)

const mega = 1000 * 1000

// withFile opens a conversation with one message that has a file.
func withFile(change func(m *chat.Message)) *fixture {
	f := prepare()
	m := f.backend.Receive(peer, "")
	m.File = &mesibo.FileInfo{Title: "a.zip", Size: 24 * mega, URL: "u", Type: mesibo.FileTypeOther}
	if change != nil {
		change(&m)
	}
	f.backend.Chats[peer][0] = m
	return f.open()
}

// progress tells the model how far the file of the last message is.
func (f *fixture) progress(percent int, status mesibo.FileStatus) {
	f.FileProgress(f.backend.Progress(f.last().Mid, percent, status))
	f.queue.Drain()
}

func TestModel_FileProgress(t *testing.T) {
	f := withFile(nil)
	for _, step := range []struct{ percent, want int }{{10, 10}, {30, 30}, {20, 30}, {31, 31}} {
		f.progress(step.percent, mesibo.FileStatusInProgress)
		want(t, "percent", f.last().File.Progress, step.want)
	}
	f.progress(0, mesibo.FileStatusIdle) // it was stopped
	want(t, "percent after the stop", f.last().File.Progress, 0)
	f.FileProgress(&mesibo.FileInfo{Mid: 99}) // of no message
	f.FileProgress(&mesibo.FileInfo{Mid: 99, Params: &mesibo.MessageParams{Mid: 99, Status: mesibo.MsgStatusReceivedNew}})
	want(t, "percent after others", f.last().File.Progress, 0)
}

func TestModel_FileProgressIsShownTenTimesPerSecond(t *testing.T) {
	f := withFile(nil)
	shown := 0
	cfg := f.config()
	cfg.Changed = func() { shown++ }
	f.Model = chat.NewModel(cfg)
	for i := range 100 {
		f.progress(i, mesibo.FileStatusInProgress)
		f.queue.Advance(10 * time.Millisecond)
	}
	f.queue.Advance(time.Second)
	if shown < 9 || shown > 12 {
		t.Errorf("shown %d times in a second, want about 10", shown)
	}
	before := shown
	f.progress(100, mesibo.FileStatusIdle)
	want(t, "shown at the end", shown, before+1)
	f.progress(10, mesibo.FileStatusInProgress)
	f.Close()
	want(t, "timers after the end", f.queue.Timers(), 0)
}

func TestModel_PressRing(t *testing.T) {
	upload := func(m *chat.Message) {
		m.Mid, m.Out, m.Status = 1<<31|5, true, mesibo.MsgStatusOutbox
		m.File.Mode, m.File.URL, m.File.Path = mesibo.FileModeUpload, "", "/a.zip"
	}
	tests := map[string]struct {
		change func(m *chat.Message)
		want   string
	}{
		"remote":      {nil, "start a.zip, asked for: true"},
		"downloading": {func(m *chat.Message) { m.File.Status = mesibo.FileStatusInProgress }, "stop a.zip"},
		"interrupted": {func(m *chat.Message) { m.File.Status = mesibo.FileStatusRetryLater }, "start a.zip, asked for: true"},
		"refused":     {func(m *chat.Message) { m.File.Status = mesibo.FileStatusFailed }, "start a.zip, asked for: true"},
		"there":       {func(m *chat.Message) { m.File.Progress, m.File.Path = 100, "/a.zip" }, ""},
		"deleted":     {func(m *chat.Message) { m.Deleted = true }, ""},
		"uploading":   {upload, "cancelled"},
		"stuck": {func(m *chat.Message) {
			upload(m)
			m.File.Status = mesibo.FileStatusRetryLater
		}, "start a.zip, asked for: true"},
		"failed": {func(m *chat.Message) {
			upload(m)
			m.Status = mesibo.MsgStatusFail
		}, "resent"},
		"uploaded": {func(m *chat.Message) {
			upload(m)
			m.File.URL = "u"
		}, ""},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			f := withFile(tc.change)
			f.PressRing(f.last().Key())
			got := strings.Join(f.backend.Calls, "; ")
			if len(f.backend.Cancelled) > 0 {
				got += "cancelled"
				want(t, "messages left", len(f.Messages()), 0)
			}
			if len(f.backend.Resent) > 0 {
				got += "resent"
			}
			want(t, "asked of the SDK", got, tc.want)
		})
	}
}

func TestModel_PressRingRefused(t *testing.T) {
	f := withFile(nil)
	f.backend.Err = errors.New("no")
	f.PressRing(f.last().Key())
	want(t, "notice", f.TakeNotice(), "sorry: no")
	f.PressRing(12345) // of nothing
}

func TestWords(t *testing.T) {
	sizes := map[int64]string{
		-1: "", 0: "", 1: "1 B", 999: "999 B", 1000: "1 kB", 1234: "1.2 kB", 9949: "9.9 kB", 9950: "10 kB", 999_499: "999 kB",
		999_500: "1 MB", 24 * mega: "24 MB", 3_200_000: "3.2 MB", 1_500_000_000: "1.5 GB", 4 << 40: "4398 GB",
	}
	for bytes, words := range sizes {
		want(t, "size", chat.SizeWords(bytes), words)
	}
	parts := []struct {
		done, total int64
		want        string
	}{
		{3_200_000, 24 * mega, "3.2 of 24 MB"},
		{3_299_999, 24 * mega, "3.2 of 24 MB"},
		{12 * mega, 24 * mega, "12.0 of 24 MB"},
		{0, 24 * mega, "0 of 24 MB"},
		{12, 500, "12 of 500 B"},
		{0, 0, "0 of 0 B"},
		{120 * mega, 240 * mega, "120 of 240 MB"},
		{40 * mega, 4300 * mega, "0.04 of 4.3 GB"},
		{4299 * mega, 4300 * mega, "4.29 of 4.3 GB"},
		{1500, 2000, "1.5 of 2 kB"},
	}
	for _, p := range parts {
		want(t, "part", chat.PartWords(p.done, p.total), p.want)
	}
}

func TestFileTrouble(t *testing.T) {
	errs := []error{
		mesibo.ErrFileChanged, mesibo.ErrFileTooLarge, mesibo.ErrFileQuota, mesibo.ErrFileGone, mesibo.ErrFileDenied, mesibo.ErrFileRefused,
		mesibo.ErrFileDamaged, mesibo.ErrFileURL, mesibo.ErrNoFileService, mesibo.ErrNoFileHandler, mesibo.ErrDiskFull, fs.ErrNotExist,
		fs.ErrPermission, syscall.ENOSPC, mesibo.ErrFileUnreadable,
	}
	for _, err := range errs {
		up, upOK := chat.FileTrouble(fmt.Errorf("moving: %w", err), true)
		down, downOK := chat.FileTrouble(fmt.Errorf("moving: %w", err), false)
		if !upOK && !downOK {
			t.Errorf("%v: nothing is said", err)
		}
		for _, words := range []string{up, down} {
			if words != "" && (!strings.HasSuffix(words, ".") || words[0] < 'A' || words[0] > 'Z') {
				t.Errorf("%v: %q is no sentence", err, words)
			}
		}
	}
	for _, upload := range []bool{true, false} {
		for _, err := range []error{nil, errors.New("no"), mesibo.ResultFail} {
			if words, ok := chat.FileTrouble(err, upload); ok || words != "" {
				t.Errorf("%v: got %q", err, words)
			}
		}
	}
}

// files writes files into a folder and gives their paths.
func files(t *testing.T, content map[string][]byte) func(name string) string {
	t.Helper()
	dir := t.TempDir()
	for name, data := range content {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return func(name string) string { return filepath.Join(dir, name) }
}

func TestModel_Attach(t *testing.T) {
	_, png := apptest.Picture(64, 48)
	at := files(t, map[string][]byte{"a.png": png, "b.txt": []byte("hello"), "c.png": []byte("no picture"), "large": make([]byte, 11_000)})
	f := prepare()
	cfg := f.config()
	cfg.FileLimit = func() int64 { return 10_000 }
	f.Model = chat.NewModel(cfg)
	var got []chat.Attachment
	paths := []string{at("a.png"), at("b.txt"), at("c.png"), at("large"), at("missing"), at("")}
	f.Attach(paths, func(list []chat.Attachment) { got = list })
	f.queue.WorkAll(t.Context())
	want(t, "files", len(got), len(paths))
	problems := []string{"", "", "", "Too large: 11 kB", "It is not there any more", "This is a folder; pack it into one file"}
	for i, a := range got {
		want(t, "problem of "+a.Name, a.Problem, problems[i])
		want(t, "picture of "+a.Name, a.Photo != nil, a.Name == "a.png")
	}
	want(t, "size", got[1].Size, 5)

	want(t, "error", f.sendAll(got, "Look"), nil)
	calls := []string{`send a.png with "Look"`, `send b.txt with ""`, `send c.png with ""`}
	if !slices.Equal(f.backend.Calls, calls) {
		t.Errorf("asked of the SDK: got %q, want %q", f.backend.Calls, calls)
	}
	want(t, "messages", len(f.Messages()), 3)
	first := f.Messages()[0]
	want(t, "caption", first.Text, "Look")
	want(t, "width", first.File.Width, 64)
	want(t, "type of what is no picture", f.last().File.Type, mesibo.FileTypeOther)
	want(t, "waits", first.Waits(), true)
	f.progress(40, mesibo.FileStatusInProgress)
	want(t, "percent", f.last().File.Progress, 40)
}

func TestModel_SendFilesKeepsDraftAndAnswers(t *testing.T) {
	at := files(t, map[string][]byte{"a": []byte("a"), "b": []byte("b")})
	f := prepare()
	f.backend.Fill(peer, 3, f.queue.Now())
	f.open()
	f.SetDraft("not yet sent")
	asked := f.last()
	f.Reply(asked.Key())
	var list []chat.Attachment
	f.Attach([]string{at("a"), at("b")}, func(l []chat.Attachment) { list = l })
	f.queue.WorkAll(t.Context())

	f.backend.Err = errors.New("no")
	want(t, "refused", f.sendAll(list, "") != nil, true)
	want(t, "messages", len(f.Messages()), 3)

	f.backend.Err = nil
	want(t, "error", f.sendAll(list, ""), nil)
	rows := f.Messages()
	want(t, "first answers", rows[3].RefID, asked.Mid)
	want(t, "second answers", rows[4].RefID, 0)
	want(t, "draft", f.Draft(), "not yet sent")
	_, strip := f.Strip()
	want(t, "strip", strip, false)
}

// sendAll sends files as the window does, until one is refused.
func (f *fixture) sendAll(list []chat.Attachment, caption string) error {
	for _, o := range f.FilesToSend(list, caption, true) {
		if err := o.Send(); err != nil {
			return err
		}
		f.FileSent(o)
	}
	return nil
}

// noisePicture is a PNG file that is large for its size.
func noisePicture(t *testing.T, w, h int) []byte {
	t.Helper()
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	_, _ = rand.NewChaCha8([32]byte{}).Read(img.Pix) // it never fails
	for i := 3; i < len(img.Pix); i += 4 {
		img.Pix[i] = 0xFF
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestModel_PicturesOrFiles(t *testing.T) {
	_, small := apptest.Picture(64, 48)
	large := noisePicture(t, 3000, 100)
	at := files(t, map[string][]byte{"small.png": small, "large.png": large})
	f := prepare()
	f.backend.Files = t.TempDir()
	f.open()
	var list []chat.Attachment
	f.Attach([]string{at("small.png"), at("large.png")}, func(l []chat.Attachment) { list = l })
	f.queue.WorkAll(t.Context())

	want(t, "error", f.sendAll(list, ""), nil)
	rows := f.Messages()
	want(t, "small picture", rows[0].File.Path, at("small.png"))
	copied := rows[1].File
	want(t, "type", copied.Type, mesibo.FileTypeImage)
	want(t, "title", copied.Title, "large.jpg")
	want(t, "width", copied.Width, 3000) // LoadImage of the stand-in leaves sizes
	if info, err := os.Stat(copied.Path); err != nil || info.Size() != copied.Size || copied.Size >= int64(len(large)) {
		t.Errorf("copy %s: %v, %d bytes of %d", copied.Path, err, copied.Size, len(large))
	}
	want(t, "error", f.sendAll(list[1:], ""), nil) // the same content is the same file
	want(t, "second copy", f.last().File.Path, copied.Path)

	for _, o := range f.FilesToSend(list[1:], "", false) {
		want(t, "error", o.Send(), nil)
		f.FileSent(o)
	}
	plain := f.last().File
	want(t, "type as a file", plain.Type, mesibo.FileTypeOther)
	want(t, "path as a file", plain.Path, at("large.png"))
	want(t, "thumbnail as a file", len(plain.Thumbnail), 0)
}

// An upload may be over before its message is shown: both happen on goroutines of their own.
func TestModel_FileSentWhenAllIsOver(t *testing.T) {
	at := files(t, map[string][]byte{"a": []byte("hello")})
	f := prepare().open()
	var list []chat.Attachment
	f.Attach([]string{at("a")}, func(l []chat.Attachment) { list = l })
	f.queue.WorkAll(t.Context())
	o := f.FilesToSend(list, "", true)[0]
	want(t, "error", o.Send(), nil)
	row := f.backend.Chats[peer][0]
	over := f.backend.Progress(row.Mid, 100, mesibo.FileStatusIdle)
	over.URL = "u"
	f.FileProgress(over)
	f.StatusChanged(row.Mid|7<<32, mesibo.MsgStatusDelivered)
	want(t, "messages", len(f.Messages()), 0)
	f.FileSent(o)
	want(t, "URL", f.last().File.URL, "u")
	want(t, "status", f.last().Status, mesibo.MsgStatusDelivered)
	want(t, "messages", len(f.Messages()), 1)
}

func TestModel_FilesRefused(t *testing.T) {
	f := prepare().open()
	want(t, "refused", f.FilesRefused(), "")
	f.backend.NoFiles = true
	want(t, "refused", f.FilesRefused(), "Files can't be sent with this server.")
}

func TestMessage_HasFile(t *testing.T) {
	tests := map[string]struct {
		change func(m *chat.Message)
		want   string
	}{
		"remote":     {nil, ""},
		"there":      {func(m *chat.Message) { m.File.Progress, m.File.Path = 100, "/a" }, "/a"},
		"on its way": {func(m *chat.Message) { m.File.Progress, m.File.Path = 40, "/a" }, ""},
		"own":        {func(m *chat.Message) { m.File.Mode, m.File.Path = mesibo.FileModeUpload, "/a" }, "/a"},
		"deleted":    {func(m *chat.Message) { m.File.Progress, m.File.Path, m.Deleted = 100, "/a", true }, ""},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			f := withFile(tc.change)
			path, ok := f.last().HasFile()
			if ok != (tc.want != "") || ok && path != tc.want {
				t.Errorf("got %q, %t; want %q", path, ok, tc.want)
			}
		})
	}
}

func TestMessage_GistOfFile(t *testing.T) {
	tests := map[string]struct {
		change func(m *chat.Message)
		want   string
	}{
		"file":    {nil, "📎 a.zip"},
		"photo":   {func(m *chat.Message) { m.File.Type = mesibo.FileTypeImage }, "📷 Photo"},
		"caption": {func(m *chat.Message) { m.Text = "the\nplan" }, "📎 a.zip · the plan"},
		"no name": {func(m *chat.Message) { m.File.Title = "" }, "📎 File"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			want(t, "gist", withFile(tc.change).last().Gist(), tc.want)
		})
	}
}
