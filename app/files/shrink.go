package files

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
	pictureSide    = 2560 // pixels of the longer side of a picture that is sent as a picture
	pictureQuality = 87
)

// shrink replaces a picture with more pixels than that by a smaller copy. The copy is named by its content: the same
// picture sent again is the same file.
func shrink(b sender, f *mesibo.FileInfo) error {
	if max(f.Width, f.Height) <= pictureSide {
		return nil
	}
	if animated, err := mayBeAnimated(f.Path); animated || err != nil {
		return err
	}
	img, err := b.LoadImage(f.Path, pictureSide)
	if err != nil {
		return err
	}
	data, ending, err := encode(img)
	if err != nil {
		return fmt.Errorf("compress picture: %w", err)
	}
	if int64(len(data)) >= f.Size {
		return nil
	}
	sum := sha256.Sum256(data)
	path := filepath.Join(b.GetFilePath(mesibo.FileTypeImage), "sent", hex.EncodeToString(sum[:12])+ending)
	if err := writeWhole(path, data); err != nil {
		return fmt.Errorf("store compressed picture: %w", err)
	}
	f.Path, f.Size = path, int64(len(data))
	f.Width, f.Height = img.Bounds().Dx(), img.Bounds().Dy()
	f.Title = strings.TrimSuffix(f.Title, filepath.Ext(f.Title)) + ending
	return nil
}

// mayBeAnimated reports whether a file is a GIF or says that it moves: a copy would stand still.
func mayBeAnimated(path string) (bool, error) {
	f, err := os.Open(path)
	if err != nil {
		return false, fmt.Errorf("open picture: %w", err)
	}
	const enough = 4096 // a PNG says it before its pixels
	head := make([]byte, enough)
	n, err := io.ReadFull(f, head)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil
	}
	return moves(head[:n]), errors.Join(err, f.Close())
}

func moves(head []byte) bool {
	const webpHead, webpMoves = 21, 0x02
	switch {
	case bytes.HasPrefix(head, []byte("GIF8")):
		return true
	case bytes.HasPrefix(head, []byte("RIFF")) && len(head) >= webpHead && string(head[8:16]) == "WEBPVP8X":
		return head[webpHead-1]&webpMoves != 0
	default:
		return bytes.HasPrefix(head, []byte("\x89PNG")) && bytes.Contains(head, []byte("acTL"))
	}
}

// encode writes a picture as JPEG, or as PNG when it has transparent pixels.
func encode(img image.Image) (data []byte, ending string, err error) {
	var out bytes.Buffer
	if o, ok := img.(interface{ Opaque() bool }); ok && !o.Opaque() {
		err = png.Encode(&out, img)
		return out.Bytes(), ".png", err
	}
	err = jpeg.Encode(&out, img, &jpeg.Options{Quality: pictureQuality})
	return out.Bytes(), ".jpg", err
}

// writeWhole writes a file that exists whole or not at all, even after a power failure.
func writeWhole(path string, data []byte) (err error) {
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
