package rtc

const (
	lossFloor   = 10 // percent: below, Opus repeats too little of what was lost
	lossCeiling = 40
	lossKept    = 5 // reports, of which the worst counts
)

// lossFeed makes of the reports of the receiver which loss the encoder should prepare for.
type lossFeed struct {
	last [lossKept]int
	n    int
	set  int
}

// report notes the fraction of packets lost, in 256ths, and returns the loss in percent and whether it has changed.
func (f *lossFeed) report(fraction uint8) (percent int, changed bool) {
	f.last[f.n%lossKept] = int(fraction) * 100 / 256
	f.n++
	percent = lossFloor
	for _, v := range f.last {
		percent = max(percent, v)
	}
	percent = min(percent, lossCeiling)
	changed = percent != f.set
	f.set = percent
	return percent, changed
}
