package rtc

import (
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/interceptor/pkg/cc"
	"github.com/pion/interceptor/pkg/twcc"

	"github.com/parley-chat/parley/internal/pionlog"
)

// Bandwidth estimates how much of what is sent the network carries. It outlasts the connections that it belongs to. Its
// methods are safe for concurrent use.
type Bandwidth struct {
	log pionlog.Factory

	mu  sync.Mutex
	now *estimator // of the connection on which something was sent last, nil before
}

// NewBandwidth returns a Bandwidth.
func NewBandwidth(log *slog.Logger) *Bandwidth { return &Bandwidth{log: pionlog.Factory{Logger: log}} }

// Interceptors returns what connections are to be made with, the first ones of all.
func (b *Bandwidth) Interceptors() ([]interceptor.Factory, error) {
	congestion, err := cc.NewInterceptor(func() (cc.BandwidthEstimator, error) {
		e, err := newEstimator(b.log)
		if err == nil {
			e.inUse = func() { b.use(e) }
		}
		return e, err
	})
	if err != nil {
		return nil, fmt.Errorf("make bandwidth estimator: %w", err)
	}
	numbers, err := twcc.NewHeaderExtensionInterceptor()
	if err != nil {
		return nil, fmt.Errorf("make bandwidth estimator: %w", err)
	}
	return []interceptor.Factory{congestion, numbers}, nil
}

func (b *Bandwidth) use(e *estimator) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.now = e
}

func (b *Bandwidth) current() *estimator {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.now
}

// Target returns the estimated bitrate in bit/s, where wanted would be enough.
func (b *Bandwidth) Target(wanted int) int {
	e := b.current()
	if e == nil {
		return bitrateFirst
	}
	return e.target(wanted)
}

// Moved forgets what was estimated: this machine is in another network.
func (b *Bandwidth) Moved() {
	e := b.current()
	if e == nil {
		return
	}
	if err := e.reset(bitrateFirst); err != nil {
		b.log.NewLogger("bandwidth").Warn(err.Error())
	}
}

// Ladder chooses how many of the frames are sent when the bitrate is too low for all. It is used by one goroutine.
type Ladder struct{ ladder ladder }

// Choose notes the bitrate that there is and the one that all frames need, in bit/s. It returns 0 for all frames, 1 for
// half of them, and 2 when even that is too much.
func (l *Ladder) Choose(bitrate, needed int, now time.Time) int {
	l.ladder.choose(Format{Bitrate: needed}, bitrate, now)
	return l.ladder.rung
}
