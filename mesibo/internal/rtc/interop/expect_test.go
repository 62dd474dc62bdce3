package interop

import (
	"fmt"
	"image/color"
	"math"
	"time"

	"github.com/parley-chat/parley/mesibo/call/calltest"
	"github.com/parley-chat/parley/mesibo/internal/rtc"
	"github.com/parley-chat/parley/mesibo/internal/rtc/interop/browser"
)

const (
	nearHz    = 10    // by which a tone may: the page measures in steps of 6 Hz
	loud      = 0.05  // the root mean square of what is heard
	silent    = 0.002 // and of what is not
	someVideo = 10    // frames

	firstVideo = 60 // frames
	missedMost = 15 // of them: half a second

	lossPerMille  = 100
	lossTime      = 10 * time.Second
	concealedMost = 0.05
	freezesMost   = 1
	shownLeast    = 0.4 // of the camera's frames: with the loss fewer are sent, but half of them
)

// expect waits until the page reports what is wanted.
func (c *talk) expect(what string, is func(report) bool) report {
	c.t.Helper()
	r, err := c.page.await(within(c.t), what, is)
	check(c.t, err)
	return r
}

func (r report) hears(hz float64) bool { return r.Loudness > loud && math.Abs(r.Tone-hz) < nearHz }

// expectMedia expects sound and video in both directions.
func (c *talk) expectMedia(codec string) {
	c.t.Helper()
	r := c.expect("our tone", func(r report) bool { return r.hears(ourTone) })
	if r.Audio.Codec != codec {
		c.t.Errorf("they hear %s, not %s", r.Audio.Codec, codec)
	}
	r = c.expect("red in 640x480", func(r report) bool { return r.near(browser.Red) && r.Width == 640 && r.Height == 480 })
	if r.Video.Codec != "video/VP8" {
		c.t.Errorf("they see %s", r.Video.Codec)
	}
	tones, frames, err := c.heard.Await(within(c.t))
	check(c.t, err)
	c.expectFrames()
	c.expectYellow()
	c.t.Logf("%s: their tone in %d of %d frames; %v seen; they hear %.1f Hz and see %v", codec, tones, frames,
		c.set.Screen.Seen().Colour, r.Tone, r.Colour)
}

// expectFrames expects that next to all frames of the page are seen from the start. Then it also sends packets without
// frames, to find out how much the network carries.
func (c *talk) expectFrames() {
	c.t.Helper()
	check(c.t, c.set.Screen.Await(within(c.t), max(0, firstVideo-c.set.Screen.Seen().Frames)))
	asked := false
	sent := c.expect("another report", func(report) bool {
		before := asked
		asked = true
		return before
	}).Sent
	if missed := sent - c.set.Screen.Seen().Frames; missed > missedMost {
		c.t.Errorf("%d of %d frames were not seen", missed, sent)
	}
}

func (c *talk) expectYellow() {
	c.t.Helper()
	check(c.t, c.set.Screen.See(within(c.t), browser.Yellow))
	if got := c.set.Screen.Seen().Colour; !browser.IsExact(got, browser.Yellow) {
		c.t.Errorf("%v is seen, not %v", got, browser.Yellow)
	}
}

// expectColours changes what our camera sees, in the end to red again.
func (c *talk) expectColours() {
	c.t.Helper()
	for _, colour := range []color.YCbCr{browser.Green, browser.Blue, browser.Red} {
		c.set.Camera.SetColour(colour)
		c.expect(fmt.Sprint(colour), func(r report) bool { return r.near(colour) })
	}
}

// expectSource changes the source, with another size, and back to the camera.
func (c *talk) expectSource() {
	c.t.Helper()
	check(c.t, c.SetVideoSource(calltest.NewCamera(browser.Green), rtc.Format{Width: 320, Height: 180}))
	c.expect("green in 320x180", func(r report) bool { return r.near(browser.Green) && r.Width == 320 && r.Height == 180 })
	check(c.t, c.SetVideoSource(c.set.Camera, rtc.Format{}))
	c.expect("red in 640x480", func(r report) bool { return r.near(browser.Red) && r.Width == 640 && r.Height == 480 })
}

// expectMuteAndHold expects that what is muted or held is neither heard nor seen, on both sides, and is again
// after that.
func (c *talk) expectMuteAndHold() {
	c.t.Helper()
	c.SetMuted(true, true)
	c.expectNothing()
	c.SetMuted(false, false)
	c.expectAgain()

	c.page.send(message{Type: "mute", On: true})
	check(c.t, c.set.Speaker.Hear(within(c.t), 0))
	check(c.t, c.set.Screen.See(within(c.t), browser.Black))
	c.page.send(message{Type: "mute"})
	c.expectAgain()

	c.SetHold(true)
	c.expectNothing()
	check(c.t, c.set.Speaker.Hear(within(c.t), 0))
	c.SetHold(false)
	c.expectAgain()
}

// expectNothing expects that the page hears nothing, and sees no more frames.
func (c *talk) expectNothing() {
	c.t.Helper()
	frames := -1
	c.expect("silence, and no more frames", func(r report) bool {
		still := r.Video.Frames == frames
		frames = r.Video.Frames
		return still && r.Loudness < silent
	})
}

// expectAgain expects that each side hears and sees the other.
func (c *talk) expectAgain() {
	c.t.Helper()
	frames := -1
	c.expect("our tone and new frames", func(r report) bool {
		if frames < 0 {
			frames = r.Video.Frames
		}
		return r.hears(ourTone) && r.near(browser.Red) && r.Video.Frames > frames
	})
	check(c.t, c.set.Speaker.Hear(within(c.t), browser.Tone))
	check(c.t, c.set.Screen.See(within(c.t), browser.Yellow))
	check(c.t, c.set.Screen.Await(within(c.t), someVideo))
}

// expectRestart makes the connection anew.
func (c *talk) expectRestart() {
	c.t.Helper()
	if c.caller {
		c.offer(c.Restart)
	} else {
		c.page.send(message{Type: "restart"})
		c.answer()
	}
	c.expectAgain()
}

// expectLittleLoss loses packets that we send, and then packets that they send.
func (c *talk) expectLittleLoss() {
	c.t.Helper()
	bad := c.stream(lossPerMille)
	if !bad.little(missed{}) { // other programs disturb too: how much, shows a good network
		good := c.stream(0)
		if !bad.little(good) && !c.stream(lossPerMille).little(good) {
			c.t.Error("too much was lost")
		}
	}
	c.path.far.Loss.Store(0)
	c.path.near.Loss.Store(lossPerMille)
	c.heard.Restart()
	tones, frames, err := c.heard.Await(within(c.t))
	check(c.t, err)
	c.t.Logf("with loss, their tone in %d of %d frames", tones, frames)
	c.expectAgain()
}

// missed is what a page misses of a stream.
type missed struct {
	concealed float64 // share of the sound
	freezes   int
}

// little reports whether it is little more than is missed without loss.
func (m missed) little(without missed) bool {
	return m.concealed < without.concealed+concealedMost && m.freezes <= without.freezes+freezesMost
}

// stream returns what the page misses of ten seconds when a share of the packets that we send is lost, per mille.
func (c *talk) stream(loss int64) missed {
	c.t.Helper()
	c.path.far.Loss.Store(loss)
	before, _ := c.page.report()
	taken := c.set.Camera.Frames()
	after := c.expect("enough time", func(r report) bool {
		return r.Audio.At-before.Audio.At >= float64(lossTime.Milliseconds())
	})
	shown := share(after.Video.Frames-before.Video.Frames, c.set.Camera.Frames()-taken)
	lost := after.Audio.Lost - before.Audio.Lost
	m := missed{
		concealed: share(after.Audio.Concealed-before.Audio.Concealed, after.Audio.Samples-before.Audio.Samples),
		freezes:   after.Video.Freezes - before.Video.Freezes,
	}
	c.t.Logf("%d packets of sound were lost, %.4f of it concealed; %.2f of the video's frames were shown, with %d freezes",
		lost, m.concealed, shown, m.freezes)
	if loss > 0 && lost == 0 {
		c.t.Error("no packet was lost")
	}
	if shown < shownLeast {
		c.t.Error("too few frames were shown")
	}
	return m
}

func share(part, all int) float64 { return float64(part) / float64(max(1, all)) }
