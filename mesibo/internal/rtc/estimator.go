package rtc

import (
	"errors"
	"fmt"
	"maps"
	"sync"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/interceptor/pkg/cc"
	"github.com/pion/interceptor/pkg/gcc"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"

	"github.com/parley-chat/parley/internal/pionlog"
)

// Bitrates in bit/s.
const (
	bitrateFirst = 500_000
	bitrateLeast = 100_000
	bitrateMost  = 2_500_000
)

// estimator is a bandwidth estimator that can start anew: what was estimated of a network says nothing of the next one,
// and after an outage it takes long to rise from its lowest bitrate.
type estimator struct {
	log   pionlog.Factory
	inUse func() // is called with each stream, may be nil

	mu      sync.Mutex
	prober  prober
	now     *gcc.SendSideBWE
	writer  interceptor.RTPWriter // of now
	streams map[uint32]stream
	closed  bool
}

type stream struct {
	info   *interceptor.StreamInfo
	writer interceptor.RTPWriter
}

var _ cc.BandwidthEstimator = (*estimator)(nil)

func newEstimator(log pionlog.Factory) (*estimator, error) {
	e := &estimator{log: log, streams: make(map[uint32]stream)}
	return e, e.reset(bitrateFirst)
}

// reset forgets what was estimated, and starts at a bitrate in bit/s.
func (e *estimator) reset(bitrate int) error {
	fresh, err := gcc.NewSendSideBWE(gcc.SendSideBWEInitialBitrate(bitrate), gcc.SendSideBWEMinBitrate(bitrateLeast),
		gcc.SendSideBWEMaxBitrate(bitrateMost), gcc.SendSideBWEPacer(gcc.NewNoOpPacer()), gcc.WithLoggerFactory(e.log))
	if err != nil {
		return fmt.Errorf("make bandwidth estimator: %w", err)
	}
	e.mu.Lock()
	old := e.now
	if e.closed {
		old = fresh
	} else {
		e.now, e.writer = fresh, nil
		for s := range maps.Values(e.streams) {
			e.writer = fresh.AddStream(s.info, s.writer)
		}
	}
	e.mu.Unlock()
	if old == nil {
		return nil
	}
	return old.Close() //nolint:wrapcheck // it is nil
}

func (e *estimator) current() (*gcc.SendSideBWE, interceptor.RTPWriter) { //nolint:ireturn // it has no other type
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.now, e.writer
}

// AddStream implements cc.BandwidthEstimator.
//
//nolint:ireturn // the interface wants it
func (e *estimator) AddStream(info *interceptor.StreamInfo, writer interceptor.RTPWriter) interceptor.RTPWriter {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.streams[info.SSRC] = stream{info, writer}
	e.writer = e.now.AddStream(info, writer)
	if e.inUse != nil {
		e.inUse()
	}
	return interceptor.RTPWriterFunc(func(h *rtp.Header, payload []byte, a interceptor.Attributes) (int, error) {
		_, w := e.current()
		return w.Write(h, payload, a)
	})
}

// WriteRTCP implements cc.BandwidthEstimator.
func (e *estimator) WriteRTCP(packets []rtcp.Packet, a interceptor.Attributes) error {
	now, _ := e.current()
	if err := now.WriteRTCP(packets, a); err != nil && !errors.Is(err, gcc.ErrSendSideBWEClosed) {
		e.log.NewLogger("bandwidth").Debug(err.Error()) // a report that is wrong does not end the reading of reports
	}
	return nil
}

// target returns the estimated bitrate in bit/s, where wanted would be enough.
func (e *estimator) target(wanted int) int {
	now, _ := e.current()
	bitrate := now.GetTargetBitrate()
	loss, _ := now.GetStats()["averageLoss"].(float64)
	e.mu.Lock()
	try := e.prober.next(bitrate, min(wanted, bitrateMost), loss, time.Now())
	e.mu.Unlock()
	if try == 0 {
		return bitrate
	}
	if err := e.reset(try); err != nil {
		e.log.NewLogger("bandwidth").Warn(err.Error())
		return bitrate
	}
	return try
}

// GetTargetBitrate implements cc.BandwidthEstimator. The library asks for it to limit what is sent again, and refuses
// most of a lost key frame, because in the millisecond in which it is sent it exceeds any bitrate. How often a packet
// is asked for is limit enough.
func (*estimator) GetTargetBitrate() int { return 1 << 30 }

// OnTargetBitrateChange implements cc.BandwidthEstimator. It is not used: the bitrate is asked for.
func (*estimator) OnTargetBitrateChange(func(int)) {}

// GetStats implements cc.BandwidthEstimator.
func (e *estimator) GetStats() map[string]any {
	now, _ := e.current()
	return now.GetStats()
}

// Close implements cc.BandwidthEstimator.
func (e *estimator) Close() error {
	e.mu.Lock()
	closed, now := e.closed, e.now
	e.closed = true
	e.mu.Unlock()
	if closed {
		return nil
	}
	return now.Close() //nolint:wrapcheck // it is nil
}
