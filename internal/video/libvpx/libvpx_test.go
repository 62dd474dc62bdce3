package libvpx

import (
	"errors"
	"image"
	"math"
	"math/rand/v2"
	"sync"
	"testing"
	"unsafe"

	"github.com/parley-chat/parley/internal/library/librarytest"
	"github.com/parley-chat/parley/mesibo/call"
)

var small = call.VideoEncoderOptions{Width: 320, Height: 240, FPS: 30, Bitrate: 300_000}

// pattern draws frame n of waves that move, into a part of a larger frame.
func pattern(n, width, height int) *image.YCbCr {
	all := image.NewYCbCr(image.Rect(0, 0, width+20, height+10), image.YCbCrSubsampleRatio420)
	f := all.SubImage(image.Rect(10, 6, 10+width, 6+height)).(*image.YCbCr)
	across, down := make([]float64, width), make([]float64, height)
	for x := range across {
		across[x] = 128 + 60*math.Sin(float64(x+3*n)/17)
	}
	for y := range down {
		down[y] = 40 * math.Cos(float64(y-2*n)/23)
	}
	for y := range height {
		for x := range width {
			f.Y[y*f.YStride+x] = byte(across[x] + down[y])
		}
	}
	for y := range height / 2 {
		for x := range width / 2 {
			f.Cb[y*f.CStride+x], f.Cr[y*f.CStride+x] = byte(90+n%20), byte(140+across[x]/10)
		}
	}
	return f
}

// likeness returns the peak signal to noise ratio of two frames in dB, of their worst plane.
func likeness(a, b *image.YCbCr) float64 {
	size := a.Rect.Size()
	if size != b.Rect.Size() {
		return 0
	}
	worst := math.Inf(1)
	for i := range 3 {
		width, height := plane(i, size)
		pa, pb := [][]byte{a.Y, a.Cb, a.Cr}[i], [][]byte{b.Y, b.Cb, b.Cr}[i]
		sa, sb := []int{a.YStride, a.CStride, a.CStride}[i], []int{b.YStride, b.CStride, b.CStride}[i]
		sum := 0.0
		for y := range height {
			for x := range width {
				d := float64(pa[y*sa+x]) - float64(pb[y*sb+x])
				sum += d * d
			}
		}
		worst = min(worst, 10*math.Log10(255*255/(sum/float64(width*height)+1e-9)))
	}
	return worst
}

// encoderFor returns nil when the library is missing.
func encoderFor(t testing.TB, o call.VideoEncoderOptions) call.VideoEncoder {
	t.Helper()
	e, err := NewEncoder(o)
	if librarytest.Missing(t, err, call.ErrNoCodec) {
		return nil
	}
	t.Cleanup(e.Close)
	return e
}

func newTestDecoder(t testing.TB) call.VideoDecoder {
	t.Helper()
	d, err := NewDecoder()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	return d
}

// encode returns frame n.
func encode(t testing.TB, e call.VideoEncoder, n int, o call.VideoEncoderOptions, key bool) []byte {
	t.Helper()
	data, err := e.Encode(pattern(n, o.Width, o.Height), key)
	if err != nil {
		t.Fatal(err)
	}
	return append([]byte(nil), data...)
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	for _, o := range []call.VideoEncoderOptions{small, {Width: 642, Height: 482, FPS: 15, Bitrate: 600_000}, {Width: 34, Height: 18, FPS: 1, Bitrate: 20_000}} {
		e := encoderFor(t, o)
		if e == nil {
			return
		}
		d, worst, shown := newTestDecoder(t), math.Inf(1), 0
		for n := range 60 {
			data := encode(t, e, n, o, n == 40)
			if key, size := header(data); len(data) > 0 && key != (n == 0 || n == 40) ||
				key && size != image.Pt(o.Width, o.Height) {
				t.Fatalf("%v: frame %d is a key frame: %t, %v", o, n, key, size)
			}
			if len(data) == 0 {
				continue
			}
			f, err := d.Decode(data)
			if err != nil || f == nil {
				t.Fatal(n, f, err)
			}
			shown++
			worst = min(worst, likeness(f, pattern(n, o.Width, o.Height)))
		}
		t.Logf("%v: %d frames, at least %.1f dB", o, shown, worst)
		if worst < 30 || shown < 55 {
			t.Errorf("%v: %d frames, one with %.1f dB", o, shown, worst)
		}
	}
}

func TestBitrate(t *testing.T) {
	t.Parallel()
	o := call.VideoEncoderOptions{Width: 640, Height: 480, FPS: 30, Bitrate: 800_000}
	e := encoderFor(t, o)
	if e == nil {
		return
	}
	r, frame := rand.New(rand.NewPCG(1, 2)), pattern(0, o.Width, o.Height)
	noise := make([]byte, len(frame.Y)*2)
	for i := range noise {
		noise[i] = byte(120 + r.IntN(16))
	}
	bitrate := func() int { // of a second
		size := 0
		for range o.FPS {
			copy(frame.Y, noise[r.IntN(len(frame.Y)):]) // more to say than either bitrate allows
			data, err := e.Encode(frame, false)
			if err != nil {
				t.Fatal(err)
			}
			size += len(data)
		}
		return size * 8
	}
	bitrate()
	before := bitrate()
	if err := e.SetBitrate(200_000); err != nil {
		t.Fatal(err)
	}
	bitrate()
	after := bitrate()
	t.Logf("%d bit/s, then %d", before, after)
	if before < 400_000 || before > 1_100_000 || after < 50_000 || after > 300_000 {
		t.Errorf("%d bit/s instead of 800000, then %d instead of 200000", before, after)
	}
	if e.SetBitrate(0) == nil {
		t.Error("a bitrate of 0 is taken")
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	e := encoderFor(t, small)
	if e == nil {
		return
	}
	for _, o := range []call.VideoEncoderOptions{
		{},
		{Width: 321, Height: 240, FPS: 30, Bitrate: 1000},
		{Width: 320, Height: 240, FPS: 0, Bitrate: 1000},
		{Width: 320, Height: 240, FPS: 30},
		{Width: 16384, Height: 2, FPS: 30, Bitrate: 1000},
		{Width: 8000, Height: 8000, FPS: 30, Bitrate: 1000},
	} {
		if bad, err := NewEncoder(o); !errors.Is(err, call.ErrNoCodec) {
			t.Errorf("%v: %v, %v", o, bad, err)
		}
	}
	if _, err := e.Encode(pattern(0, 160, 120), false); err == nil {
		t.Error("a frame of another size was encoded")
	}
	if _, err := e.Encode(image.NewYCbCr(image.Rect(0, 0, 320, 240), image.YCbCrSubsampleRatio444), false); err == nil {
		t.Error("a frame in 4:4:4 was encoded")
	}
	d := newTestDecoder(t)
	data := encode(t, e, 0, small, true)
	for range 2 {
		e.Close()
		d.Close()
	}
	if _, err := e.Encode(pattern(0, 320, 240), false); err == nil || e.SetBitrate(1000) == nil {
		t.Error("a closed encoder works")
	}
	if _, err := d.Decode(data); err == nil {
		t.Error("a closed decoder works")
	}
}

// TestLayout replaces the defaults of the library by those of one with another field in front.
func TestLayout(t *testing.T) {
	t.Parallel()
	lib, err := load()
	if librarytest.Missing(t, err, call.ErrNoCodec) {
		return
	}
	other := *lib
	other.defaults = func(_ unsafe.Pointer, c *config, _ uint32) int32 {
		*c = defaults
		c.width, c.height, c.depth = 0, 320, 240
		return 0
	}
	if _, err := newEncoder(&other, small); !errors.Is(err, errLayout) {
		t.Errorf("defaults at other places: %v", err)
	}
	other = *lib
	other.initEncoder = func(_, _ unsafe.Pointer, _ *config, _ int, _ int32) int32 { return abiMismatch }
	if _, err := newEncoder(&other, small); err == nil {
		t.Error("a version that fits none was used")
	}
	other = *lib
	other.createPicture = func(in unsafe.Pointer, format int32, _, height, align uint32) *picture {
		return lib.createPicture(in, format, 100, height, align)
	}
	if _, err := newEncoder(&other, small); !errors.Is(err, errLayout) {
		t.Errorf("a picture of another size: %v", err)
	}
}

// decodersOf returns one of each kind.
func decodersOf(t testing.TB) map[string]call.VideoDecoder {
	t.Helper()
	return map[string]call.VideoDecoder{"the machine's": newTestDecoder(t), "pure Go": newStills()}
}

func TestNeedsKey(t *testing.T) {
	t.Parallel()
	e := encoderFor(t, small)
	if e == nil {
		return
	}
	key, next := encode(t, e, 0, small, true), encode(t, e, 1, small, false)
	huge := append([]byte(nil), key...)
	huge[6], huge[7], huge[8], huge[9] = 0xff, 0x3f, 0xff, 0x3f
	for name, d := range decodersOf(t) {
		fails := func(why string, data []byte) {
			t.Helper()
			if f, err := d.Decode(data); err == nil || f != nil {
				t.Errorf("%s: %s: no error", name, why)
			}
		}
		works := func(why string, data []byte) {
			t.Helper()
			if _, err := d.Decode(data); err != nil {
				t.Errorf("%s: %s: %v", name, why, err)
			}
		}
		fails("no key frame first", next)
		works("key frame", key)
		works("frame after it", next)
		for why, data := range map[string][]byte{
			"nothing": nil, "one byte": {0}, "part of a header": key[:9], "only a header": key[:12], "a huge frame": huge, "zeros": make([]byte, 500),
		} {
			fails(why, data)
			fails("frame after "+why, next)
			works("key frame after "+why, key)
			works("frame after that", next)
		}
	}
}

// TestStills has no library: the picture stays until a key frame comes, which is asked for.
func TestStills(t *testing.T) {
	t.Parallel()
	e := encoderFor(t, small)
	if e == nil {
		return
	}
	s, wanted, asked, shown := newStills(), true, 0, 0
	for n := range 3 * staleMost {
		f, err := s.Decode(encode(t, e, n, small, wanted))
		if wanted = err != nil; wanted {
			asked++
		}
		if f != nil {
			shown++
			if db := likeness(f, pattern(n, small.Width, small.Height)); db < 30 {
				t.Errorf("frame %d: %.1f dB", n, db)
			}
		}
	}
	if shown != 3 || asked != 2 {
		t.Errorf("%d key frames shown, %d asked for", shown, asked)
	}
}

// clip is a second of video.
var clip = sync.OnceValue(func() (all [][]byte) {
	e, err := NewEncoder(small)
	if err != nil {
		return [][]byte{{0x30, 0x2a, 0, 0x9d, 0x01, 0x2a, 64, 0, 64, 0, 1, 2, 3}}
	}
	defer e.Close()
	for n := range 30 {
		if data, err := e.Encode(pattern(n, small.Width, small.Height), n == 15); err == nil && len(data) > 0 {
			all = append(all, append([]byte(nil), data...))
		}
	}
	return all
})

// TestDamaged changes bytes of frames: what comes is an error or a frame of some size, and key frames repair it.
func TestDamaged(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	decoders := decodersOf(t)
	for round := range 150 {
		data := append([]byte(nil), clip()[r.IntN(len(clip()))]...)
		for range 1 + r.IntN(10) {
			data[r.IntN(min(len(data), 1+r.IntN(len(data))))] ^= byte(1 + r.IntN(255))
		}
		if round%3 == 0 {
			data = data[:r.IntN(len(data))]
		}
		for name, d := range decoders {
			if f, err := d.Decode(data); err != nil && f != nil {
				t.Fatal(name, f, err)
			}
			if _, err := d.Decode(clip()[0]); err != nil && len(clip()) > 1 {
				t.Fatalf("%s: a key frame after damage: %v", name, err)
			}
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, data := range clip() {
		f.Add(data)
		f.Add(data[:len(data)/2])
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for name, d := range decodersOf(t) {
			for _, data := range [][]byte{clip()[0], data, clip()[len(clip())-1], clip()[0]} {
				if f, err := d.Decode(data); err != nil && f != nil {
					t.Error(name, f, err)
				}
			}
			d.Close()
		}
	})
}

func BenchmarkEncode(b *testing.B) {
	o := call.VideoEncoderOptions{Width: 640, Height: 480, FPS: 30, Bitrate: 600_000}
	e := encoderFor(b, o)
	if e == nil {
		return
	}
	var frames []*image.YCbCr
	for n := range 30 {
		frames = append(frames, pattern(n, o.Width, o.Height))
	}
	for n := 0; b.Loop(); n++ {
		if _, err := e.Encode(frames[n%len(frames)], false); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	d := newTestDecoder(b)
	for n := 0; b.Loop(); n++ {
		if _, err := d.Decode(clip()[n%len(clip())]); err != nil {
			b.Fatal(err)
		}
	}
}
