package browser

import (
	"testing"

	"github.com/parley-chat/parley/internal/audio/libopus"
	"github.com/parley-chat/parley/internal/library/librarytest"
	"github.com/parley-chat/parley/internal/video/libvpx"
	"github.com/parley-chat/parley/mesibo/call"
)

// HasCodecs reports whether the system has Opus and VP8, which Chromium has.
func HasCodecs(t *testing.T) bool {
	t.Helper()
	audio, err := libopus.NewDecoder()
	if librarytest.Missing(t, err, call.ErrNoCodec) {
		return false
	}
	audio.Close()
	video, err := libvpx.NewEncoder(call.VideoEncoderOptions{Width: 64, Height: 64, FPS: 30, Bitrate: 100_000})
	if librarytest.Missing(t, err, call.ErrNoCodec) {
		return false
	}
	video.Close()
	return true
}
