package camera

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"sync"

	"github.com/parley-chat/parley/internal/video/yuv"
)

// paddingMost is how many bytes may follow the pixels of a row.
const paddingMost = 256

var (
	errShort  = errors.New("decode frame: it is too short")
	errColour = errors.New("decode frame: a JPEG of other colours")
	errSize   = errors.New("decode frame: a JPEG of another size")
	errJPEG   = errors.New("decode frame: not a JPEG")
)

// decoder decodes the frames of one mode.
type decoder struct {
	mode

	frame *image.YCbCr
}

// decode returns the frame at its own size, valid until the next call.
func (d *decoder) decode(data []byte) (*image.YCbCr, error) {
	if d.format == mjpeg {
		return d.decodeJPEG(data)
	}
	row := 2 * ((d.size.X + 1) &^ 1)
	if len(data) < row*d.size.Y {
		return nil, errShort
	}
	// Rows that are padded show in the length alone.
	if padded := len(data) / d.size.Y; len(data)%d.size.Y == 0 && padded <= row+paddingMost {
		row = padded
	}
	d.frame = yuv.Resize(d.frame, yuv.Even(d.size))
	yuv.FromYUYV(d.frame, data, row)
	return d.frame, nil
}

func (d *decoder) decodeJPEG(data []byte) (*image.YCbCr, error) {
	config, err := jpeg.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("decode frame: %w", err)
	}
	// A frame may be higher than its mode, as 1088 rows for 1080, but must not ask for much more memory.
	size := image.Pt(config.Width, config.Height)
	if min(size.X, size.Y) < 2 || size.X*size.Y > 2*d.size.X*d.size.Y {
		return nil, errSize
	}
	if config.ColorModel != color.YCbCrModel {
		return nil, errColour
	}
	r, err := withTables(data)
	if err != nil {
		return nil, err
	}
	decoded, err := jpeg.Decode(r)
	if err != nil {
		return nil, fmt.Errorf("decode frame: %w", err)
	}
	full, ok := decoded.(*image.YCbCr)
	if !ok {
		return nil, errColour
	}
	d.frame = yuv.Resize(d.frame, yuv.Even(full.Rect.Max))
	yuv.FromFull(d.frame, full)
	return d.frame, nil
}

// Markers of JPEG.
const (
	markTables = 0xc4
	markScan   = 0xda
)

// withTables reads a JPEG. Many cameras leave out the Huffman tables, because they are always the same; then they are
// put in.
func withTables(data []byte) (io.Reader, error) {
	at, found := segment(data, markTables)
	if !found {
		return nil, errJPEG
	}
	if data[at+1] == markTables {
		return bytes.NewReader(data), nil
	}
	return io.MultiReader(bytes.NewReader(data[:at]), bytes.NewReader(tables()), bytes.NewReader(data[at:])), nil
}

// segment returns where the first segment with a marker begins, or the scan, which comes after all others.
func segment(data []byte, marker byte) (at int, found bool) {
	for at = 2; at+4 <= len(data) && data[at] == 0xff; {
		switch data[at+1] {
		case marker, markScan:
			return at, true
		case 0xff: // a byte to fill up
			at++
		default:
			at += 2 + int(binary.BigEndian.Uint16(data[at+2:]))
		}
	}
	return 0, false
}

// tables are the Huffman tables of the standard, as image/jpeg writes them.
var tables = sync.OnceValue(func() []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewYCbCr(image.Rect(0, 0, 8, 8), image.YCbCrSubsampleRatio420), nil); err != nil {
		panic(err) // a buffer takes everything
	}
	data := b.Bytes()
	begin, _ := segment(data, markTables)
	end, _ := segment(data, markScan)
	return data[begin:end]
})
