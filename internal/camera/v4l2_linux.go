package camera

import (
	"errors"
	"fmt"
	"image"
	"syscall"

	"github.com/blackjack/webcam"
)

const (
	buffers     = 4   // frames between the camera and us
	waitSeconds = 1   // for a frame
	unknownRate = 30  // frames per second, of a camera that does not say it
	ratesMost   = 100 // of one size
)

// usual is a size that cameras have.
var usual = image.Pt(640, 480)

// formats are those that we read, by V4L2's codes.
var formats = map[webcam.PixelFormat]format{
	0x56595559: yuyv,  // YUYV
	0x47504a4d: mjpeg, // MJPG
	0x4745504a: mjpeg, // JPEG
}

// v4l2 is a camera of Video4Linux, with the codes of the formats that it has.
type v4l2 struct {
	cam   *webcam.Webcam
	codes map[format]webcam.PixelFormat
}

func open(path string) (device, error) { //nolint:ireturn // tests have another one
	cam, err := webcam.Open(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	v := &v4l2{cam: cam, codes: make(map[format]webcam.PixelFormat)}
	for code := range cam.GetSupportedFormats() {
		f, ok := formats[code]
		if old, twice := v.codes[f]; ok && (!twice || code > old) {
			v.codes[f] = code
		}
	}
	return v, nil
}

func (v *v4l2) modes(wanted image.Point) []mode {
	var all []mode
	for f, code := range v.codes {
		for _, s := range v.cam.GetSupportedFrameSizes(code) {
			size := image.Pt(
				nearest(wanted.X, s.MinWidth, s.MaxWidth, s.StepWidth),
				nearest(wanted.Y, s.MinHeight, s.MaxHeight, s.StepHeight))
			if size.X <= 0 || size.Y <= 0 { // the library does not read sizes without steps
				continue
			}
			for _, fps := range v.rates(code, size) {
				all = append(all, mode{f, size, fps})
			}
		}
	}
	return all
}

// nearest returns what is nearest to the wanted number of pixels in a range.
func nearest(wanted int, least, most, step uint32) int {
	n := min(max(wanted, int(least)), int(most))
	if step > 1 {
		n -= (n - int(least)) % int(step)
	}
	return n
}

func (v *v4l2) rates(code webcam.PixelFormat, size image.Point) []float64 {
	var all []float64
	for _, r := range v.cam.GetSupportedFramerates(code, uint32(size.X), uint32(size.Y)) {
		// They are intervals: the shortest is the fastest rate.
		if r.MinNumerator > 0 && r.MinDenominator > 0 && len(all) < ratesMost {
			all = append(all, float64(r.MinDenominator)/float64(r.MinNumerator))
		}
	}
	if len(all) == 0 {
		all = append(all, unknownRate)
	}
	return all
}

func (v *v4l2) start(m mode) error {
	if _, _, _, err := v.cam.SetImageFormat(v.codes[m.format], uint32(m.size.X), uint32(m.size.Y)); err != nil {
		return fmt.Errorf("set format: %w", err)
	}
	_ = v.cam.SetFramerate(float32(m.fps)) // not every camera can; what is too fast is left out
	if err := v.cam.SetBufferCount(buffers); err != nil {
		return fmt.Errorf("set buffers: %w", err)
	}
	if err := v.cam.StartStreaming(); err != nil {
		return fmt.Errorf("start stream: %w", err)
	}
	return nil
}

func (v *v4l2) next(use func(data []byte)) error {
	if err := v.cam.WaitForFrame(waitSeconds); err != nil {
		if _, silent := errors.AsType[*webcam.Timeout](err); silent {
			return errSilent
		}
		return fmt.Errorf("wait for frame: %w", err)
	}
	data, buffer, err := v.cam.GetFrame()
	switch {
	case errors.Is(err, syscall.EAGAIN), errors.Is(err, syscall.EINTR):
		return errSilent
	case err != nil:
		return fmt.Errorf("get frame: %w", err)
	}
	use(data)
	if err := v.cam.ReleaseFrame(buffer); err != nil {
		return fmt.Errorf("return buffer: %w", err)
	}
	return nil
}

func (v *v4l2) close() { _ = v.cam.Close() }
