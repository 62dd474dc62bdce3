package picture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
	"io"
)

// This file walks through the parts of picture files, for what the decoders do not tell: the orientation, and the
// sizes inside a WebP.

const exifMark = "Exif\x00\x00"

// jpegOrientation finds the orientation in a JPEG file's segments.
func jpegOrientation(data []byte) int {
	const startOfScan, app1 = 0xda, 0xe1
	for at := 2; at+4 <= len(data); {
		if data[at] != 0xff {
			return 1
		}
		marker := data[at+1]
		if marker == 0xff { // filling
			at++
			continue
		}
		if marker == startOfScan {
			return 1
		}
		end := at + 2 + int(binary.BigEndian.Uint16(data[at+2:]))
		if end < at+4 || end > len(data) {
			return 1
		}
		if tiff, found := bytes.CutPrefix(data[at+4:end], []byte(exifMark)); marker == app1 && found {
			return orientation(tiff)
		}
		at = end
	}
	return 1
}

const (
	jpegBaseline    = 0xc0
	jpegProgressive = 0xc2
)

// jpegFrame finds the segment of a JPEG file with its size and components; nil when there is none.
func jpegFrame(data []byte) []byte {
	for at := 2; at+4 <= len(data); {
		marker := data[at+1]
		// filling, and what has no length
		if data[at] != 0xff || marker <= 1 || marker == 0xff || marker >= 0xd0 && marker <= 0xd8 {
			at++
			continue
		}
		end := at + 2 + int(binary.BigEndian.Uint16(data[at+2:]))
		if end < at+4 || end > len(data) {
			return nil
		}
		if marker >= jpegBaseline && marker <= jpegProgressive {
			return data[at:end]
		}
		at = end
	}
	return nil
}

// jpegMemory is what decoding a JPEG takes: each component has its own number of pixels, and a progressive one
// keeps four bytes more of each until the end.
func jpegMemory(data []byte, c image.Config) int64 {
	const head, entry, four = 10, 3, 4
	pixels := int64(c.Width) * int64(c.Height)
	var all, most int64
	frame := jpegFrame(data)
	if len(frame) >= head && len(frame) >= head+entry*int(frame[9]) {
		for i := range int(frame[9]) {
			sampling := frame[head+entry*i+1]
			n := int64(sampling>>4) * int64(sampling&15)
			all, most = all+n, max(most, n)
		}
	}
	if most == 0 {
		return 4 * 5 * pixels // at worst
	}
	needed := pixels * all / most
	if frame[1] == jpegProgressive {
		needed *= 5
	}
	if frame[9] == four { // put together in the end
		needed += 4 * pixels
	}
	return needed
}

// pngOrientation finds the orientation in a PNG file's chunks.
func pngOrientation(data []byte) int {
	const head, tail = 8, 4 // length and name; checksum
	for at := 8; at+head <= len(data); {
		length := int64(binary.BigEndian.Uint32(data[at:]))
		end := int64(at) + head + length
		if end+tail > int64(len(data)) {
			return 1
		}
		if string(data[at+4:at+head]) == "eXIf" {
			return orientation(data[at+head : end])
		}
		at = int(end) + tail
	}
	return 1
}

// webpChunks calls f for each chunk of a WebP file until it returns false.
func webpChunks(data []byte, f func(name string, body []byte) bool) {
	const head = 8
	for at := 12; at+head <= len(data); {
		length := int64(binary.LittleEndian.Uint32(data[at+4:]))
		start := int64(at) + head
		end := min(start+length, int64(len(data)))
		if !f(string(data[at:at+4]), data[start:end]) || start+length > int64(len(data)) {
			return
		}
		at = int(start + length + length&1)
	}
}

func webpOrientation(data []byte) int {
	result := 1
	webpChunks(data, func(name string, body []byte) bool {
		if name != "EXIF" {
			return true
		}
		result = orientation(bytes.TrimPrefix(body, []byte(exifMark)))
		return false
	})
	return result
}

var errSizes = errors.New("the sizes in the file are missing or differ")

// webpConfig returns the size of a WebP picture. A file names it up to three times, and the decoder trusts each.
func webpConfig(r io.Reader) (image.Config, error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return image.Config{}, fmt.Errorf("read picture: %w", err)
	}
	var size image.Point
	agree := true
	webpChunks(data, func(name string, body []byte) bool {
		here, known := webpSize(name, body)
		if known {
			agree = agree && (size == image.Point{} || size == here)
			size = here
		}
		return agree
	})
	if !agree || size == (image.Point{}) {
		return image.Config{}, errSizes
	}
	return image.Config{ColorModel: color.NYCbCrAModel, Width: size.X, Height: size.Y}, nil
}

// webpSize returns the size that one chunk names.
func webpSize(name string, body []byte) (size image.Point, known bool) {
	const bits14 = 1<<14 - 1
	switch {
	case name == "VP8X" && len(body) >= 10:
		return image.Pt(1+int24(body[4:]), 1+int24(body[7:])), true
	case name == "VP8 " && len(body) >= 10:
		return image.Pt(int(binary.LittleEndian.Uint16(body[6:])&bits14),
			int(binary.LittleEndian.Uint16(body[8:])&bits14)), true
	case name == "VP8L" && len(body) >= 5:
		bits := binary.LittleEndian.Uint32(body[1:])
		return image.Pt(1+int(bits&bits14), 1+int(bits>>14&bits14)), true
	}
	return image.Point{}, false
}

func int24(b []byte) int { return int(b[0]) | int(b[1])<<8 | int(b[2])<<16 }
