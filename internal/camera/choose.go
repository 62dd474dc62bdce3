package camera

import (
	"cmp"
	"errors"
	"image"
	"math"
	"slices"

	"github.com/parley-chat/parley/internal/video/yuv"
)

const (
	sideMost   = 8192
	pixelsMost = 4096 * 2304
)

var errModes = errors.New("it has no frames that can be read")

// choose returns the mode that fits best: fast enough, then large enough, then near in size, then cheap to decode, then
// near in rate.
func choose(modes []mode, box image.Point, fps int) (mode, error) {
	modes = slices.DeleteFunc(slices.Clone(modes), func(m mode) bool {
		return min(m.size.X, m.size.Y) < 2 || max(m.size.X, m.size.Y) > sideMost || m.size.X*m.size.Y > pixelsMost
	})
	if len(modes) == 0 {
		return mode{}, errModes
	}
	wanted := float64(fps)
	return slices.MinFunc(modes, func(a, b mode) int {
		return cmp.Or(
			first(a.fps >= 0.9*wanted, b.fps >= 0.9*wanted),
			first(covers(a.size, box), covers(b.size, box)),
			cmp.Compare(distance(a.size, box), distance(b.size, box)),
			cmp.Compare(a.format, b.format),
			cmp.Compare(math.Abs(a.fps-wanted), math.Abs(b.fps-wanted)),
		)
	}), nil
}

// first compares so that true comes first.
func first(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}

// covers reports whether frames of a size fill a box in one direction.
func covers(size, box image.Point) bool {
	fitted, box := yuv.Fit(size, box), yuv.Even(box)
	return fitted.X == box.X || fitted.Y == box.Y
}

// distance is how much the numbers of pixels differ.
func distance(size, box image.Point) int {
	d := size.X*size.Y - box.X*box.Y
	return max(d, -d)
}
