// Package call holds what calls need from outside: devices, codecs and the processing of sound. A program sets its own
// with Mesibo.SetCallMedia, so that a bot can speak and listen without a sound card.
package call

import (
	"errors"
	"image"
)

var (
	// ErrNoDevice means that there is no such device.
	ErrNoDevice = errors.New("no such device")
	// ErrNoCodec means that a codec is missing on this machine.
	ErrNoCodec = errors.New("no such codec")
)

// Sound is always mono at SampleRate, in frames of FrameSize samples, from -1 to 1.
const (
	SampleRate = 48_000
	FrameSize  = SampleRate / 50 // 20 ms
)

// Media are the devices and codecs of calls; package codecs has the codecs of this machine. What is nil is missing: the
// call works as far as it can without it. Without codecs of sound a call between two sounds like a telephone (PCMU),
// and in the call of a group that goes through an SFU nothing is heard of this user.
type Media struct {
	Microphone Microphone
	Speaker    Speaker
	Camera     VideoSource
	Screen     VideoSource

	// Each call makes its own codecs and closes them. The errors wrap ErrNoCodec.
	AudioEncoder func(bitrate int) (AudioEncoder, error) // bit/s
	AudioDecoder func() (AudioDecoder, error)
	VideoEncoder func(o VideoEncoderOptions) (VideoEncoder, error)
	VideoDecoder func() (VideoDecoder, error)

	// Processor makes what removes echo and noise; nil for none.
	Processor func() (AudioProcessor, error)
}

// Microphone records sound.
type Microphone interface {
	// Record starts to call take with samples of one channel, from -1 to 1, which it must not keep: as many as time has
	// passed for, at best every 20 ms or more often. take is called from one goroutine or thread at a time and must not
	// block. lost is called at most once, when the device was
	// disconnected. After stop, which must not be called from take or lost, neither is called. The error wraps
	// ErrNoDevice when there is no device.
	Record(rate int, take func(samples []float32), lost func()) (stop func(), err error)
}

// Speaker plays sound.
type Speaker interface {
	// Play starts to call fill for samples: interleaved, from -1 to 1, as many as the slice has. In the call of a group
	// there may be one Play at a time for each participant. Otherwise it is like Microphone.Record.
	Play(rate, channels int, fill func(samples []float32), lost func()) (stop func(), err error)
}

// VideoSource is a camera or a screen.
type VideoSource interface {
	// Start starts to call take with frames in 4:2:0 of about the width and height, in pixels, at most fps a second.
	// take must not keep the frame. Otherwise it is like Microphone.Record.
	Start(width, height, fps int, take func(frame *image.YCbCr), lost func()) (stop func(), err error)
}

// VideoSink shows video.
type VideoSink interface {
	// Show is called with each frame, in 4:2:0, on a goroutine of the call. It must not block and not keep the frame.
	Show(frame *image.YCbCr)
}

// VideoSinkFunc is a function that is a VideoSink.
type VideoSinkFunc func(frame *image.YCbCr)

// Show calls f.
func (f VideoSinkFunc) Show(frame *image.YCbCr) { f(frame) }

// AudioEncoder encodes sound as Opus. It is used by one goroutine at a time.
type AudioEncoder interface {
	// Encode returns the packet for FrameSize samples. It is valid until the next call.
	Encode(samples []float32) ([]byte, error)
	// SetBitrate sets the bitrate in bit/s.
	SetBitrate(bitrate int) error
	// SetLoss sets the packet loss to prepare for, in percent.
	SetLoss(percent int) error
	Close()
}

// AudioDecoder decodes Opus. It is used by one goroutine at a time. The samples are valid until the next call.
type AudioDecoder interface {
	// Decode returns FrameSize samples.
	Decode(packet []byte) ([]float32, error)
	// DecodeLost returns the samples of the packet before next, which was lost; without next (nil) it conceals the gap.
	DecodeLost(next []byte) ([]float32, error)
	Close()
}

// VideoEncoderOptions are those of a VideoEncoder.
type VideoEncoderOptions struct {
	Width, Height int // pixels, even
	FPS           int // frames per second
	Bitrate       int // bit/s
}

// VideoEncoder encodes VP8. It is used by one goroutine at a time.
type VideoEncoder interface {
	// Encode returns the data of a frame, empty when the encoder drops it, valid until the next call. key asks for a
	// key frame. A frame of another size than the options' is an error.
	Encode(frame *image.YCbCr, key bool) (data []byte, err error)
	// SetBitrate sets the bitrate in bit/s.
	SetBitrate(bitrate int) error
	Close()
}

// VideoDecoder decodes VP8. It is used by one goroutine at a time.
type VideoDecoder interface {
	// Decode returns the frame, valid until the next call; nil when there is none yet. After an error it needs a key
	// frame.
	Decode(data []byte) (*image.YCbCr, error)
	Close()
}

// AudioProcessor removes echo and noise and levels the loudness.
type AudioProcessor interface {
	// Played notes FrameSize samples that are being played.
	Played(samples []float32)
	// Recorded processes FrameSize samples in place. It is called on another goroutine than Played.
	Recorded(samples []float32)
	Close()
}

// ICEServer is a STUN or TURN server.
type ICEServer struct {
	URLs                 []string
	Username, Credential string
}
