package rtc

import (
	"encoding/binary"
	"errors"
	"image"
	"slices"
	"testing"
	"time"

	"github.com/parley-chat/parley/mesibo/call"
	"github.com/parley-chat/parley/mesibo/call/calltest"
)

// gullible is a decoder that decodes whatever it gets, but one frame.
type gullible struct {
	got []int
	bad int
}

func (g *gullible) Decode(data []byte) (*image.YCbCr, error) {
	n := int(binary.BigEndian.Uint32(data[10:]))
	g.got = append(g.got, n)
	if n == g.bad {
		return nil, errors.New("damaged")
	}
	return image.NewYCbCr(image.Rect(0, 0, 64, 48), image.YCbCrSubsampleRatio420), nil
}

func (*gullible) Close() {}

// TestViewer sends a frame each 100 ms, each tenth of them a key frame, and loses one or damages one.
func TestViewer(t *testing.T) {
	t.Parallel()
	const each = 3
	for name, c := range map[string]struct {
		lost, bad int
		decoded   []int // of 20 frames
		asked     int
	}{
		"nothing is lost": {-1, -1, []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19}, 0},
		"one is damaged":  {-1, 3, []int{0, 1, 2, 3, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19}, 2},
		"key is lost":     {0, -1, []int{10, 11, 12, 13, 14, 15, 16, 17, 18, 19}, 2},
	} {
		sizes, screen, decoder := []image.Point{}, calltest.NewScreen(), &gullible{bad: c.bad}
		m := &call.Media{VideoDecoder: func() (call.VideoDecoder, error) { return decoder, nil }}
		v := newViewer(m, func(w, h int) { sizes = append(sizes, image.Pt(w, h)) }, func(err error) { t.Error(err) })
		v.setSink(screen)
		asked, now := 0, time.Unix(1000, 0)
		for i, p := range packets(20, each) {
			if i/each == c.lost {
				continue
			}
			if v.take(p, now.Add(time.Duration(i/each)*100*time.Millisecond)) {
				asked++
			}
		}
		if !slices.Equal(decoder.got, c.decoded) || asked != c.asked {
			t.Errorf("%s: %v were decoded, asked %d times", name, decoder.got, asked)
		}
		if len(sizes) != 1 || v.frameSize() != image.Pt(64, 48) {
			t.Errorf("%s: sizes %v", name, sizes)
		}
		v.close()
	}
}

// After a lost packet nothing is decoded until a key frame, and nothing while no view shows it.
func TestViewer_gap(t *testing.T) {
	t.Parallel()
	decoder := &gullible{bad: -1}
	m := &call.Media{VideoDecoder: func() (call.VideoDecoder, error) { return decoder, nil }}
	v := newViewer(m, func(int, int) {}, func(err error) { t.Error(err) })
	v.setSink(calltest.NewScreen())
	all, now, asked := packets(30, 1), time.Unix(1000, 0), 0
	for i, p := range all {
		now = now.Add(300 * time.Millisecond)
		switch i {
		case 2:
			continue
		case 12:
			v.setSink(nil)
		case 15:
			v.setSink(calltest.NewScreen())
		}
		if v.take(p, now) {
			asked++
		}
	}
	want := []int{0, 1, 10, 11, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29}
	if !slices.Equal(decoder.got, want) || asked < 3 {
		t.Errorf("%v were decoded, asked %d times", decoder.got, asked)
	}
}
