package rtc

import (
	"fmt"

	"github.com/parley-chat/parley/mesibo/call"
)

// Bitrates of Opus in bit/s.
const opusBitrate = 32_000

// audioCodec has the codecs of a call. Opus is there when it can be both encoded and decoded.
type audioCodec struct {
	opusEncoder call.AudioEncoder
	opusDecoder call.AudioDecoder
	pcmuEncoder pcmuEncoder
	pcmuDecoder pcmuDecoder
}

func openAudioCodec(m *call.Media, problem func(error)) *audioCodec {
	c := &audioCodec{}
	if err := c.openOpus(m); err != nil {
		problem(fmt.Errorf("the call sounds like a telephone: %w", err))
	}
	return c
}

func (c *audioCodec) openOpus(m *call.Media) error {
	if m.AudioEncoder == nil || m.AudioDecoder == nil {
		return call.ErrNoCodec
	}
	encoder, err := m.AudioEncoder(opusBitrate)
	if err != nil {
		return err
	}
	decoder, err := m.AudioDecoder()
	if err != nil {
		encoder.Close()
		return err
	}
	c.opusEncoder, c.opusDecoder = encoder, decoder
	return nil
}

func (c *audioCodec) opus() bool { return c.opusDecoder != nil }

func (c *audioCodec) close() {
	if c.opus() {
		c.opusEncoder.Close()
		c.opusDecoder.Close()
	}
}
