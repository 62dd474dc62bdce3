package camera

import (
	"image"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestChoose(t *testing.T) {
	t.Parallel()
	vga, hd, full := image.Pt(640, 480), image.Pt(1280, 720), image.Pt(1920, 1080)
	usb := []mode{
		{yuyv, vga, 30},
		{yuyv, vga, 15},
		{yuyv, hd, 10},
		{yuyv, full, 5},
		{mjpeg, vga, 30},
		{mjpeg, hd, 30},
		{mjpeg, hd, 60},
		{mjpeg, full, 29.97},
	}
	for _, c := range []struct {
		name  string
		modes []mode
		box   image.Point
		fps   int
		want  mode
	}{
		{"the simple format", usb, vga, 30, mode{yuyv, vga, 30}},
		{"the rate", usb, vga, 15, mode{yuyv, vga, 15}},
		{"fast enough", usb, hd, 30, mode{mjpeg, hd, 30}},
		{"slow is enough", usb, hd, 10, mode{yuyv, hd, 10}},
		{"nearly the rate", usb, full, 30, mode{mjpeg, full, 29.97}},
		{"the next larger", usb, image.Pt(960, 540), 30, mode{mjpeg, hd, 30}},
		{"the smallest", usb, image.Pt(320, 240), 30, mode{yuyv, vga, 30}},
		{"the largest", usb, image.Pt(3840, 2160), 25, mode{mjpeg, full, 29.97}},
		{"all too slow", usb[:1], vga, 60, mode{yuyv, vga, 30}},
		{"odd", []mode{{yuyv, image.Pt(641, 481), 30}}, vga, 30, mode{yuyv, image.Pt(641, 481), 30}},
		{"sizes without sense", []mode{
			{yuyv, image.Pt(1, 9), 30},
			{yuyv, image.Pt(-4, 4), 30},
			{mjpeg, image.Pt(9000, 2), 30},
			{mjpeg, image.Pt(8000, 8000), 30},
			{yuyv, vga, 5},
		}, hd, 30, mode{yuyv, vga, 5}},
	} {
		modes := slices.Clone(c.modes)
		for range 20 {
			rand.Shuffle(len(modes), func(i, j int) { modes[i], modes[j] = modes[j], modes[i] })
			if got, err := choose(modes, c.box, c.fps); got != c.want || err != nil {
				t.Errorf("%s: got %v, %v, want %v", c.name, got, err, c.want)
			}
		}
	}
}
