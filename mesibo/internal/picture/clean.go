package picture

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
)

// Clean gives a JPEG, PNG or WebP file without what it says beside the picture: where, when, with what and by whom it was taken. The
// picture itself stays as it is, and stays upright. When there is nothing to be removed, or the file is of another kind or
// damaged, it gives the file back and false.
func Clean(data []byte) (cleaned []byte, changed bool) {
	var out []byte
	var ok bool
	switch {
	case bytes.HasPrefix(data, []byte("\xff\xd8")):
		out, ok = cleanJPEG(data)
	case bytes.HasPrefix(data, []byte("\x89PNG\r\n\x1a\n")):
		out, ok = cleanPNG(data)
	case len(data) >= 12 && string(data[:4]) == "RIFF" && string(data[8:12]) == "WEBP":
		out, ok = cleanWebP(data)
	}
	if !ok || bytes.Equal(out, data) {
		return data, false
	}
	return out, true
}

// cleanJPEG leaves out the segments of applications but for those that say how colours are meant, comments, and what follows the end.
func cleanJPEG(data []byte) (out []byte, ok bool) {
	const endOfImage, startOfScan = 0xd9, 0xda
	out = append(make([]byte, 0, len(data)), data[:2]...)
	if o := jpegOrientation(data); o > 1 {
		out = append(out, orientationSegment(o)...)
	}
	for at := 2; at+2 <= len(data); {
		if data[at] != 0xff {
			return nil, false
		}
		marker := data[at+1]
		if marker == 0xff { // filling
			at++
			continue
		}
		if marker == endOfImage {
			return append(out, data[at:at+2]...), true
		}
		if at+4 > len(data) {
			return nil, false
		}
		end := at + 2 + int(binary.BigEndian.Uint16(data[at+2:]))
		if end < at+4 || end > len(data) {
			return nil, false
		}
		if !isRemark(marker, data[at+4:end]) {
			out = append(out, data[at:end]...)
		}
		at = end
		if marker == startOfScan {
			next := scanEnd(data, at)
			out = append(out, data[at:next]...)
			at = next
		}
	}
	return nil, false // without an end
}

// isRemark tells whether a segment of a JPEG file is not needed to show the picture.
func isRemark(marker byte, body []byte) bool {
	const app1, app2, app14, app15, comment = 0xe1, 0xe2, 0xee, 0xef, 0xfe
	switch {
	case marker == comment:
		return true
	case marker < app1 || marker > app15: // app0 is JFIF
		return false
	case marker == app2:
		return !bytes.HasPrefix(body, []byte("ICC_PROFILE\x00"))
	}
	return marker != app14 // of Adobe: how colours are meant
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

// cleanPNG leaves out the chunks with texts, times and EXIF data, and what follows the end.
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
		case "tEXt", "zTXt", "iTXt", "tIME":
		case "eXIf":
			if turned { // rare: rewritten, because it may hold more
				out = append(out, pngChunk(name, orientationTIFF(pngOrientation(data)))...)
				turned = false
			}
		case "IEND":
			return append(out, chunk...), true
		default:
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

// cleanWebP leaves out the chunks with EXIF data and XMP.
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
		case "EXIF", "XMP ":
		case "VP8X":
			flags = len(out) + head
			out = append(out, data[at:padded]...)
		default:
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
