package mesibo

import (
	"image"
	"time"

	"github.com/parley-chat/parley/mesibo/internal/picture"
)

// Animation is a moving picture. It is decoded as it is shown, and takes at most 32 MiB. It is for one goroutine at a
// time.
type Animation struct{ inner *picture.Animation }

// LoadAnimation reads a moving picture, GIF or WebP, for which LoadImage has the first frame only. path and maxSide are
// as for LoadImage. Of a file that was cut off the frames that are whole are there. Errors: ResultBadRequest with
// ErrImageTooLarge for more than 12 MiB or 1.5 million pixels, or with ErrImageFormat; those of CreateFile for the path.
func (m *Mesibo) LoadAnimation(path string, maxSide int) (*Animation, error) {
	const op = "LoadAnimation"
	file, err := m.absolute(path)
	var data []byte
	if err == nil {
		data, err = picture.ReadFile(file)
	}
	if err != nil {
		return nil, imageError(op, err)
	}
	a, err := picture.Animate(data, maxSide)
	if err != nil {
		return nil, imageError(op, err)
	}
	return &Animation{a}, nil
}

// Moves reports whether there is more than one frame.
func (a *Animation) Moves() bool { return a.inner.Moves() }

// Loops returns how often the file says that it is played, 0 for without end.
func (a *Animation) Loops() int { return a.inner.Loops() }

// Next returns what is shown next, and for how long: at least a twentieth of a second, in which several frames may be
// over. last reports whether that is the end; after it the animation starts again. Errors: ResultBadRequest with
// ErrImageFormat for a damaged frame.
func (a *Animation) Next() (img image.Image, delay time.Duration, last bool, err error) {
	img, delay, last, err = a.inner.Next()
	if err != nil {
		return nil, 0, false, imageError("Next", err)
	}
	return img, delay, last, nil
}
