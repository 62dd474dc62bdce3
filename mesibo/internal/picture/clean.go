package picture

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
)

// Clean returns a JPEG, PNG, GIF or WebP file without what it says beside the picture: where, when, with what and
// by whom it was taken. The picture itself stays as it is, and stays upright. changed reports whether there was
// anything to be removed. ErrFormat: the file is of another kind, or so damaged that one cannot tell what in it is
// the picture; then it may still say all that.
func Clean(data []byte) (cleaned []byte, changed bool, err error) {
	var out []byte
	var ok bool
	switch {
	case bytes.HasPrefix(data, []byte("\xff\xd8")):
		out, ok = cleanJPEG(data)
	case bytes.HasPrefix(data, []byte("\x89PNG\r\n\x1a\n")):
		out, ok = cleanPNG(data)
	case bytes.HasPrefix(data, []byte("GIF87a")), bytes.HasPrefix(data, []byte("GIF89a")):
		out, ok = cleanGIF(data)
	case len(data) >= 12 && string(data[:4]) == "RIFF" && string(data[8:12]) == "WEBP":
		out, ok = cleanWebP(data)
	}
	switch {
	case !ok:
		return nil, false, fmt.Errorf("%w: one cannot tell what in it is the picture", ErrFormat)
	case bytes.Equal(out, data):
		return data, false, nil
	}
	return out, true, nil
}

const (
	jpegEnd  = 0xd9
	jpegScan = 0xda
)

// cleanJPEG keeps the segments that are needed to show the picture. Between them it is as lenient as those who show it.
func cleanJPEG(data []byte) (out []byte, ok bool) {
	out = append(make([]byte, 0, len(data)), data[:2]...)
	if o := jpegOrientation(data); o > 1 {
		out = append(out, orientationSegment(o)...)
	}
	scans := 0
	for at := 2; at+2 <= len(data); {
		marker := data[at+1]
		switch {
		case data[at] != 0xff, marker == 0xff: // filling
			at++
			continue
		case marker == jpegEnd:
			return append(out, data[at:at+2]...), scans > 0
		case marker <= 1, marker >= 0xd0 && marker <= 0xd8: // alone, without a length
			at += 2
			continue
		}
		if at+4 > len(data) {
			break
		}
		end := at + 2 + int(binary.BigEndian.Uint16(data[at+2:]))
		if end < at+4 || end > len(data) {
			break
		}
		out = append(out, jpegSegment(marker, data[at:end])...)
		at = end
		if marker == jpegScan {
			scans++
			next := scanEnd(data, at)
			out = append(out, data[at:next]...)
			at = next
		}
	}
	return append(out, 0xff, jpegEnd), scans > 0 // it was cut off
}

// jpegSegment returns what is kept of a segment of a JPEG file.
func jpegSegment(marker byte, segment []byte) []byte {
	const (
		jfif, icc, adobe = 0xe0, 0xe2, 0xee
		jfifSize         = 18 // without a thumbnail
	)
	body := segment[4:]
	keep := false
	switch marker {
	case jfif:
		if !bytes.HasPrefix(body, []byte("JFIF\x00")) || len(segment) < jfifSize {
			return nil
		}
		short := bytes.Clone(segment[:jfifSize])
		binary.BigEndian.PutUint16(short[2:], jfifSize-2)
		short[16], short[17] = 0, 0
		return short
	case icc:
		keep = bytes.HasPrefix(body, []byte("ICC_PROFILE\x00"))
	case adobe: // how colours are meant
		keep = bytes.HasPrefix(body, []byte("Adobe"))
	case jpegScan, 0xdb, 0xdc, 0xdd: // and its tables
		keep = true
	default:
		keep = marker >= 0xc0 && marker <= 0xcf
	}
	if !keep {
		return nil
	}
	return segment
}

// scanEnd finds the marker after the picture data that begin at a place.
func scanEnd(data []byte, at int) int {
	for ; at+1 < len(data); at++ {
		if data[at] != 0xff {
			continue
		}
		next := data[at+1]
		if restart := next >= 0xd0 && next <= 0xd7; next != 0 && next != 0xff && !restart {
			return at
		}
	}
	return len(data)
}

// orientationSegment is EXIF data of a JPEG that say nothing but how to turn it.
func orientationSegment(orientation int) []byte {
	body := append([]byte(exifMark), orientationTIFF(orientation)...)
	segment := binary.BigEndian.AppendUint16([]byte{0xff, 0xe1}, uint16(len(body)+2))
	return append(segment, body...)
}

// orientationTIFF is EXIF data of one entry.
func orientationTIFF(orientation int) []byte {
	const directory, tag, short = 8, 0x0112, 3
	b := binary.BigEndian.AppendUint32([]byte("MM\x00*"), directory)
	for _, n := range []uint16{1, tag, short, 0, 1, uint16(orientation), 0, 0, 0} { // one entry, no directory after it
		b = binary.BigEndian.AppendUint16(b, n)
	}
	return b
}

// cleanPNG keeps the chunks that are needed to show the picture.
func cleanPNG(data []byte) (out []byte, ok bool) {
	const signature, head, tail = 8, 8, 4
	out = append(make([]byte, 0, len(data)), data[:signature]...)
	turned := pngOrientation(data) > 1
	for at := signature; at+head <= len(data); {
		end := int64(at) + head + int64(binary.BigEndian.Uint32(data[at:])) + tail
		if end > int64(len(data)) {
			return nil, false
		}
		chunk := data[at:end]
		switch name := string(chunk[4:head]); name {
		case "eXIf":
			if turned { // rare: rewritten, because it may hold more
				out = append(out, pngChunk(name, orientationTIFF(pngOrientation(data)))...)
				turned = false
			}
		case "IEND":
			return append(out, chunk...), true
		case "IHDR", "PLTE", "IDAT", "tRNS", "cHRM", "gAMA", "iCCP", "sBIT", "sRGB", "cICP", "bKGD", "pHYs", "acTL",
			"fcTL", "fdAT":
			out = append(out, chunk...)
		}
		at = int(end)
	}
	return nil, false
}

func pngChunk(name string, body []byte) []byte {
	b := append(binary.BigEndian.AppendUint32(nil, uint32(len(body))), name...)
	b = append(b, body...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

const (
	gifHead      = 13
	gifExtension = 0x21
	gifPicture   = 0x2c
	gifEnd       = 0x3b
)

// cleanGIF keeps the pictures, how they follow one another, and the colours.
func cleanGIF(data []byte) (out []byte, ok bool) {
	if len(data) < gifHead {
		return nil, false
	}
	at := gifHead + gifColours(data[10])
	if at > len(data) {
		return nil, false
	}
	out = append(make([]byte, 0, len(data)), data[:at]...)
	for at >= 0 && at < len(data) {
		if data[at] == gifEnd {
			return append(out, gifEnd), true
		}
		end := gifPartEnd(data, at)
		if end >= 0 && (data[at] == gifPicture || gifNeeded(data[at+1:end])) {
			out = append(out, data[at:end]...)
		}
		at = end
	}
	return nil, false
}

// gifPartEnd finds the end of a picture or an extension; negative when it is neither.
func gifPartEnd(data []byte, at int) int {
	const head = 10
	switch {
	case data[at] == gifPicture && at+head <= len(data):
		return gifBlocks(data, at+head+gifColours(data[at+9])+1)
	case data[at] == gifExtension:
		return gifBlocks(data, at+2)
	}
	return -1
}

// gifNeeded reports whether an extension, which begins with its label, belongs to what is shown.
func gifNeeded(extension []byte) bool {
	const text = 0x01
	switch extension[0] {
	case gifControl, text:
		return true
	case gifApplication: // how often it is repeated
		return bytes.HasPrefix(extension[1:], []byte("\x0bNETSCAPE2.0")) ||
			bytes.HasPrefix(extension[1:], []byte("\x0bANIMEXTS1.0"))
	}
	return false
}

// gifColours returns how many bytes a list of colours takes, by the byte that tells of it.
func gifColours(flags byte) int {
	const there, size = 0x80, 7
	if flags&there == 0 {
		return 0
	}
	return 3 << (flags&size + 1)
}

// gifBlocks finds the end of the blocks that begin at a place; negative when there is none.
func gifBlocks(data []byte, at int) int {
	for at < len(data) {
		n := int(data[at])
		at += 1 + n
		if n == 0 {
			return at
		}
	}
	return -1
}

// cleanWebP keeps the chunks that are needed to show the picture.
func cleanWebP(data []byte) (out []byte, ok bool) {
	const start, head, exifFlag, xmpFlag = 12, 8, 0x08, 0x04
	o := webpOrientation(data)
	out = append(make([]byte, 0, len(data)), data[:start]...)
	flags := -1
	for at := int64(start); at+head <= int64(len(data)); {
		length := int64(binary.LittleEndian.Uint32(data[at+4:]))
		end := at + head + length
		if end > int64(len(data)) {
			return nil, false
		}
		padded := min(end+length&1, int64(len(data)))
		switch string(data[at : at+4]) {
		case "VP8X":
			flags = len(out) + head
			out = append(out, data[at:padded]...)
		case "VP8 ", "VP8L", "ALPH", "ANIM", "ANMF", "ICCP":
			out = append(out, data[at:padded]...)
		}
		at = padded
	}
	if flags >= 0 && flags < len(out) {
		out[flags] &^= exifFlag | xmpFlag
		if o > 1 {
			out[flags] |= exifFlag
			tiff := orientationTIFF(o)
			out = binary.LittleEndian.AppendUint32(append(out, "EXIF"...), uint32(len(tiff)))
			out = append(out, tiff...)
		}
	}
	binary.LittleEndian.PutUint32(out[4:], uint32(len(out)-head))
	return out, true
}
