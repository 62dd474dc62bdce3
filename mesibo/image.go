package mesibo

import (
	"errors"
	"image"

	"github.com/parley-chat/parley/internal/wire"
	"github.com/parley-chat/parley/mesibo/internal/picture"
)

const (
	thumbnailSide    = 320 // pixels, of a file's thumbnail
	profileSmallSide = 192 // pixels, of a profile's or group's thumbnail
)

// LoadImage reads a picture file: JPEG, PNG, GIF or WebP, of one that moves the first frame. It is turned upright as its
// EXIF data says, and made smaller so that its long side has maxSide pixels when it is longer; maxSide 0 or less leaves
// the size. path is absolute, or below GetBasePath. A file is read up to 32 MiB, and its header is asked for its
// size before anything is decoded: 40 million pixels at most. It works on the calling goroutine, which for a large
// picture takes a part of a second. Errors: ResultBadRequest with ErrImageTooLarge or ErrImageFormat; those of
// CreateFile for the path.
func (m *Mesibo) LoadImage(path string, maxSide int) (image.Image, error) {
	const op = "LoadImage"
	img, err := m.loadImage(path, maxSide)
	if err != nil {
		return nil, imageError(op, err)
	}
	return img, nil
}

func (m *Mesibo) loadImage(path string, maxSide int) (image.Image, error) {
	file, err := m.absolute(path)
	if err != nil {
		return nil, err
	}
	return picture.Load(file, maxSide)
}

// GetThumbnailBitmap makes a small copy of a picture: its long side has 320 pixels, or what it has when that is
// less. Of nil it returns nil.
func (m *Mesibo) GetThumbnailBitmap(img image.Image) image.Image {
	if img == nil {
		return nil
	}
	return picture.Scale(img, thumbnailSide)
}

// MakeThumbnail sets the Thumbnail of a file that is a picture, and its Width and Height: a JPEG, or a PNG of a PNG or
// WebP with transparent pixels and at most 512 pixels on the long side. It has at most 24 KiB and 320 pixels on the long
// side, and nothing of what the original says about camera and place. Call it before SendFile. Errors: ResultBadRequest
// for nil; those of LoadImage, the file stays as it was.
func (m *Mesibo) MakeThumbnail(f *FileInfo) error {
	const op = "MakeThumbnail"
	if f == nil {
		return opError(op, ResultBadRequest, errors.New("file is nil"))
	}
	path, err := m.absolute(f.GetPath())
	var data, small []byte
	var size image.Point
	if err == nil {
		data, err = picture.ReadFile(path)
	}
	if err == nil {
		small, size, err = picture.Preview(data, thumbnailSide, wire.MaxThumbnail)
	}
	if err != nil {
		return imageError(op, err)
	}
	f.lock.Lock()
	defer f.lock.Unlock()
	f.Thumbnail, f.Width, f.Height = small, size.X, size.Y
	return nil
}

// imageError returns an error about a picture with its result.
func imageError(op string, err error) error {
	if errors.Is(err, picture.ErrTooLarge) || errors.Is(err, picture.ErrFormat) {
		return opError(op, ResultBadRequest, err)
	}
	return fileError(op, err)
}

// smallPicture makes the thumbnail of a profile or group from a picture file: a JPEG of at most wire.MaxThumbnail
// bytes and 192 pixels on the long side, without what the original says about camera and place. Errors are those of
// LoadImage without Op.
func (m *Mesibo) smallPicture(path string) ([]byte, error) {
	img, err := m.loadImage(path, profileSmallSide)
	if err != nil {
		return nil, err
	}
	return picture.Small(img, profileSmallSide, wire.MaxThumbnail)
}
