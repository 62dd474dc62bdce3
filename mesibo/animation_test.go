package mesibo_test

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/gif"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/parley-chat/parley/mesibo"
)

func TestLoadAnimation(t *testing.T) {
	m, base := instance(t)
	frame := image.NewPaletted(image.Rect(0, 0, 20, 10), color.Palette{color.Black, color.White})
	var b bytes.Buffer
	err := gif.EncodeAll(&b, &gif.GIF{Image: []*image.Paletted{frame, frame}, Delay: []int{10, 30}, LoopCount: 1})
	if err != nil {
		t.Fatal(err)
	}
	write := func(name string, data []byte) string {
		path := filepath.Join(base, name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	whole := write("a.gif", b.Bytes())
	for _, path := range []string{whole, "a.gif"} {
		a, err := m.LoadAnimation(path, 10)
		if err != nil || !a.Moves() || a.Loops() != 2 {
			t.Fatalf("%s: %+v, %v", path, a, err)
		}
		for _, want := range []time.Duration{100 * time.Millisecond, 300 * time.Millisecond} {
			img, delay, last, err := a.Next()
			if err != nil || img.Bounds().Size() != image.Pt(10, 5) || delay != want || last != (want > 200*time.Millisecond) {
				t.Errorf("%s: %v for %v, last %t, %v", path, img, delay, last, err)
			}
		}
	}
	damaged := bytes.Clone(b.Bytes())
	copy(damaged[len(damaged)-8:], "\xff\xff\xff\xff")
	write("damaged.gif", damaged)
	write("no.gif", []byte("no picture"))
	for path, want := range map[string]error{"no.gif": mesibo.ErrImageFormat, "missing.gif": os.ErrNotExist} {
		if _, err := m.LoadAnimation(path, 0); !errors.Is(err, want) {
			t.Errorf("%s: got %v, want %v", path, err, want)
		}
	}
	a, err := m.LoadAnimation("damaged.gif", 0)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, _, _, err = a.Next(); err != nil {
			break
		}
	}
	if a.Moves() && !errors.Is(err, mesibo.ErrImageFormat) {
		t.Errorf("a damaged frame: %v", err)
	}
}
