package chat_test

import (
	"testing"
	"time"

	"github.com/parley-chat/parley/app/chat"
	"github.com/parley-chat/parley/mesibo"
)

func TestModel_Items(t *testing.T) {
	f := prepare()
	at := f.queue.Now()
	add := func(out bool, when time.Time) {
		id := uint64(len(f.backend.Chats[peer]) + 1)
		status := mesibo.MsgStatusReceivedRead
		if out {
			status = mesibo.MsgStatusRead
		}
		f.backend.Chats[peer] = append(f.backend.Chats[peer], chat.Message{Mid: id<<32 | id, Out: out, At: when, Status: status})
	}
	add(false, at.AddDate(0, 0, -1))
	add(false, at)
	add(false, at.Add(4*time.Minute))
	add(true, at.Add(5*time.Minute))
	add(true, at.Add(11*time.Minute))
	f.open()

	type line struct {
		words       string
		first, last bool
	}
	wantLines := []line{
		{words: "Yesterday"},
		{first: true, last: true},
		{words: "Today"},
		{first: true},
		{last: true},
		{first: true, last: true},
		{first: true, last: true},
	}
	got := f.Items()
	want(t, "lines", len(got), len(wantLines))
	keys := map[uint64]bool{}
	for i, w := range wantLines {
		if g := (line{got[i].Words, got[i].First, got[i].Last}); g != w {
			t.Errorf("line %d: got %+v, want %+v", i, g, w)
		}
		keys[got[i].Key] = true
	}
	want(t, "different keys", len(keys), len(wantLines))
}

func TestDateWords(t *testing.T) {
	now := time.Date(2026, time.November, 16, 14, 2, 0, 0, time.Local)
	tests := []struct {
		day  time.Time
		want string
	}{
		{now, "Today"},
		{now.Add(-14 * time.Hour), "Today"},
		{now.Add(-15 * time.Hour), "Yesterday"},
		{now.AddDate(0, 0, -5), "Wednesday"},
		{now.AddDate(0, 0, -7), "9 November 2026"},
		{now.AddDate(0, 0, 1), "17 November 2026"},
		{now.AddDate(-1, 0, 0), "16 November 2025"},
	}
	for _, tt := range tests {
		if got := chat.DateWords(tt.day, now); got != tt.want {
			t.Errorf("DateWords(%v): got %q, want %q", tt.day, got, tt.want)
		}
	}
}
