package mesh_test

import (
	"context"
	"errors"
	"image"
	"image/color"
	"math"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parley-chat/parley/internal/goroutine/leaktest"
	"github.com/parley-chat/parley/mesibo/call"
	"github.com/parley-chat/parley/mesibo/call/calltest"
	"github.com/parley-chat/parley/mesibo/internal/mesh"
)

func TestMain(m *testing.M) { os.Exit(leaktest.Main(m)) }

func silent(bool) {}

func within(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// tone returns a fill function that plays a tone of a frequency in Hz and an amplitude.
func tone(frequency, amplitude float64) func([]float32) {
	phase := 0.0
	return func(samples []float32) {
		for i := range samples {
			phase += 2 * math.Pi * frequency / call.SampleRate
			samples[i] = float32(amplitude * math.Sin(phase))
		}
	}
}

// TestMicrophone: one microphone is heard on all lines, while it is open, whoever comes and goes.
func TestMicrophone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		set := calltest.New(440)
		var talking atomic.Int32
		d, err := mesh.New(*set.Media, func(on bool) {
			if on {
				talking.Add(1)
			} else {
				talking.Add(-1)
			}
		})
		check(t, err)
		counts := make([]atomic.Int32, 3)
		stops := make([]func(), len(counts))
		record := func(i int) {
			t.Helper()
			stops[i], err = d.Line(silent).Media().Microphone.Record(call.SampleRate, func(samples []float32) {
				if len(samples) != call.FrameSize {
					t.Errorf("%d samples", len(samples))
				}
				counts[i].Add(1)
			}, func() { counts[i].Store(-1000) })
			check(t, err)
		}
		record(0)
		record(1)
		<-time.After(time.Second)
		if counts[0].Load() != 0 || set.Microphone.InUse() {
			t.Fatal("the microphone is open")
		}
		check(t, d.OpenMicrophone())
		check(t, d.OpenMicrophone())
		<-time.After(time.Second)
		record(2)
		stops[0]()
		<-time.After(time.Second)
		for i, want := range []int32{49, 99, 49} {
			if got := counts[i].Load(); got < want-1 || got > want+2 {
				t.Errorf("line %d: %d frames, want %d", i, got, want)
			}
		}
		if talking.Load() != 1 {
			t.Error("no speech")
		}
		set.Microphone.SetFrequency(0)
		<-time.After(time.Second)
		if talking.Load() != 0 {
			t.Error("speaks on")
		}
		d.CloseMicrophone()
		before := counts[1].Load()
		if <-time.After(time.Second); counts[1].Load() != before || set.Microphone.InUse() {
			t.Error("it was not closed")
		}
		check(t, d.OpenMicrophone())
		set.Microphone.Unplug()
		synctest.Wait()
		if counts[1].Load() != -1000 || counts[2].Load() != -1000 || counts[0].Load() < 0 {
			t.Error("the lines do not know of the loss")
		}
		stops[1]()
		stops[2]()
		d.Close()
		if err := d.OpenMicrophone(); !errors.Is(err, call.ErrNoDevice) {
			t.Errorf("unplugged: %v", err)
		}
		if _, err := d.Line(silent).Media().Microphone.Record(8000, nil, nil); err == nil {
			t.Error("another rate")
		}
	})
}

// TestMixer: the speaker plays all lines that are heard, and runs while there is any.
func TestMixer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		set := calltest.New(0)
		d, err := mesh.New(*set.Media, silent)
		check(t, err)
		var mu sync.Mutex
		talks := make(map[float64]bool)
		frequencies := []float64{500, 1000, 1500}
		lines, stops := make([]*mesh.Line, 3), make([]func(), 3)
		for i, f := range frequencies {
			lines[i] = d.Line(func(on bool) {
				mu.Lock()
				defer mu.Unlock()
				talks[f] = on
			})
			stops[i], err = lines[i].Media().Speaker.Play(call.SampleRate, 1, tone(f, 0.25), silentLoss)
			check(t, err)
		}
		levels := func(what string, want ...float64) {
			t.Helper()
			<-time.After(time.Second)
			mu.Lock()
			defer mu.Unlock()
			for i, f := range frequencies {
				if got := set.Speaker.Level(f); math.Abs(got-want[i]) > 0.02 {
					t.Errorf("%s: %v Hz with %.3f, want %v", what, f, got, want[i])
				}
				if talks[f] != (want[i] > 0) {
					t.Errorf("%s: the line with %v Hz: %v", what, f, talks[f])
				}
			}
		}
		levels("not heard", 0, 0, 0)
		lines[0].SetHeard(true)
		levels("one", 0.25, 0, 0)
		lines[1].SetHeard(true)
		lines[2].SetHeard(true)
		levels("all", 0.25, 0.25, 0.25)
		lines[0].SetHeard(false)
		levels("two", 0, 0.25, 0.25)
		stops[1]()
		stops[1]()
		levels("one left", 0, 0, 0.25)
		stops[0]()
		stops[2]()
		if set.Speaker.InUse() {
			t.Error("the speaker runs without lines")
		}
		stop, err := lines[0].Media().Speaker.Play(call.SampleRate, 1, tone(500, 0.25), silentLoss)
		check(t, err)
		lines[0].SetHeard(true)
		levels("again", 0.25, 0, 0)
		stop()
		d.Close()
	})
}

func silentLoss() {}

// TestMixer_limit: what is too loud together is made quieter as a whole, not cut off.
func TestMixer_limit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		set := calltest.New(0)
		d, err := mesh.New(*set.Media, silent)
		check(t, err)
		for _, f := range []float64{500, 700, 900} {
			l := d.Line(silent)
			stop, err := l.Media().Speaker.Play(call.SampleRate, 1, tone(f, 0.9), silentLoss)
			check(t, err)
			defer stop()
			l.SetHeard(true)
		}
		<-time.After(time.Second)
		samples, _ := set.Speaker.Recorded()
		peak := float32(0)
		for _, v := range samples {
			peak = max(peak, v, -v)
		}
		if peak > 1 || peak < 0.9 {
			t.Errorf("peak %v", peak)
		}
		for _, f := range []float64{500, 700, 900} {
			if got := set.Speaker.Level(f); got < 0.3 {
				t.Errorf("%v Hz with %v", f, got)
			}
		}
		if got := set.Speaker.Level(100); got > 0.02 { // what cutting off would add
			t.Errorf("distortion %v", got)
		}
	})
}

// TestVideo: one camera is seen on all lines, and runs while any looks.
func TestVideo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		set := calltest.New(0)
		m := *set.Media
		m.Screen = calltest.NewCamera(color.Black)
		d, err := mesh.New(m, silent)
		check(t, err)
		screens := []*calltest.Screen{calltest.NewScreen(), calltest.NewScreen(), calltest.NewScreen()}
		stops := make([]func(), len(screens))
		var lost atomic.Int32
		for i, s := range screens[:2] {
			stops[i], err = d.Line(silent).Media().Camera.Start(320, 240, 25, s.Show, func() { lost.Add(1) })
			check(t, err)
		}
		stops[2], err = d.Line(silent).Media().Screen.Start(320, 240, 25, screens[2].Show, silentLoss)
		check(t, err)
		check(t, screens[0].See(within(t, time.Second), color.White))
		check(t, screens[1].See(within(t, time.Second), color.White))
		check(t, screens[2].See(within(t, time.Second), color.Black))
		stops[0]()
		stops[0]()
		n := screens[0].Seen().Frames
		check(t, screens[1].Await(within(t, 2*time.Second), 10))
		if screens[0].Seen().Frames != n || !set.Camera.InUse() {
			t.Error("the end of one use is wrong")
		}
		set.Camera.Unplug()
		synctest.Wait()
		if lost.Load() != 1 {
			t.Errorf("%d know of the loss", lost.Load())
		}
		for range 2 {
			_, err := d.Line(silent).Media().Camera.Start(320, 240, 25, func(*image.YCbCr) {}, silentLoss)
			if !errors.Is(err, call.ErrNoDevice) {
				t.Errorf("unplugged: %v", err)
			}
			stops[1]()
		}
		stops[2]()
		if set.Camera.InUse() {
			t.Error("the camera runs on")
		}
		d.Close()
	})
}

// processor is a call.AudioProcessor that counts, and empties what is recorded.
type processor struct {
	played, recorded atomic.Int32
	closed           atomic.Bool
}

func (p *processor) Played(samples []float32) { p.played.Add(int32(len(samples))) }
func (p *processor) Close()                   { p.closed.Store(true) }

func (p *processor) Recorded(samples []float32) {
	p.recorded.Add(int32(len(samples)))
	clear(samples)
}

// TestProcessor: echo is removed once for all lines.
func TestProcessor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		set, p := calltest.New(440), &processor{}
		set.Media.Processor = func() (call.AudioProcessor, error) { return p, nil }
		d, err := mesh.New(*set.Media, silent)
		check(t, err)
		check(t, d.OpenMicrophone())
		var loud atomic.Bool
		for range 3 {
			m := d.Line(silent).Media()
			if m.Processor != nil {
				t.Error("the connection would remove it again")
			}
			stop, err := m.Speaker.Play(call.SampleRate, 1, tone(500, 0.1), silentLoss)
			check(t, err)
			defer stop()
			stop, err = m.Microphone.Record(call.SampleRate, func(s []float32) {
				if s[100] != 0 {
					loud.Store(true)
				}
			}, silentLoss)
			check(t, err)
			defer stop()
		}
		<-time.After(time.Second)
		for _, n := range []int32{p.played.Load(), p.recorded.Load()} {
			if n < 46_000 || n > 50_000 {
				t.Errorf("%d samples", n)
			}
		}
		d.Close()
		if loud.Load() || !p.closed.Load() {
			t.Error("what was recorded was not processed, or the processor not closed")
		}
	})
}

// TestNothing: what is missing is missing on the lines, and no error.
func TestNothing(t *testing.T) {
	t.Parallel()
	d, err := mesh.New(call.Media{Processor: func() (call.AudioProcessor, error) { return nil, call.ErrNoCodec }}, silent)
	if !errors.Is(err, call.ErrNoCodec) {
		t.Errorf("got %v", err)
	}
	m := d.Line(silent).Media()
	if m.Microphone != nil || m.Speaker != nil || m.Camera != nil || m.Screen != nil {
		t.Errorf("media %+v", m)
	}
	if err := d.OpenMicrophone(); !errors.Is(err, call.ErrNoDevice) {
		t.Errorf("got %v", err)
	}
	d.Close()
}
