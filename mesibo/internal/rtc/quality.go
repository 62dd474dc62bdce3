package rtc

import "time"

// Qualities of a connection.
const (
	qualityNone = 0 // nothing gets through
	qualityBest = 4
)

// score returns the quality of what is measured: the share of packets that is lost, of both directions the worse, the
// time there and back, and the jitter.
func score(loss float64, rtt, jitter time.Duration) int {
	quality := qualityBest
	for _, most := range []float64{0.01, 0.03, 0.1} {
		if loss >= most {
			quality--
		}
	}
	if jitter > 40*time.Millisecond {
		quality--
	}
	if rtt > 400*time.Millisecond { // more than 150 ms one way, with what buffers add, is noticed
		quality--
	}
	return max(quality, 1)
}

const (
	worseAfter  = 2 // scores in a row
	betterAfter = 4
)

// meter keeps the quality that is shown from flickering.
type meter struct{ shown, scores int }

// note takes a score and returns the quality to show, and whether it has changed.
func (m *meter) note(score int) (quality int, changed bool) {
	if score == m.shown {
		m.scores = 0
		return m.shown, false
	}
	needed := betterAfter
	if score < m.shown {
		needed = worseAfter
	}
	if m.scores++; m.scores < needed && score != qualityNone && m.shown != qualityNone {
		return m.shown, false
	}
	m.shown, m.scores = score, 0
	return score, true
}
