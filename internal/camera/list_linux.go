package camera

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/parley-chat/parley/mesibo/call"
)

func list() ([]Camera, error) { return find(os.DirFS("/sys/class/video4linux"), open) }

// find returns the cameras among the video devices that the kernel lists; others are outputs, radios and metadata.
func find(class fs.FS, open func(path string) (device, error)) ([]Camera, error) {
	entries, err := fs.ReadDir(class, ".")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: list cameras: %w", call.ErrNoDevice, err)
	}
	var numbers []int
	for _, e := range entries {
		if number, err := strconv.Atoi(strings.TrimPrefix(e.Name(), "video")); err == nil {
			numbers = append(numbers, number)
		}
	}
	slices.Sort(numbers)
	var all []Camera
	var refused error
	for _, number := range numbers {
		device := "video" + strconv.Itoa(number)
		c := Camera{Name: device, Path: "/dev/" + device}
		if name, err := fs.ReadFile(class, device+"/name"); err == nil && strings.TrimSpace(string(name)) != "" {
			c.Name = strings.ToValidUTF8(strings.TrimSpace(string(name)), "�")
		}
		usable, err := c.usable(open)
		if usable {
			all = append(all, c)
		} else if errors.Is(err, fs.ErrPermission) {
			refused = err
		}
	}
	switch {
	case len(all) > 0:
		return all, nil
	case refused != nil:
		return nil, fmt.Errorf("%w: open camera: %w", call.ErrNoDevice, refused)
	}
	return nil, fmt.Errorf("%w: there is no camera", call.ErrNoDevice)
}

// usable reports whether the camera has frames that can be read.
func (c Camera) usable(open func(path string) (device, error)) (bool, error) {
	d, err := open(c.Path)
	if err != nil {
		return false, err
	}
	defer d.close()
	return len(d.modes(usual)) > 0, nil
}
