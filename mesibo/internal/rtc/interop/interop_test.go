// Package interop tests that calls work with a program that is not ours: Chromium, which has its own WebRTC and codecs.
package interop

import (
	"os"
	"testing"

	"github.com/parley-chat/parley/internal/goroutine/leaktest"
	"github.com/parley-chat/parley/mesibo/internal/rtc/interop/browser"
)

func TestMain(m *testing.M) { os.Exit(leaktest.Main(m)) }

// TestChromium makes one call after the other with one Chromium.
func TestChromium(t *testing.T) {
	program, ok := browser.Find(t)
	if !ok || !browser.HasCodecs(t) {
		return
	}
	b := startBrowser(t, program)
	t.Run("it answers", func(t *testing.T) {
		c := b.call(t, setup{caller: true})
		c.expectMedia("audio/opus")
		c.expectColours()
		c.expectSource()
		c.expectMuteAndHold()
		c.expectRestart()
	})
	t.Run("it offers", func(t *testing.T) {
		c := b.call(t, setup{})
		c.expectMedia("audio/opus")
		c.expectColours()
		c.expectMuteAndHold()
		c.expectRestart()
	})
	t.Run("without Opus", func(t *testing.T) {
		c := b.call(t, setup{noOpus: true})
		c.expectMedia("audio/PCMU")
	})
	t.Run("a bad network", func(t *testing.T) {
		c := b.call(t, setup{caller: true, path: newPath(t)})
		c.expectMedia("audio/opus")
		c.expectLittleLoss()
	})
}
