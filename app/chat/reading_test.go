package chat_test

import (
	"slices"
	"testing"
	"time"

	"github.com/parley-chat/parley/mesibo"
)

func TestModel_ReadReceipts(t *testing.T) {
	const long = 400 * time.Millisecond
	tests := []struct {
		name string
		do   func(f *fixture, key uint64)
		want int
	}{
		{"focused and in view", func(f *fixture, key uint64) {
			f.SetFocused(true)
			f.Scrolled(key, true)
			f.queue.Advance(long)
		}, 1},
		{"not focused", func(f *fixture, key uint64) {
			f.Scrolled(key, true)
			f.queue.Advance(long)
		}, 0},
		{"too short", func(f *fixture, key uint64) {
			f.SetFocused(true)
			f.Scrolled(key, true)
			f.queue.Advance(200 * time.Millisecond)
			f.SetFocused(false)
			f.queue.Advance(long)
		}, 0},
		{"focus comes later", func(f *fixture, key uint64) {
			f.Scrolled(key, true)
			f.queue.Advance(long)
			f.SetFocused(true)
			f.queue.Advance(long)
		}, 1},
		{"scrolled away", func(f *fixture, key uint64) {
			f.SetFocused(true)
			f.Scrolled(key, true)
			f.queue.Advance(200 * time.Millisecond)
			f.Scrolled(f.Messages()[0].Key(), false)
			f.queue.Advance(long)
		}, 0},
		{"left", func(f *fixture, key uint64) {
			f.SetFocused(true)
			f.Scrolled(key, true)
			f.Close()
			f.queue.Advance(long)
		}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := prepare()
			f.backend.Fill(peer, 100, f.queue.Now().Add(-time.Hour))
			f.backend.Receive(peer, "one")
			mid := f.backend.Receive(peer, "two").Mid
			f.open()
			tt.do(f, f.last().Key())
			f.queue.WorkAll(t.Context())
			want(t, "receipts", len(f.backend.Receipts), tt.want)
			if tt.want == 1 {
				want(t, "mid", f.backend.Receipts[0], mid)
				want(t, "unread", f.backend.Profiles[peer].Unread, 0)
				want(t, "still unread", f.last().Unread(), false)
			}
		})
	}
}

func TestModel_ReadReceiptForArrival(t *testing.T) {
	f := prepare().open()
	f.SetFocused(true)
	m := f.backend.Receive(peer, "hi")
	f.Received(m)
	f.Scrolled(m.Key(), true)
	f.queue.Advance(300 * time.Millisecond)
	f.queue.WorkAll(t.Context())
	want(t, "receipts", len(f.backend.Receipts), 1)
	want(t, "timers left", f.queue.Timers(), 0)
}

func TestModel_DividerStays(t *testing.T) {
	f := prepare()
	f.backend.Receive(peer, "hi")
	f.open()
	f.SetFocused(true)
	f.Scrolled(f.last().Key(), true)
	f.queue.Advance(time.Second)
	f.queue.WorkAll(t.Context())
	want(t, "receipts", len(f.backend.Receipts), 1)
	_, words := f.Divider()
	want(t, "divider", words, "1 unread message")
	f.Close()
	f.open()
	_, words = f.Divider()
	want(t, "divider when opened again", words, "")
}

func TestModel_DividerGoesWithAnswer(t *testing.T) {
	f := prepare()
	f.backend.Receive(peer, "hi")
	f.open()
	_, words := f.Divider()
	want(t, "divider", words, "1 unread message")
	f.Send("hello")
	_, words = f.Divider()
	want(t, "divider above an answer", words, "")
}

func TestModel_Draft(t *testing.T) {
	f := prepare().open()
	f.SetDraft("he")
	f.queue.Advance(400 * time.Millisecond)
	f.SetDraft("hello")
	f.queue.Advance(400 * time.Millisecond)
	want(t, "saved early", len(f.drafts), 0)
	f.queue.Advance(200 * time.Millisecond)
	want(t, "saved", f.backend.Profiles[peer].Draft, "hello")
	f.SetDraft("hello there")
	f.Close()
	want(t, "saved when left", f.backend.Profiles[peer].Draft, "hello there")
	f.queue.Advance(time.Second)
	f.open()
	want(t, "draft when opened again", f.Draft(), "hello there")
	f.Send(f.Draft())
	want(t, "draft after sending", f.backend.Profiles[peer].Draft, "")
	if got, want := f.drafts, []string{"hello", "hello there", ""}; !slices.Equal(got, want) {
		t.Errorf("told of drafts: got %q, want %q", got, want)
	}
}

func TestModel_DraftTypedAndTakenBack(t *testing.T) {
	f := prepare().open()
	f.SetDraft("x")
	f.SetDraft("")
	f.queue.Advance(time.Second)
	want(t, "saved", len(f.drafts), 0)
}

// What is reported of a file while the page with its message is read wins over what was read.
func TestModel_FileProgressWhilePageIsRead(t *testing.T) {
	f := prepare()
	f.backend.Fill(peer, 100, f.queue.Now())
	rows := f.backend.Chats[peer]
	rows[10].File = &mesibo.FileInfo{Title: "a.zip", Size: 100, URL: "u", Status: mesibo.FileStatusInProgress}
	f.open()
	f.LoadOlder()
	over := f.backend.Progress(rows[10].Mid, 100, mesibo.FileStatusIdle)
	rows[10].File.Progress, rows[10].File.Status = 40, mesibo.FileStatusInProgress // the state when the page was read
	f.FileProgress(over)
	f.FileProgress(&mesibo.FileInfo{Mid: 99_999, Params: over.Params}) // of a message that is nowhere
	f.queue.WorkAll(t.Context())
	m, ok := f.Message(rows[10].Key())
	if !ok {
		t.Fatal("the message was not read")
	}
	want(t, "percent", m.File.Progress, 100)
	want(t, "status", m.File.Status, mesibo.FileStatusIdle)
}

// TestModel_ReadReceiptsInTurn: what comes into view while a receipt is being written has its own after it.
func TestModel_ReadReceiptsInTurn(t *testing.T) {
	f := prepare().open()
	f.SetFocused(true)
	for range 2 {
		m := f.backend.Receive(peer, "hi")
		f.Received(m)
		f.Scrolled(m.Key(), true)
		f.queue.Advance(time.Second)
	}
	want(t, "receipts before the disk has answered", len(f.backend.Receipts), 0)
	f.queue.Work(t.Context())
	want(t, "receipts for the first", len(f.backend.Receipts), 1)
	f.queue.Advance(time.Second)
	f.queue.WorkAll(t.Context())
	want(t, "receipts in the end", len(f.backend.Receipts), 2)
	want(t, "still unread", f.last().Unread(), false)
}
