// Package browser drives Chromium for tests of calls with a program that is not ours. What is needed of a page comes and
// goes over a WebSocket of the test's own.
package browser

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/parley-chat/parley/internal/chromium"
)

// Find returns where Chromium is, when the tests with it shall run.
func Find(t *testing.T) (path string, ok bool) {
	t.Helper()
	return chromium.Find(t)
}

// Start starts Chromium with a page. It has a microphone that hears Tone and a camera that sees Yellow. It ends with the
// test.
func Start(t *testing.T, program, address string) {
	t.Helper()
	folder := t.TempDir()
	sound, video := filepath.Join(folder, "tone.wav"), filepath.Join(folder, "yellow.y4m")
	check(t, os.WriteFile(sound, toneFile(), 0o600))
	check(t, os.WriteFile(video, yellowFile(), 0o600))
	chromium.Start(t, program, folder,
		"--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream",
		"--use-file-for-fake-audio-capture="+sound, "--use-file-for-fake-video-capture="+video,
		"--autoplay-policy=no-user-gesture-required",
		"--allow-loopback-in-peer-connection", "--disable-features=WebRtcHideLocalIpsWithMdns", address)
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
