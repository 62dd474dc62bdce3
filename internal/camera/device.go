package camera

import (
	"errors"
	"image"
)

// format is how a camera encodes its frames.
type format int

const (
	yuyv  format = iota // 4:2:2, see yuv.FromYUYV
	mjpeg               // each frame is a JPEG
)

// mode is one of the ways in which a camera can deliver frames.
type mode struct {
	format format
	size   image.Point // pixels
	fps    float64     // frames per second
}

// errSilent means that there is no frame yet.
var errSilent = errors.New("no frame has arrived")

// device is an open camera. Its methods are used by one goroutine at a time.
type device interface {
	// modes returns what it offers; where it offers a range of sizes, the nearest to the wanted one.
	modes(wanted image.Point) []mode
	start(m mode) error
	// next waits for a frame, at most a second, and calls use with its data, which are valid until use returns. The
	// error is errSilent when there is none yet; with another one the camera is gone.
	next(use func(data []byte)) error
	close()
}
