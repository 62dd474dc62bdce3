package call_test

import (
	"testing"
	"time"

	"github.com/parley-chat/parley/app/call"
	media "github.com/parley-chat/parley/mesibo/call"
)

// TestMeter: the level follows the microphone, in a call and without one, also another one that is chosen.
func TestMeter(t *testing.T) {
	t.Parallel()
	f := prepare(t)
	levels, failures := []float32{}, 0
	begin := func() *call.Meter {
		p := f.NewMeter(func(level float32) { levels = append(levels, level) }, func() { failures++ })
		f.settle()
		return p
	}
	last := func() float32 {
		f.queue.Advance(60 * time.Millisecond)
		if len(levels) == 0 {
			return 0
		}
		return levels[len(levels)-1]
	}
	p := begin()
	f.sound.Speak(50 * time.Millisecond)
	loud := last()
	if loud < 0.3 || loud > 1 || !f.sound.IsOpen() {
		t.Errorf("level of speech: got %v", loud)
	}
	f.queue.Advance(300 * time.Millisecond)
	if soft := last(); soft >= loud || soft <= 0 {
		t.Errorf("level a moment later: got %v, before %v", soft, loud)
	}
	f.queue.Advance(5 * time.Second)
	if got := last(); got != 0 {
		t.Errorf("level of silence: got %v", got)
	}
	f.Choose(call.Microphone, "3")
	f.settle()
	f.headset.Speak(50 * time.Millisecond)
	if got := last(); got < 0.3 || f.sound.IsOpen() {
		t.Errorf("level of another microphone: got %v, the first is open %v", got, f.sound.IsOpen())
	}
	p.Close()
	p.Close()
	f.settle()
	if f.headset.IsOpen() || f.queue.Timers() != 0 {
		t.Error("open after the end")
	}

	stop, err := f.phone.Media.Microphone.Record(media.SampleRate, func([]float32) {}, func() {}) // a call
	if err != nil {
		t.Fatal(err)
	}
	p = begin()
	if f.headset.Open != 1 {
		t.Errorf("opened %d times during a call, want once", f.headset.Open)
	}
	f.headset.Speak(50 * time.Millisecond)
	if got := last(); got < 0.3 {
		t.Errorf("level in a call: got %v", got)
	}
	p.Close()
	stop()
	f.headset.Err = media.ErrNoDevice
	p = begin()
	if failures != 1 {
		t.Errorf("failures: got %d, want 1", failures)
	}
	p.Close()
	f.settle()
}

func TestTestSpeaker(t *testing.T) {
	t.Parallel()
	f := prepare(t)
	failures := 0
	f.TestSpeaker(func() { failures++ })
	f.settle()
	if !f.sound.IsPlaying() {
		t.Error("no tone")
	}
	f.queue.Advance(2 * time.Second)
	f.settle()
	if f.sound.IsPlaying() || failures != 0 {
		t.Errorf("it plays on, or %d failures", failures)
	}
	f.sound.Err = media.ErrNoDevice
	f.TestSpeaker(func() { failures++ })
	f.settle()
	if failures != 1 {
		t.Errorf("failures: got %d, want 1", failures)
	}
}
