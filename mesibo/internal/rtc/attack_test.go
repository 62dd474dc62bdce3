package rtc

import (
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"github.com/parley-chat/parley/internal/pionlog"
)

// The limits of a description hold whatever the library takes for the end of a line.
func TestBadDescriptions_lines(t *testing.T) {
	t.Parallel()
	caller, callee := pair(t)
	offer, err := caller.Offer()
	check(t, err)
	head, media, _ := strings.Cut(offer, "m=")
	group, all := "a=group:BUNDLE", ""
	for i := range mediaMost {
		all += "\rm=" + regexp.MustCompile(`a=mid:(\d)`).ReplaceAllString(media, fmt.Sprintf("a=mid:%d$1", i))
		group += fmt.Sprintf(" %d0 %d1", i, i)
	}
	_, err = callee.Answer(strings.Replace(head, "a=group:BUNDLE 0 1", group, 1) + all)
	if !errors.Is(err, ErrDescription) {
		t.Errorf("%d media: %v", len(callee.pc.GetTransceivers()), err)
	}
}

// Offers that name other media each time do not add up.
func TestOffers_of_other_media(t *testing.T) {
	t.Parallel()
	caller, callee := pair(t)
	connect(t, caller, callee)
	offer := caller.pc.LocalDescription().SDP
	mid := regexp.MustCompile(`a=mid:(\d)`)
	for i := range descriptionBurst / 2 {
		group := fmt.Sprintf("a=group:BUNDLE %dx0 %dx1", i, i)
		changed := strings.Replace(mid.ReplaceAllString(offer, fmt.Sprintf("a=mid:%dx$1", i)), "a=group:BUNDLE 0 1", group, 1)
		if _, err := callee.Answer(changed); err != nil && !errors.Is(err, ErrDescription) {
			t.Error(err)
		}
	}
	if n := len(callee.pc.GetTransceivers()); n > 2*mediaMost {
		t.Errorf("%d media", n)
	}
}

// Offers that come too fast are refused.
func TestOffers_flood(t *testing.T) {
	t.Parallel()
	caller, callee := pair(t)
	connect(t, caller, callee)
	offer := caller.pc.LocalDescription().SDP
	answered, begin := 0, time.Now()
	const count = 100
	for range count {
		switch _, err := callee.Answer(offer); {
		case err == nil:
			answered++
		case !errors.Is(err, ErrDescription):
			t.Error(err)
		}
	}
	most := descriptionBurst + int(time.Since(begin).Seconds()*float64(descriptionRate))
	if answered == 0 || answered > most {
		t.Errorf("%d of %d offers were answered", answered, count)
	}
}

// foreigner connects a side of the library alone with one of ours, and returns its track of sound.
func foreigner(t *testing.T, callee *side) *track {
	t.Helper()
	media := &webrtc.MediaEngine{}
	check(t, media.RegisterCodec(codecParameters(false)[0], webrtc.RTPCodecTypeAudio))
	log := pionlog.Factory{Logger: slog.New(slog.DiscardHandler)}
	pc, err := webrtc.NewAPI(webrtc.WithMediaEngine(media), webrtc.WithInterceptorRegistry(&interceptor.Registry{}),
		webrtc.WithSettingEngine(settings(&Config{Loopback: true}, log, nil))).NewPeerConnection(webrtc.Configuration{})
	check(t, err)
	t.Cleanup(func() { check(t, pc.GracefulClose()) })
	sound := &track{kind: webrtc.RTPCodecTypeAudio}
	_, err = pc.AddTrack(sound)
	check(t, err)
	offer, err := pc.CreateOffer(nil)
	check(t, err)
	gathered := webrtc.GatheringCompletePromise(pc)
	check(t, pc.SetLocalDescription(offer))
	<-gathered
	answer, err := callee.Answer(pc.LocalDescription().SDP)
	check(t, err)
	check(t, pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer}))
	return sound
}

// Who sends packets of ever more streams, of each of which the library keeps something, is cut off.
func TestStreams_flood(t *testing.T) {
	t.Parallel()
	callee := newSide(t, false, []setup{func(_ bool, c *Config, _ *options) { c.Handler = nil }})
	sound := foreigner(t, callee)
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	end := time.After(patience)
	for ssrc := uint32(1); ; ssrc++ {
		callee.linkMu.Lock()
		ended := callee.link.state == linkEnded
		callee.linkMu.Unlock()
		if ended {
			return
		}
		select {
		case <-tick.C:
		case <-end:
			t.Fatalf("%d streams", ssrc)
		}
		sound.mu.Lock()
		if sound.out != nil {
			h := rtp.Header{Version: 2, SSRC: ssrc, SequenceNumber: 1}
			if _, err := sound.out.WriteRTP(&h, make([]byte, pcmuFrame)); err != nil {
				t.Error(err)
			}
		}
		sound.mu.Unlock()
	}
}
