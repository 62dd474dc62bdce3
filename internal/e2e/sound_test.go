package e2e_test

import (
	"bytes"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/mesibo/mesibotest"
)

// tone is two seconds of Ogg Opus.
const tone = "../audio/testdata/tone.opus"

// The duration and the waveform of a sound arrive with the message, before the file.
func TestSound_there_and_back(t *testing.T) {
	t.Parallel()
	s := mesibotest.NewServer(t)
	var w cables
	alice, bob := carried(t, s.Token("alice"), t.TempDir(), &w), carried(t, s.Token("bob"), t.TempDir(), &w)
	bob.must(bob.SetFileTransferLimits(mesibo.FileTransferLimits{AutoDownload: map[mesibo.FileType]int64{}}))
	data, err := os.ReadFile(tone)
	alice.must(err)
	alice.must(alice.SendFile(toBob(), 1, &mesibo.FileInfo{Path: writeBytes(t, "voice.opus", data), Title: "voice"}))
	bob.await("the message", func() bool { return bob.midOf("voice") != 0 })
	mid := bob.mid("voice")
	got := bob.sound(mid)
	if got.Type != mesibo.FileTypeAudio || got.MimeType != "audio/ogg" || got.Duration != 2*time.Second ||
		len(got.Waveform) != 48 || got.Waveform[24] < 200 ||
		got.Path != "" || got.Played {
		t.Errorf("bob got %+v", got)
	}
	alice.awaitSent(1)
	if own := alice.sound(mid); own.Duration != 2*time.Second || !bytes.Equal(own.Waveform, got.Waveform) {
		t.Errorf("alice has %+v", own)
	}
	bob.must(bob.SetPlayed(got.Mid))
	if !bob.sound(mid).Played {
		t.Error("it was not played")
	}
	if err := bob.SetPlayed(12345); !errors.Is(err, mesibo.ErrNotFound) {
		t.Errorf("of no message: %v", err)
	}
	bob.must(bob.StartFileTransfer(got))
	bob.awaitFetched("voice", data)
	if !bob.sound(mid).Played {
		t.Error("after the download it was not played")
	}

	bob.must(bob.ForwardMessage(mesibo.MessageParams{Peer: "alice"}, 7, got.Mid))
	alice.await("the forwarded message", func() bool { return alice.midOf("voice") != 0 })
	back := alice.midOf("voice")
	if f := alice.sound(back); f.Duration != 2*time.Second || !bytes.Equal(f.Waveform, got.Waveform) || f.Played {
		t.Errorf("forwarded: alice got %+v", f)
	}
	bob.awaitSent(7)
	if bob.sound(back).Played {
		t.Error("what bob forwarded is played")
	}
}

func (d *device) sound(mid uint64) *mesibo.FileInfo {
	d.t.Helper()
	msg, err := d.FindMessage(mid)
	d.must(err)
	return msg.File
}

func TestSound_types_by_content(t *testing.T) {
	t.Parallel()
	s := mesibotest.NewServer(t)
	var w cables
	alice := carried(t, s.Token("alice"), t.TempDir(), &w)
	data, err := os.ReadFile(tone)
	alice.must(err)
	f := &mesibo.FileInfo{Path: writeBytes(t, "wrong.mp3", data)}
	alice.must(alice.MakeWaveform(f))
	if f.Duration != 2*time.Second || len(f.Waveform) != 48 {
		t.Errorf("%+v", f)
	}
	alice.must(alice.SendFile(toBob(), 1, f))
	if f.MimeType != "audio/ogg" {
		t.Errorf("its type is %s", f.MimeType)
	}
	broken := &mesibo.FileInfo{Path: writeBytes(t, "broken.mp3", []byte("ID3 and nothing")), Title: "broken"}
	if err := alice.MakeWaveform(broken); !errors.Is(err, mesibo.ErrSoundFormat) ||
		!errors.Is(err, mesibo.ResultBadRequest) {
		t.Errorf("of a broken file: %v", err)
	}
	if err := alice.MakeWaveform(nil); !errors.Is(err, mesibo.ResultBadRequest) {
		t.Errorf("of none: %v", err)
	}
	alice.must(alice.SendFile(toBob(), 2, broken)) // it is sent like any file
	long := &mesibo.FileInfo{Path: f.Path, Waveform: make([]byte, 65)}
	if err := alice.SendFile(toBob(), 3, long); !errors.Is(err, mesibo.ErrTooLarge) {
		t.Errorf("a long waveform: %v", err)
	}
}
