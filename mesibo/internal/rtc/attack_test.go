package rtc

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"
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
	if most := descriptionBurst + int(time.Since(begin).Seconds()*float64(descriptionRate)); answered == 0 || answered > most {
		t.Errorf("%d of %d offers were answered", answered, count)
	}
}
