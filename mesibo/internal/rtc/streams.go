package rtc

import (
	"io"
	"sync"

	"github.com/pion/transport/v5/packetio"
	"golang.org/x/time/rate"
)

const (
	// Streams of the other side: it has two, and others after it has changed something. The library keeps 4 KB of each
	// that a packet names, until the connection ends.
	streamRate  = 1 // a second
	streamBurst = 64

	// Bytes that wait to be read, of one stream.
	packetsMost = 1 << 20
	reportsMost = 100 << 10
)

// streams counts the streams of the other side.
type streams struct {
	pace    *rate.Limiter
	once    sync.Once
	flooded func() // called once, when there are too many
}

func newStreams(flooded func()) *streams {
	return &streams{pace: rate.NewLimiter(streamRate, streamBurst), flooded: flooded}
}

// buffer is called by the library for each stream that a packet names.
func (s *streams) buffer(kind packetio.BufferPacketType, _ uint32) io.ReadWriteCloser {
	most := reportsMost
	if kind == packetio.RTPBufferPacket {
		most = packetsMost
		if !s.pace.Allow() {
			s.once.Do(s.flooded)
		}
	}
	b := packetio.NewBuffer()
	b.SetLimitSize(most)
	return streamBuffer{b}
}

// streamBuffer makes a buffer an io.ReadWriteCloser.
type streamBuffer struct{ *packetio.Buffer }

func (b streamBuffer) Read(p []byte) (int, error) {
	n, _, err := b.Buffer.Read(p, nil)
	return n, err //nolint:wrapcheck // io's errors have a meaning
}

func (b streamBuffer) Write(p []byte) (int, error) {
	return b.Buffer.Write(p, nil) //nolint:wrapcheck // as above
}
