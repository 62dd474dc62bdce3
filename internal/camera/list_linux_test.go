package camera

import (
	"errors"
	"image"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/parley-chat/parley/mesibo/call"
)

// TestFind: what can be read is listed in the order of the kernel's numbers, by its name.
func TestFind(t *testing.T) {
	t.Parallel()
	name := func(name string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(name)} }
	class := fstest.MapFS{
		"video10/name":  name("Ten\n"),
		"video2/name":   name("Integrated Camera: Integrated C\n"),
		"video3/name":   name("its metadata\n"),
		"video4/name":   name("locked\n"),
		"video5/name":   name("\n"),
		"video6/index":  name("0\n"),
		"radio0/name":   name("Radio\n"),
		"v4l-subdev0/a": name(""),
		"videox/name":   name("x"),
	}
	devices := make(map[string]*fake)
	open := func(path string) (device, error) {
		if path == "/dev/video4" {
			return nil, fs.ErrPermission
		}
		devices[path] = newFake(mode{yuyv, image.Pt(640, 480), 30})
		if path == "/dev/video3" {
			devices[path].offers = nil
		}
		return devices[path], nil
	}
	got, err := find(class, open)
	want := []Camera{
		{"Integrated Camera: Integrated C", "/dev/video2"},
		{"video5", "/dev/video5"},
		{"video6", "/dev/video6"},
		{"Ten", "/dev/video10"},
	}
	if !slices.Equal(got, want) || err != nil {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
	if len(devices) != 5 {
		t.Errorf("%d devices were opened", len(devices))
	}
	for _, d := range devices {
		d.closes(t, 1)
	}

	for what, c := range map[string]struct {
		class fs.FS
		says  string
	}{
		"no class": {fstest.MapFS{}, "there is no camera"},
		"locked":   {fstest.MapFS{"video4/name": name("locked")}, "permission"},
	} {
		if _, err := find(c.class, open); !errors.Is(err, call.ErrNoDevice) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: got %v", what, err)
		}
	}
}

func TestNearest(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		wanted           int
		least, most, per uint32
		want             int
	}{
		{640, 320, 320, 0, 320},
		{640, 320, 1920, 1, 640},
		{640, 320, 1920, 0, 640},
		{647, 323, 1920, 16, 643},
		{100, 320, 1920, 16, 320},
		{5000, 320, 1920, 16, 1920},
		{640, 0, 0, 0, 0},
	} {
		if got := nearest(c.wanted, c.least, c.most, c.per); got != c.want {
			t.Errorf("%v: got %d", c, got)
		}
	}
}
