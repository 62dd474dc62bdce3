package picture_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/gif"
	"os"
	"testing"
	"time"

	"github.com/parley-chat/parley/mesibo/internal/picture"
)

// The frames of the animations here are red, green and blue.
var inks = color.Palette{ //nolint:gochecknoglobals // as a constant
	color.Transparent, color.NRGBA{R: 255, A: 255}, color.NRGBA{G: 255, A: 255}, color.NRGBA{B: 255, A: 255},
}

// area is a frame of one colour in a part of the canvas.
func area(r image.Rectangle, ink uint8) *image.Paletted {
	p := image.NewPaletted(r, inks)
	for i := range p.Pix {
		p.Pix[i] = ink
	}
	return p
}

// moving is a GIF of 4 by 4 pixels: red, a green corner that is then treated as disposal says, a blue one.
func moving(t testing.TB, disposal byte, delay, loops int) []byte {
	t.Helper()
	var b bytes.Buffer
	err := gif.EncodeAll(&b, &gif.GIF{
		Image: []*image.Paletted{
			area(image.Rect(0, 0, 4, 4), 1), area(image.Rect(0, 0, 2, 2), 2), area(image.Rect(2, 2, 4, 4), 3),
		},
		Delay: []int{delay, delay, delay}, Disposal: []byte{0, disposal, 0}, LoopCount: loops,
		Config: image.Config{ColorModel: inks, Width: 4, Height: 4},
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func animate(t *testing.T, data []byte, maxSide int) *picture.Animation {
	t.Helper()
	a, err := picture.Animate(data, maxSide)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func nextOf(t *testing.T, a *picture.Animation) (image.Image, time.Duration, bool) {
	t.Helper()
	img, delay, last, err := a.Next()
	if err != nil {
		t.Fatal(err)
	}
	return img, delay, last
}

// colourAt names the colour of a pixel.
func colourAt(img image.Image, x, y int) string {
	r, g, b, a := img.At(x, y).RGBA()
	switch most := uint32(0x8000); {
	case a < most:
		return "clear"
	case r > most && g < most && b < most:
		return "red"
	case g > most && r < most && b < most:
		return "green"
	case b > most && r < most && g < most:
		return "blue"
	}
	return "other"
}

func TestAnimation_disposal(t *testing.T) {
	for disposal, want := range map[byte]string{
		gif.DisposalNone: "green", gif.DisposalBackground: "clear", gif.DisposalPrevious: "red",
	} {
		a := animate(t, moving(t, disposal, 20, 0), 0)
		for loop := range 2 {
			img, delay, last := nextOf(t, a)
			if got := colourAt(img, 0, 0); got != "red" || delay != 200*time.Millisecond || last {
				t.Fatalf("disposal %d, loop %d: first %s for %v, last %t", disposal, loop, got, delay, last)
			}
			if img, _, _ = nextOf(t, a); colourAt(img, 0, 0) != "green" || colourAt(img, 3, 3) != "red" {
				t.Errorf("disposal %d, loop %d: second %s", disposal, loop, colourAt(img, 0, 0))
			}
			img, _, last = nextOf(t, a)
			if got := colourAt(img, 0, 0); got != want || colourAt(img, 3, 3) != "blue" || !last {
				t.Errorf("disposal %d, loop %d: the corner became %s, want %s", disposal, loop, got, want)
			}
		}
	}
}

func TestAnimation_times(t *testing.T) {
	for name, tc := range map[string]struct {
		delay, pictures int
		each            time.Duration
	}{
		"none":  {0, 3, 100 * time.Millisecond}, // as in browsers
		"tiny":  {1, 3, 100 * time.Millisecond},
		"quick": {2, 1, 60 * time.Millisecond}, // 50 a second are shown as 20
		"usual": {7, 3, 70 * time.Millisecond},
		"long":  {65535, 3, 655350 * time.Millisecond},
	} {
		a := animate(t, moving(t, 0, tc.delay, 0), 0)
		for i := range tc.pictures {
			_, delay, last := nextOf(t, a)
			if delay != tc.each || last != (i == tc.pictures-1) {
				t.Errorf("%s: picture %d for %v, last %t, want %v", name, i, delay, last, tc.each)
			}
		}
	}
}

func TestAnimation_loops(t *testing.T) {
	for loops, want := range map[int]int{0: 0, -1: 1, 4: 5} {
		if got := animate(t, moving(t, 0, 10, loops), 0).Loops(); got != want {
			t.Errorf("loop count %d: got %d, want %d", loops, got, want)
		}
	}
}

func TestAnimation_smaller(t *testing.T) {
	var b bytes.Buffer
	big := &gif.GIF{Delay: []int{10, 10}}
	for ink := range uint8(2) {
		big.Image = append(big.Image, area(image.Rect(0, 0, 300, 150), ink+1))
	}
	if err := gif.EncodeAll(&b, big); err != nil {
		t.Fatal(err)
	}
	for side, want := range map[int]image.Point{0: {300, 150}, 400: {300, 150}, 200: {200, 100}, 30: {30, 15}} {
		a := animate(t, b.Bytes(), side)
		first, _, _ := nextOf(t, a)
		second, _, _ := nextOf(t, a)
		if first.Bounds().Size() != want || colourAt(first, 5, 5) != "red" || colourAt(second, 5, 5) != "green" {
			t.Errorf("side %d: got %v %s, then %s", side, first.Bounds(), colourAt(first, 5, 5), colourAt(second, 5, 5))
		}
	}
}

// TestAnimate_hostile: what a file claims costs nothing.
func TestAnimate_hostile(t *testing.T) {
	huge := bytes.Clone(moving(t, 0, 10, 0))
	binary.LittleEndian.PutUint16(huge[6:], 65535)
	binary.LittleEndian.PutUint16(huge[8:], 65535)
	if _, err := picture.Animate(huge, 360); !errors.Is(err, picture.ErrTooLarge) {
		t.Errorf("a huge canvas: %v", err)
	}
	long := append(moving(t, 0, 10, 0), make([]byte, 12<<20)...)
	if _, err := picture.Animate(long, 360); !errors.Is(err, picture.ErrTooLarge) {
		t.Errorf("many bytes: %v", err)
	}
	whole := moving(t, 0, 10, 0)
	for cut := range whole {
		a, err := picture.Animate(whole[:cut], 0)
		if err != nil {
			if !errors.Is(err, picture.ErrFormat) {
				t.Fatalf("cut at %d: %v", cut, err)
			}
			continue
		}
		if img, _, _ := nextOf(t, a); colourAt(img, 0, 0) != "red" {
			t.Errorf("cut at %d: the first frame is %s", cut, colourAt(img, 0, 0))
		}
	}
	outside := bytes.Clone(whole)
	binary.LittleEndian.PutUint16(outside[6:], 3)
	if a, err := picture.Animate(outside, 0); err == nil {
		t.Errorf("a frame outside of the canvas: %+v", a)
	}
	frame := whole[bytes.IndexByte(whole[13:], 0x21)+13 : len(whole)-1]
	many := bytes.Clone(whole[:len(whole)-1])
	for range 65535 / 3 {
		many = append(many, frame...)
	}
	a := animate(t, append(many, 0x3b), 0)
	frames := 1
	for _, _, last := nextOf(t, a); !last; frames++ {
		_, _, last = nextOf(t, a)
	}
	if frames > 1000 {
		t.Errorf("%d frames", frames)
	}
}

// webpFile reads one that libwebp made.
func webpFile(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestAnimation_webp(t *testing.T) {
	for _, name := range []string{"lossless.webp", "lossy.webp"} {
		data := webpFile(t, name)
		img, err := picture.Decode(data, 0)
		if err != nil || img.Bounds().Size() != image.Pt(40, 24) || colourAt(img, 20, 12) != "red" {
			t.Fatalf("%s: the first frame alone: %v, %v", name, img, err)
		}
		a := animate(t, data, 20)
		if !a.Moves() || a.Loops() != 0 {
			t.Errorf("%s: moves %t, loops %d", name, a.Moves(), a.Loops())
		}
		for i, want := range []string{"red", "green", "blue"} {
			img, delay, last := nextOf(t, a)
			if got := colourAt(img, 10, 6); got != want || delay != 150*time.Millisecond || last != (i == 2) {
				t.Errorf("%s: picture %d is %s for %v, last %t; want %s", name, i, got, delay, last, want)
			}
			if colourAt(img, 0, 0) != "clear" || img.Bounds().Size() != image.Pt(20, 12) {
				t.Errorf("%s: picture %d: %s in the corner, %v", name, i, colourAt(img, 0, 0), img.Bounds())
			}
		}
		for cut := range data {
			if a, err := picture.Animate(data[:cut], 0); err == nil {
				if img, _, _, err := a.Next(); err == nil && colourAt(img, 20, 12) == "other" {
					t.Errorf("%s: cut at %d", name, cut)
				}
			}
		}
	}
	still := webpFile(t, "still.webp")
	if a := animate(t, still, 0); a.Moves() {
		t.Error("a picture that stands still moves")
	}
	if _, err := picture.Animate(asPNG(t, marked(4, 4)), 0); !errors.Is(err, picture.ErrFormat) {
		t.Errorf("PNG: %v", err)
	}
}

// TestPreview_transparent: what is sent as a sticker has a preview without ground.
func TestPreview_transparent(t *testing.T) {
	for name, tc := range map[string]struct {
		data []byte
		want bool
	}{
		"webp":   {webpFile(t, "still.webp"), true},
		"png":    {asPNG(t, area(image.Rect(0, 0, 512, 40), 0)), true},
		"large":  {asPNG(t, area(image.Rect(0, 0, 513, 40), 0)), false},
		"opaque": {asPNG(t, area(image.Rect(0, 0, 50, 50), 1)), false},
		"gif":    {moving(t, 0, 10, 0), false},
	} {
		small, _, err := picture.Preview(tc.data, 320, 24<<10)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got := bytes.HasPrefix(small, []byte("\x89PNG")); got != tc.want || len(small) > 24<<10 {
			t.Errorf("%s: PNG %t, want %t; %d bytes", name, got, tc.want, len(small))
		}
	}
	noise := image.NewNRGBA(image.Rect(0, 0, 512, 512))
	for i := range noise.Pix {
		noise.Pix[i] = byte(i * i * 7919 >> 8)
	}
	small, size, err := picture.Preview(asPNG(t, noise), 320, 24<<10)
	if err != nil || len(small) > 24<<10 || !bytes.HasPrefix(small, []byte("\x89PNG")) || size != image.Pt(512, 512) {
		t.Errorf("noise: %d bytes of %v, %v", len(small), size, err)
	}
}

func FuzzAnimation(f *testing.F) {
	f.Add(moving(f, gif.DisposalPrevious, 1, 0))
	f.Add(moving(f, gif.DisposalBackground, 20, 3))
	for _, name := range []string{"lossless.webp", "lossy.webp", "still.webp"} {
		f.Add(webpFile(f, name))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		a, err := picture.Animate(data, 8)
		if err != nil {
			if !errors.Is(err, picture.ErrFormat) && !errors.Is(err, picture.ErrTooLarge) {
				t.Errorf("%v", err)
			}
			return
		}
		for range 4 {
			img, delay, _, err := a.Next()
			if err != nil {
				return
			}
			if size := img.Bounds().Size(); max(size.X, size.Y) > 8 || size.X*size.Y == 0 || delay < 50*time.Millisecond {
				t.Errorf("%v for %v", size, delay)
			}
		}
	})
}
