package libvpx

import (
	"errors"
	"unsafe"

	"github.com/parley-chat/parley/mesibo/call"
)

// configSize has room for the rest of the library's structure, in bytes.
const configSize = 4096

// config is the part of the library's vpx_codec_enc_cfg that we set.
type config struct {
	usage, threads, profile, width, height uint32
	depth                                  int32
	inputDepth                             uint32
	second                                 fraction // one unit of time
	resilient                              uint32
	pass                                   int32
	lag                                    uint32
	drop                                   uint32 // frames are dropped below this level of the buffer, in percent
	resize, scaledWidth, scaledHeight      uint32
	resizeUp, resizeDown                   uint32
	rateControl                            int32
	stats, blockStats                      buffer
	bitrate                                uint32 // kbit/s
	quantizerLeast, quantizerMost          uint32
	undershoot, overshoot                  uint32
	buffer, bufferInitial, bufferOptimal   uint32 // ms
	bias, sectionLeast, sectionMost        uint32
	complexity                             uint32
	keyMode                                int32
	keyLeast, keyMost                      uint32 // frames between key frames
}

type fraction struct{ numerator, denominator int32 }

type buffer struct {
	data unsafe.Pointer
	size uintptr
}

const (
	constantBitrate = 1
	keyAutomatic    = 1
)

// defaults are the library's for VP8, the same in 1.7 to 1.16.
var defaults = config{
	width: 320, height: 240, depth: 8, inputDepth: 8, second: fraction{1, 30},
	scaledWidth: 1, scaledHeight: 1, resizeUp: 60, resizeDown: 30,
	bitrate: 256, quantizerLeast: 4, quantizerMost: 63, undershoot: 100, overshoot: 100,
	buffer: 6000, bufferInitial: 4000, bufferOptimal: 5000, bias: 50, sectionMost: 400,
	keyMode: keyAutomatic, keyMost: 128,
}

var errLayout = errors.New("this version of libvpx is laid out in another way than expected")

// set changes the library's defaults to what calls need: no delay, packets that stand alone, a steady bitrate. Defaults
// that are not where they are expected are an error, because the layout is another one.
func (c *config) set(o call.VideoEncoderOptions) error {
	if *c != defaults {
		return errLayout
	}
	c.threads, c.width, c.height, c.second = 1, uint32(o.Width), uint32(o.Height), fraction{1, int32(o.FPS)}
	c.resilient, c.drop = 1, 30
	c.rateControl, c.bitrate = constantBitrate, kilobits(o.Bitrate)
	c.quantizerLeast, c.quantizerMost, c.undershoot, c.overshoot = 2, 56, 100, 15
	c.buffer, c.bufferInitial, c.bufferOptimal = 1000, 500, 600
	c.keyMost = 3000 // receivers ask for them
	return nil
}

func kilobits(bitrate int) uint32 { return uint32(max(1, bitrate/1000)) }
