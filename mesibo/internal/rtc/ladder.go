package rtc

import (
	"cmp"
	"time"
)

const (
	bitsPerPixel = 0.065 // that VP8 needs to look good: 600 kbit/s for 640x480 with 30 frames a second
	stepEvery    = 5 * time.Second
	stepUp       = 1.3 // more than what the step down was at
)

// Format is that of video. What is 0 is that of a camera's usual video.
type Format struct {
	Width, Height int // pixels
	FPS           int // frames per second
	Bitrate       int // bit/s; 0 for what the size needs
}

// orStandard returns the format without zeros but the bitrate's.
func (f Format) orStandard() Format {
	return Format{
		Width: cmp.Or(f.Width, standard.Width), Height: cmp.Or(f.Height, standard.Height),
		FPS: cmp.Or(f.FPS, standard.FPS), Bitrate: f.Bitrate,
	}
}

func (f Format) bitrate() int {
	return cmp.Or(f.Bitrate, int(bitsPerPixel*float64(f.Width*f.Height*f.FPS)))
}

// ladder chooses how much of the video is sent when the bitrate is too low for all of it: first half of the frames,
// then half of the width and height too. It knows no clock: times are handed in.
type ladder struct {
	rung  int
	since time.Time
}

// rungs are shares of the bitrate of the whole video, below which the next rung is used.
var rungs = [...]float64{0.4, 0.2}

// choose notes the bitrate that there is for video of a format, in bit/s.
func (l *ladder) choose(full Format, bitrate int, now time.Time) {
	share := float64(bitrate) / float64(full.bitrate())
	rung := l.rung
	switch {
	case rung < len(rungs) && share < rungs[rung]:
		rung++
	case rung > 0 && share > rungs[rung-1]*stepUp:
		rung--
	}
	if rung != l.rung && now.Sub(l.since) >= stepEvery {
		l.rung, l.since = rung, now
	}
}

// step returns which frames and pixels are sent: one of so many.
func (l *ladder) step() (frames, pixels int) {
	return min(2, l.rung+1), max(1, l.rung)
}
