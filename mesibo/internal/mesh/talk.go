package mesh

import "math"

const (
	speechLeast = 0.01 // the root mean square of what may be speech
	speechStart = 3    // frames of it
	speechPause = 25   // frames without, after which there is no speech
)

// talk finds out from frames of sound whether it is speech.
type talk struct {
	changed func(talking bool)

	talking     bool
	loud, quiet int // frames in a row
}

func (t *talk) note(frame []float32) {
	sum := 0.0
	for _, v := range frame {
		sum += float64(v) * float64(v)
	}
	if math.Sqrt(sum/float64(len(frame))) >= speechLeast {
		t.loud, t.quiet = t.loud+1, 0
	} else {
		t.loud, t.quiet = 0, t.quiet+1
	}
	if t.talking && t.quiet >= speechPause || !t.talking && t.loud >= speechStart {
		t.talking = !t.talking
		t.changed(t.talking)
	}
}

// stop notes that nothing more is heard.
func (t *talk) stop() {
	t.loud, t.quiet = 0, 0
	if t.talking {
		t.talking = false
		t.changed(false)
	}
}
