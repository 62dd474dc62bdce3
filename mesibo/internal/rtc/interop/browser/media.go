package browser

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image/color"
	"math"

	"github.com/parley-chat/parley/mesibo/call"
)

// Tone is what is heard at Chromium's microphone, in Hz.
const Tone = 1000.0

// Colours as cameras have them, from 16 to 235 and to 240. Yellow is what Chromium's camera sees.
var (
	Red    = color.YCbCr{Y: 81, Cb: 90, Cr: 240}
	Green  = color.YCbCr{Y: 145, Cb: 54, Cr: 34}
	Blue   = color.YCbCr{Y: 41, Cb: 240, Cr: 110}
	Yellow = color.YCbCr{Y: 210, Cb: 16, Cr: 146}
	Black  = color.YCbCr{Y: 16, Cb: 128, Cr: 128}
)

const (
	fileSeconds = 10
	fileFrames  = 4

	similar = 15 // of 255, by which a colour on the page's screen may differ
	exact   = 4  // by which the one that comes to us may
)

// Shows reports whether a screen with a red, a green and a blue, from 0 to 255, shows a colour.
func Shows(screen [3]float64, c color.YCbCr) bool {
	for i, want := range rgb(c) {
		if math.Abs(screen[i]-want) > similar {
			return false
		}
	}
	return true
}

// IsExact reports whether a colour is the same as another but for what codecs do.
func IsExact(a, b color.YCbCr) bool {
	for _, d := range []int{int(a.Y) - int(b.Y), int(a.Cb) - int(b.Cb), int(a.Cr) - int(b.Cr)} {
		if max(d, -d) > exact {
			return false
		}
	}
	return true
}

// rgb returns what a screen shows of a colour.
func rgb(c color.YCbCr) [3]float64 {
	y, cb, cr := 1.164*(float64(c.Y)-16), float64(c.Cb)-128, float64(c.Cr)-128
	out := [3]float64{y + 1.596*cr, y - 0.392*cb - 0.813*cr, y + 2.017*cb}
	for i, v := range out {
		out[i] = min(max(v, 0), 255)
	}
	return out
}

// toneFile returns a WAV file with the tone.
func toneFile() []byte {
	const bytesPerSample = 2
	size := uint32(fileSeconds * call.SampleRate * bytesPerSample)
	var b bytes.Buffer
	for _, v := range []any{
		[]byte("RIFF"), 36 + size, []byte("WAVEfmt "), uint32(16), uint16(1), uint16(1), uint32(call.SampleRate),
		uint32(call.SampleRate * bytesPerSample), uint16(bytesPerSample), uint16(8 * bytesPerSample), []byte("data"), size,
	} {
		binary.Write(&b, binary.LittleEndian, v) //nolint:errcheck // a buffer
	}
	for i := range fileSeconds * call.SampleRate {
		v := math.MaxInt16 / 2 * math.Sin(2*math.Pi*Tone*float64(i)/call.SampleRate)
		b.Write(binary.LittleEndian.AppendUint16(nil, uint16(int16(v))))
	}
	return b.Bytes()
}

// yellowFile returns a YUV4MPEG2 file, all Yellow.
func yellowFile() []byte {
	const width, height = 640, 480
	var b bytes.Buffer
	fmt.Fprintf(&b, "YUV4MPEG2 W%d H%d F30:1 Ip A1:1 C420mpeg2\n", width, height)
	for range fileFrames {
		b.WriteString("FRAME\n")
		b.Write(bytes.Repeat([]byte{Yellow.Y}, width*height))
		b.Write(bytes.Repeat([]byte{Yellow.Cb}, width*height/4))
		b.Write(bytes.Repeat([]byte{Yellow.Cr}, width*height/4))
	}
	return b.Bytes()
}
