package chat_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/parley-chat/parley/app/apptest"
	"github.com/parley-chat/parley/app/chat"
	"github.com/parley-chat/parley/internal/audio"
	"github.com/parley-chat/parley/mesibo"
)

const tone = "../../internal/audio/testdata/tone.opus" // two seconds

// withSounds opens a chat with voice notes: the peer's are all but those whose title ends with own.
func withSounds(t *testing.T, titles ...string) (*fixture, *apptest.Sound) {
	t.Helper()
	f, s := prepare(), &apptest.Sound{}
	f.backend.Files = t.TempDir()
	for i, title := range titles {
		m := f.backend.Receive(peer, "")
		m.File = &mesibo.FileInfo{
			Title: title, URL: "u", Type: mesibo.FileTypeAudio, Duration: 2 * time.Second, Waveform: make([]byte, 48),
			Path: tone, Progress: 100, Size: 9785,
		}
		m.Out = strings.HasSuffix(title, "own")
		f.backend.Chats[peer][i] = m
	}
	cfg := f.config()
	cfg.Sound = s.Chat()
	f.Model = chat.NewModel(cfg)
	return f, s
}

// card is how the sound of a message is shown.
func (f *fixture) card(i int) string {
	v := f.Voice(f.Messages()[i])
	return fmt.Sprintf("%s %s %.1f playing:%t new:%t", v.Time, v.Speed, v.Part, v.Playing, v.New)
}

func (f *fixture) settle(t *testing.T) {
	t.Helper()
	f.queue.WorkAll(t.Context())
}

func TestModel_PressSound(t *testing.T) {
	f, s := withSounds(t, "Voice message 1.ogg")
	key := f.Messages()[0].Key()
	want(t, "at first", f.card(0), "0:02 1× 0.0 playing:false new:true")
	f.PressSound(key)
	want(t, "while it is opened", f.card(0), "0:00 / 0:02 1× 0.0 playing:true new:true")
	f.settle(t)
	s.Hear(func() bool { return f.card(0) == "0:01 / 0:02 1× 0.5 playing:true new:false" })
	f.PressSound(key)
	f.settle(t)
	want(t, "paused", f.card(0), "0:01 / 0:02 1× 0.5 playing:false new:false")
	want(t, "open devices", s.Playing, 0)
	f.SpeedSound(key)
	f.PressSound(key)
	f.settle(t)
	want(t, "goes on", f.card(0), "0:01 / 0:02 1.5× 0.5 playing:true new:false")
	f.SeekSound(key, 0.8)
	f.settle(t)
	want(t, "elsewhere", f.card(0), "0:01 / 0:02 1.5× 0.8 playing:true new:false")
	s.Hear(func() bool {
		f.queue.Advance(100 * time.Millisecond)
		return f.card(0) == "0:02 1.5× 0.0 playing:false new:false"
	})
	f.settle(t)
	want(t, "open devices", s.Playing, 0)
	want(t, "timers", f.queue.Timers(), 0)
	stored, err := f.backend.FindMessage(f.Messages()[0].Mid)
	if err != nil || !stored.File.Played {
		t.Errorf("it is not noted as played: %v", err)
	}
}

func TestModel_sounds_one_after_another(t *testing.T) {
	f, s := withSounds(t, "Voice message 1.ogg", "Voice message own", "song.ogg", "Voice message 2.ogg", "song.ogg")
	playing := func() (list []int) {
		for i := range f.Messages() {
			if strings.Contains(f.card(i), "playing:true") {
				list = append(list, i)
			}
		}
		return list
	}
	f.PressSound(f.Messages()[2].Key())
	f.PressSound(f.Messages()[0].Key()) // before the other was opened
	f.settle(t)
	want(t, "open devices", s.Playing, 1)
	want(t, "playing", fmt.Sprint(playing()), "[0]")
	s.Hear(func() bool {
		f.queue.Advance(100 * time.Millisecond)
		return fmt.Sprint(playing()) != "[0]"
	})
	f.settle(t)
	want(t, "then", fmt.Sprint(playing()), "[3]")
	s.Hear(func() bool {
		f.queue.Advance(100 * time.Millisecond)
		return len(playing()) == 0
	})
	f.PressSound(f.Messages()[4].Key())
	f.settle(t)
	want(t, "a song", fmt.Sprint(playing()), "[4]")
	f.Removed(f.Messages()[4].Mid)
	f.settle(t)
	want(t, "open devices after it was deleted", s.Playing, 0)
	f.PressSound(f.Messages()[0].Key())
	f.settle(t)
	f.Close()
	f.settle(t)
	want(t, "open devices after the end", s.Playing, 0)
}

func TestModel_sounds_that_cannot_be_played(t *testing.T) {
	for words, change := range map[string]func(*fixture, *apptest.Sound){
		"No speakers": func(_ *fixture, s *apptest.Sound) { s.Err = audio.ErrNoDevice },
		"can't be played": func(f *fixture, _ *apptest.Sound) {
			f.Messages()[0].File.Path = "../../internal/audio/testdata/vorbis.ogg"
		},
		"is damaged":   func(f *fixture, _ *apptest.Sound) { f.Messages()[0].File.Path = "sound_test.go" },
		"not where it": func(f *fixture, _ *apptest.Sound) { f.Messages()[0].File.Path = "/nothing/here" },
	} {
		f, s := withSounds(t, "song.mp3")
		change(f, s)
		f.PressSound(f.Messages()[0].Key())
		f.settle(t)
		if notice := f.TakeNotice(); !strings.Contains(notice, words) {
			t.Errorf("want %q, got %q", words, notice)
		}
		want(t, words, f.card(0), "0:02 1× 0.0 playing:false new:true")
	}
	f, s := withSounds(t, "song.mp3")
	f.PressSound(f.Messages()[0].Key())
	f.settle(t)
	s.Lose()
	f.queue.Advance(time.Second)
	if notice := f.TakeNotice(); !strings.Contains(notice, "No speakers") {
		t.Errorf("after the device went: %q", notice)
	}
}

func TestModel_Record(t *testing.T) {
	f, s := withSounds(t, "song.mp3")
	f.Record()
	f.Record() // twice
	if r := f.Recording(); r == nil || r.Time != "0:00" {
		t.Fatalf("while it is opened: %+v", r)
	}
	f.settle(t)
	s.Speak(3 * time.Second)
	if r := f.Recording(); r == nil || r.Time != "0:03" || r.Level < 0.3 || r.Paused {
		t.Errorf("got %+v", r)
	}
	f.PressSound(f.Messages()[0].Key())
	if words := f.TakeNotice(); !strings.Contains(words, "Finish the recording") {
		t.Errorf("a sound during a recording: %q", words)
	}
	f.SendRecording()
	if f.Recording() != nil {
		t.Error("the recording is shown while it is sent")
	}
	f.settle(t)
	want(t, "open microphones", s.Open, 0)
	want(t, "messages", len(f.Messages()), 2)
	sent := f.last().File
	if f.Recording() != nil || sent.Duration != 3*time.Second || len(sent.Waveform) != 48 ||
		sent.MimeType != "audio/ogg" || sent.Type != mesibo.FileTypeAudio {
		t.Errorf("sent %+v", sent)
	}
	if info, err := audio.Probe(sent.Path); err != nil || info.Duration != 3*time.Second {
		t.Errorf("the file: %+v, %v", info, err)
	}
	want(t, "what it is called", f.last().Preview(), "🎤 Voice message")
	want(t, "call", f.backend.Calls[0], "send "+sent.Title+` with ""`)
	want(t, "files", len(filesIn(t, f.backend.Files)), 1)

	f.Record()
	f.settle(t)
	s.Speak(time.Second)
	f.SendRecording() // within the same second of the clock
	f.settle(t)
	want(t, "files", len(filesIn(t, f.backend.Files)), 2)
}

func filesIn(t *testing.T, folder string) []string {
	t.Helper()
	list, err := filepath.Glob(filepath.Join(folder, "*"))
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestModel_recordings_that_are_not_sent(t *testing.T) {
	f, s := withSounds(t)
	left := filepath.Join(f.backend.Files, "voice-left.part") // by a run that ended in the middle
	if err := os.WriteFile(left, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	gone := func(what, notice string) {
		t.Helper()
		f.settle(t)
		want(t, what+": open microphones", s.Open, 0)
		want(t, what+": files", len(filesIn(t, f.backend.Files)), 0)
		want(t, what+": messages", len(f.Messages()), 0)
		if got := f.TakeNotice(); f.Recording() != nil || !strings.Contains(got, notice) || (notice == "") != (got == "") {
			t.Errorf("%s: %+v, %q", what, f.Recording(), got)
		}
	}
	f.Record()
	f.CancelRecording()
	gone("cancelled at once", "")
	f.Record()
	f.settle(t)
	s.Speak(time.Second)
	f.CancelRecording()
	gone("cancelled", "")
	f.Record()
	f.settle(t)
	s.Speak(400 * time.Millisecond)
	f.SendRecording()
	gone("too short", "too short")
	s.Err = audio.ErrNoDevice
	f.Record()
	gone("no microphone", "No microphone")
	s.Missing = audio.ErrNoEncoder
	f.Record()
	gone("no library", "install libopus")
	f.backend.NoFiles = true
	f.Record()
	gone("no files", "can't be sent")
}

func TestModel_recording_waits(t *testing.T) {
	f, s := withSounds(t)
	cfg := f.config()
	cfg.Sound = s.Chat()
	f.Model = chat.NewModel(cfg)
	f.Record()
	f.settle(t)
	s.Speak(2 * time.Second)
	f.Close()
	f.settle(t)
	want(t, "open microphones while the chat is not open", s.Open, 0)
	f.Model = chat.NewModel(cfg)
	if r := f.Recording(); r == nil || !r.Paused || r.Time != "0:02" {
		t.Fatalf("when it is open again: %+v", r)
	}
	f.SendRecording()
	f.settle(t)
	want(t, "duration", f.last().File.Duration, 2*time.Second)

	f.Record()
	f.settle(t)
	s.Speak(time.Second)
	s.Lose()
	f.queue.Advance(time.Second)
	f.settle(t)
	if r := f.Recording(); r == nil || !r.Paused || !strings.Contains(f.TakeNotice(), "microphone is gone") {
		t.Errorf("after the device went: %+v", r)
	}
	f.backend.Err = errors.New("no")
	f.SendRecording()
	f.settle(t)
	if f.TakeNotice() == "" || f.Recording() != nil {
		t.Error("a refused message is not told")
	}
}
