// Package interop tests that calls of groups work with a program that is not ours: LiveKit's own client for browsers, in
// Chromium.
package interop

import (
	"bytes"
	"os"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/goroutine/leaktest"
	"github.com/parley-chat/parley/mesibo/call"
	"github.com/parley-chat/parley/mesibo/internal/rtc/interop/browser"
)

func TestMain(m *testing.M) { os.Exit(leaktest.Main(m)) }

const (
	clientVariable = "PARLEY_LIVEKIT_CLIENT" // the folder that tools/livekit-client.sh prints
	sfuVariable    = "PARLEY_SFU"            // the program that tools/sfu.sh builds

	goneMost  = 2 * time.Second // until a participant who was removed is not heard any more
	goneTimes = 5               // so much more on a machine that is busy
)

func key(n byte, index int) call.GroupKey {
	return call.GroupKey{Key: bytes.Repeat([]byte{n}, 16), Index: index}
}

// TestChromium lets one Chromium join one call after the other.
func TestChromium(t *testing.T) {
	program, ok := browser.Find(t)
	if !ok || !browser.HasCodecs(t) {
		return
	}
	client, sfu := os.Getenv(clientVariable), os.Getenv(sfuVariable)
	if client == "" || sfu == "" {
		t.Fatalf("%s and %s are not set", clientVariable, sfuVariable)
	}
	pages, hall := startBrowser(t, program, client), openHall(t, sfu)
	t.Run("encrypted", func(t *testing.T) {
		m := hall.meet(t, pages, key(1, 1), new(key(1, 1)))
		m.expectMedia()
		m.expectSizes()
		m.expectNextKey()
		m.expectEnd()
	})
	t.Run("with another key", func(t *testing.T) {
		m := hall.meet(t, pages, key(1, 1), new(key(2, 1)))
		m.expectNothing()
		m.page.key(key(1, 1))
		m.expectMedia()
	})
	t.Run("without encryption", func(t *testing.T) {
		hall.meet(t, pages, key(1, 1), nil).expectNothing()
	})
}
