package interop

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image/color"
	"math"

	"github.com/parley-chat/parley/mesibo/call"
)

const (
	ourTone   = 440.0  // Hz, what is heard at our microphone
	theirTone = 1000.0 // at Chromium's

	fileSeconds = 10
	fileFrames  = 4
)

// Colours as cameras have them, from 16 to 235 and to 240.
var (
	red    = color.YCbCr{Y: 81, Cb: 90, Cr: 240}
	green  = color.YCbCr{Y: 145, Cb: 54, Cr: 34}
	blue   = color.YCbCr{Y: 41, Cb: 240, Cr: 110}
	yellow = color.YCbCr{Y: 210, Cb: 16, Cr: 146}
	black  = color.YCbCr{Y: 16, Cb: 128, Cr: 128}
)

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
		v := math.MaxInt16 / 2 * math.Sin(2*math.Pi*theirTone*float64(i)/call.SampleRate)
		b.Write(binary.LittleEndian.AppendUint16(nil, uint16(int16(v))))
	}
	return b.Bytes()
}

// yellowFile returns a YUV4MPEG2 file, all yellow.
func yellowFile() []byte {
	const width, height = 640, 480
	var b bytes.Buffer
	fmt.Fprintf(&b, "YUV4MPEG2 W%d H%d F30:1 Ip A1:1 C420mpeg2\n", width, height)
	for range fileFrames {
		b.WriteString("FRAME\n")
		b.Write(bytes.Repeat([]byte{yellow.Y}, width*height))
		b.Write(bytes.Repeat([]byte{yellow.Cb}, width*height/4))
		b.Write(bytes.Repeat([]byte{yellow.Cr}, width*height/4))
	}
	return b.Bytes()
}
