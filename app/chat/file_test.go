package chat_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parley-chat/parley/app/chat"
	"github.com/parley-chat/parley/mesibo"
)

const mega = 1000 * 1000

// withFile opens a chat with one message that has a file.
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

// progress reports to the model how far the file of the last message is.
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
	const started = "start a.zip, asked for: true"
	upload := func(m *chat.Message) {
		m.Mid, m.Out, m.Status = 1<<31|5, true, mesibo.MsgStatusOutbox
		m.File.Mode, m.File.URL, m.File.Path = mesibo.FileModeUpload, "", "/a.zip"
	}
	tests := map[string]struct {
		change func(m *chat.Message)
		want   string
	}{
		"remote":      {nil, started},
		"downloading": {func(m *chat.Message) { m.File.Status = mesibo.FileStatusInProgress }, "stop a.zip"},
		"interrupted": {func(m *chat.Message) { m.File.Status = mesibo.FileStatusRetryLater }, started},
		"refused":     {func(m *chat.Message) { m.File.Status = mesibo.FileStatusFailed }, started},
		"there":       {func(m *chat.Message) { m.File.Progress, m.File.Path = 100, "/a.zip" }, ""},
		"deleted":     {func(m *chat.Message) { m.Deleted = true }, ""},
		"uploading":   {upload, "cancelled"},
		"stuck": {func(m *chat.Message) {
			upload(m)
			m.File.Status = mesibo.FileStatusRetryLater
		}, started},
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

// An upload may end before its message is shown: both happen on goroutines of their own.
func TestModel_FileSentAfterUpload(t *testing.T) {
	f := prepare().open()
	p, id := f.FileParams("", true)
	file := mesibo.FileInfo{Mode: mesibo.FileModeUpload, Title: "a", Size: 5, Path: "/a"}
	given := file
	want(t, "error", f.backend.SendFile(p, id, &given), nil)
	row := f.backend.Chats[peer][0]
	over := f.backend.Progress(row.Mid, 100, mesibo.FileStatusIdle)
	over.URL = "u"
	f.FileProgress(over)
	f.StatusChanged(row.Mid|7<<32, mesibo.MsgStatusDelivered)
	want(t, "messages", len(f.Messages()), 0)
	f.FileSent(p, id, &file)
	want(t, "URL", f.last().File.URL, "u")
	want(t, "status", f.last().Status, mesibo.MsgStatusDelivered)
	want(t, "messages", len(f.Messages()), 1)
}

// The first of several files answers a message; the draft stays.
func TestModel_FilesKeepDraftAndAnswer(t *testing.T) {
	f := openFilled(3)
	f.SetDraft("not yet sent")
	asked := f.last()
	f.Reply(asked.Key())
	_, refused := f.FileParams("", true)
	f.FileRefused(refused)
	_, strip := f.Strip()
	want(t, "strip after a refusal", strip, true)
	for i := range 2 {
		p, id := f.FileParams("", i == 0)
		f.FileSent(p, id, &mesibo.FileInfo{Title: "a"})
	}
	rows := f.Messages()
	want(t, "first answers", rows[3].RefID, asked.Mid)
	want(t, "second answers", rows[4].RefID, 0)
	want(t, "draft", f.Draft(), "not yet sent")
	_, strip = f.Strip()
	want(t, "strip", strip, false)
}

// A press in the list of transfers does what a press on the ring does, if the message is shown.
func TestModel_StopFile(t *testing.T) {
	f := withFile(func(m *chat.Message) { m.File.Status = mesibo.FileStatusInProgress })
	shown := f.backend.Progress(f.last().Mid, 10, mesibo.FileStatusInProgress)
	want(t, "shown", f.StopFile(shown), true)
	if calls := []string{"stop a.zip"}; !slices.Equal(f.backend.Calls, calls) {
		t.Errorf("asked of the SDK: got %q, want %q", f.backend.Calls, calls)
	}
	another := &mesibo.MessageParams{Mid: 99, Status: mesibo.MsgStatusReceivedNew}
	want(t, "another", f.StopFile(&mesibo.FileInfo{Mid: 99, Params: another}), false)
}

func TestModel_FilesRefused(t *testing.T) {
	f := prepare().open()
	want(t, "refused", f.FilesRefused(), "")
	f.backend.NoFiles = true
	want(t, "refused", f.FilesRefused(), "Files can't be sent through this server.")
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
			want(t, "gist", withFile(tc.change).last().Preview(), tc.want)
		})
	}
}
