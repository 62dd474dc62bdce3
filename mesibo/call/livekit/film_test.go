package livekit

import (
	"image"
	"log/slog"
	"testing"
	"time"

	"github.com/parley-chat/parley/mesibo/call"
	"github.com/parley-chat/parley/mesibo/internal/rtc"
)

// studio has a film whose encoders only note what they are asked for.
type studio struct {
	*film

	target  int // bit/s, that the network carries
	now     time.Time
	frame   *image.YCbCr
	bitrate [layerCount]int
	frames  [layerCount]int
	keys    [layerCount]int
}

type noted struct {
	s     *studio
	layer int
}

func (n noted) Encode(_ *image.YCbCr, key bool) ([]byte, error) {
	if key {
		n.s.keys[n.layer]++
	}
	return []byte{1}, nil
}

func (n noted) SetBitrate(bitrate int) error {
	n.s.bitrate[n.layer] = bitrate
	return nil
}

func (noted) Close() {}

func newStudio(t *testing.T) *studio {
	t.Helper()
	s := &studio{
		target: 1 << 30, now: time.Now(),
		frame: image.NewYCbCr(image.Rect(0, 0, standardWidth, standardHeight), image.YCbCrSubsampleRatio420),
	}
	media := &call.Media{VideoEncoder: func(o call.VideoEncoderOptions) (call.VideoEncoder, error) {
		layer := 0
		if o.Width == standardWidth {
			layer = 1
		}
		s.bitrate[layer] = o.Bitrate
		return noted{s, layer}, nil
	}}
	s.film = newFilm(media, func(layer int, _ time.Time, _ time.Duration, _ []byte) error {
		s.frames[layer]++
		return nil
	}, func(int) int { return s.target }, func(err error) { t.Error(err) }, slog.New(slog.DiscardHandler))
	s.fps.Store(standardFPS)
	return s
}

// run films for a time.
func (s *studio) run(length time.Duration) {
	s.frames, s.keys = [layerCount]int{}, [layerCount]int{}
	for end := s.now.Add(length); s.now.Before(end); s.now = s.now.Add(time.Second / standardFPS) {
		s.shoot(s.frame, s.now)
	}
}

// TestFilm_bandwidth: the sizes share what the network carries, the small one first.
func TestFilm_bandwidth(t *testing.T) {
	t.Parallel()
	s := newStudio(t)
	s.run(time.Second)
	whole := rtc.VideoBitrate(standardWidth, standardHeight, standardFPS)
	if s.bitrate != [layerCount]int{smallBitrate, whole} || s.frames[0] < 29 || s.frames[1] < 29 {
		t.Errorf("with a good network: %v bit/s, %v frames", s.bitrate, s.frames)
	}
	s.target = rtc.Opus + smallBitrate + whole/2
	s.run(10 * time.Second)
	if s.bitrate != [layerCount]int{smallBitrate, whole / 2} || s.frames[1] < 290 {
		t.Errorf("with half: %v bit/s, %v frames", s.bitrate, s.frames)
	}
	s.target = rtc.Opus + smallBitrate + whole/3
	s.run(time.Minute)
	s.run(time.Second)
	if s.bitrate[1] != whole/3 || s.frames[0] < 29 || s.frames[1] > 16 {
		t.Errorf("with a third: %v bit/s, %v frames", s.bitrate, s.frames)
	}
	s.target = rtc.Opus + smallBitrate/2
	s.run(time.Minute)
	s.run(time.Second)
	if s.bitrate[0] != smallBitrate/2 || s.frames[0] < 29 || s.frames[1] != 0 {
		t.Errorf("with next to nothing: %v bit/s, %v frames", s.bitrate, s.frames)
	}
	s.target = 1 << 30
	s.run(time.Minute)
	if s.bitrate != [layerCount]int{smallBitrate, whole} || s.keys[1] == 0 {
		t.Errorf("with a good network again: %v bit/s, %v key frames", s.bitrate, s.keys)
	}
	s.run(time.Second)
	if s.frames[1] < 29 {
		t.Errorf("with a good network again: %v frames", s.frames)
	}
}

// TestFilm_unseen: a size that no one receives is not encoded, and leaves its share to the other.
func TestFilm_unseen(t *testing.T) {
	t.Parallel()
	s := newStudio(t)
	s.run(time.Second)
	s.see([layerCount]bool{true, false})
	s.run(time.Second)
	if s.frames[0] < 29 || s.frames[1] != 0 {
		t.Errorf("without the large size: %v frames", s.frames)
	}
	s.asksKey(1) // by an SFU that still passes it on
	s.run(time.Second)
	if s.frames[1] < 29 || s.keys[0] == 0 || s.keys[1] == 0 {
		t.Errorf("asked for the large size: %v frames, %v key frames", s.frames, s.keys)
	}
	s.asked[1].Store(0)
	s.see([layerCount]bool{false, true})
	whole := rtc.VideoBitrate(standardWidth, standardHeight, standardFPS)
	s.target = rtc.Opus + whole
	s.run(time.Second)
	if s.frames[0] != 0 || s.frames[1] < 29 || s.keys[1] != 1 || s.bitrate[1] != whole {
		t.Errorf("without the small size: %v frames, %v key frames, %v bit/s", s.frames, s.keys, s.bitrate)
	}
}
