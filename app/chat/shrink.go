package chat

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/parley-chat/parley/mesibo"
)

const (
	// PictureSide is how many pixels the long side of a picture has at most that is sent as a picture.
	PictureSide    = 2560
	pictureQuality = 87
)

// shrink replaces a picture that has more pixels than are looked at by a smaller copy. The copy is named by its content, so that
// the same picture sent again is the same file.
func shrink(b Backend, f *mesibo.FileInfo) error {
	if max(f.Width, f.Height) <= PictureSide {
		return nil
	}
	if moves, err := isGIF(f.Path); moves || err != nil {
		return err
	}
	img, err := b.LoadImage(f.Path, PictureSide)
	if err != nil {
		return err
	}
	data, ending, err := encode(img)
	if err != nil {
		return fmt.Errorf("make smaller picture: %w", err)
	}
	if int64(len(data)) >= f.Size {
		return nil
	}
	sum := sha256.Sum256(data)
	path := filepath.Join(b.GetFilePath(mesibo.FileTypeImage), "sent", hex.EncodeToString(sum[:12])+ending)
	if err := WriteWhole(path, data); err != nil {
		return fmt.Errorf("keep smaller picture: %w", err)
	}
	f.Path, f.Size = path, int64(len(data))
	f.Width, f.Height = img.Bounds().Dx(), img.Bounds().Dy()
	f.Title = strings.TrimSuffix(f.Title, filepath.Ext(f.Title)) + ending
	return nil
}

// isGIF tells whether a file may be a moving picture, which would stand still as a copy.
func isGIF(path string) (bool, error) {
	f, err := os.Open(path)
	if err != nil {
		return false, fmt.Errorf("open picture: %w", err)
	}
	head := make([]byte, 4)
	_, err = io.ReadFull(f, head)
	return string(head) == "GIF8", errors.Join(err, f.Close())
}

// encode writes a picture as JPEG, or as PNG when one can look through it.
func encode(img image.Image) (data []byte, ending string, err error) {
	var out bytes.Buffer
	if o, ok := img.(interface{ Opaque() bool }); ok && !o.Opaque() {
		err = png.Encode(&out, img)
		return out.Bytes(), ".png", err
	}
	err = jpeg.Encode(&out, img, &jpeg.Options{Quality: pictureQuality})
	return out.Bytes(), ".jpg", err
}

// WriteWhole writes a file that is there whole or not at all, also after a loss of power.
func WriteWhole(path string, data []byte) (err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err //nolint:wrapcheck // by the caller
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".picture-*")
	if err != nil {
		return err //nolint:wrapcheck // by the caller
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		err = errors.Join(err, os.Remove(f.Name()))
	}
	return err
}
