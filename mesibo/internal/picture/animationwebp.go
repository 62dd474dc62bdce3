package picture

import (
	"encoding/binary"
	"image"
	"time"

	"golang.org/x/image/webp"
)

// The decoder of golang.org/x/image reads pictures that stand still. Each frame of an animation is such a picture
// without the beginning of its file, which is made here.

func isWebP(data []byte) bool {
	return len(data) >= 12 && string(data[:4]) == "RIFF" && string(data[8:12]) == "WEBP"
}

// webpMoves reports whether a WebP file says that it is an animation.
func webpMoves(data []byte) (moves bool) {
	const animated = 0x02
	webpChunks(data, func(name string, body []byte) bool {
		moves = name == "VP8X" && len(body) >= 10 && body[0]&animated != 0
		return false // it is the first
	})
	return moves
}

// webpMemory is what decoding a WebP takes: of an animation a canvas, and a frame.
func webpMemory(data []byte, c image.Config) int64 {
	needed := plainMemory(data, c)
	if webpMoves(data) {
		needed *= 2
	}
	return needed
}

// webpAnimation finds the frames of a WebP file, up to the first that is not whole.
func webpAnimation(data []byte) *Animation {
	a := &Animation{}
	if !webpMoves(data) {
		size, err := Size(data)
		if err != nil {
			return a
		}
		a.size, a.loops = size, 1
		a.frames = []frame{{area: image.Rectangle{Max: size}, file: [][]byte{data}, decode: webp.Decode}}
		return a
	}
	webpChunks(data, func(name string, body []byte) bool {
		switch {
		case name == "VP8X":
			a.size, _ = webpSize(name, body)
		case name == "ANIM" && len(body) >= 6:
			a.loops = int(binary.LittleEndian.Uint16(body[4:]))
		case name == "ANMF":
			f, ok := webpFrame(body)
			if !ok || !f.area.In(image.Rectangle{Max: a.size}) {
				return false
			}
			a.frames = append(a.frames, f)
		}
		return len(a.frames) < maxFrames
	})
	return a
}

// webpFrame makes a frame of the body of an ANMF chunk.
func webpFrame(body []byte) (f frame, ok bool) {
	const head, chunkHead, cleared, replaces, hasAlpha = 16, 8, 1, 2, 0x10
	if len(body) < head {
		return f, false
	}
	corner := image.Pt(2*int24(body), 2*int24(body[3:]))
	size := image.Pt(1+int24(body[6:]), 1+int24(body[9:]))
	f.area = image.Rectangle{Min: corner, Max: corner.Add(size)}
	f.delay = delayOf(time.Duration(int24(body[12:])) * time.Millisecond)
	f.replaces = body[15]&replaces != 0
	if body[15]&cleared != 0 {
		f.after = clearArea
	}
	var alpha, picture []byte
	for at := head; at+chunkHead <= len(body) && picture == nil; {
		end := int64(at) + chunkHead + int64(binary.LittleEndian.Uint32(body[at+4:]))
		if end > int64(len(body)) {
			return f, false
		}
		chunk := body[at:end]
		switch name := string(chunk[:4]); name {
		case "ALPH":
			alpha = chunk
		case "VP8 ", "VP8L":
			if here, known := webpSize(name, chunk[chunkHead:]); !known || here != size {
				return f, false
			}
			picture = chunk
		}
		at = int(end + (end-head)&1)
	}
	if picture == nil {
		return f, false
	}
	f.decode = webp.Decode
	f.file = [][]byte{nil, alpha, padding(alpha), picture, padding(picture)}
	total := 4
	if alpha != nil {
		canvas := []byte("VP8X\x0a\x00\x00\x00")
		canvas = append(canvas, hasAlpha, 0, 0, 0)
		canvas = append(canvas, body[6:12]...)
		f.file[0] = canvas
	}
	for _, part := range f.file {
		total += len(part)
	}
	start := binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(total))
	f.file[0] = append(append(start, "WEBP"...), f.file[0]...)
	return f, true
}

// padding makes the length of a chunk even.
func padding(chunk []byte) []byte { return make([]byte, len(chunk)&1) }
