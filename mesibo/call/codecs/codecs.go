// Package codecs has the codecs of calls, Opus and VP8. They are those of this machine's libraries libopus and libvpx,
// which are loaded, without cgo, when the first call needs them.
package codecs

import (
	"github.com/parley-chat/parley/internal/audio/libopus"
	"github.com/parley-chat/parley/internal/video/libvpx"
	"github.com/parley-chat/parley/mesibo/call"
)

// Use returns media with these codecs. What makes a codec whose library is missing returns an error that wraps
// call.ErrNoCodec: then calls work as far as they can, and mesibo.CallProblemListener and
// mesibo.GroupCallProblemListener say what does not.
func Use(media call.Media) call.Media {
	media.AudioEncoder, media.AudioDecoder = libopus.NewForCall, libopus.NewDecoder
	media.VideoEncoder, media.VideoDecoder = libvpx.NewEncoder, libvpx.NewDecoder
	return media
}
