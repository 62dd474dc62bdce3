package rtc

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/pion/webrtc/v4"
	"golang.org/x/time/rate"
)

// What the other side may send.
const (
	descriptionMost = 64 << 10 // bytes
	mediaMost       = 4        // kinds of media
	candidatesMost  = 100      // for a description
	candidateMost   = 512      // bytes

	// Descriptions in a second, as many as a side wants restarts; more at once in bursts. Each one costs time, and the
	// library may leave goroutines behind when it names other streams.
	descriptionRate  = rate.Limit(time.Second / restartLeast)
	descriptionBurst = 10
)

var (
	// ErrDescription means that a description or a candidate of the other side is wrong.
	ErrDescription = errors.New("the other side's description cannot be used")

	errNotCaller = errors.New("only the caller offers")
)

// signalling has what is known of the other side.
type signalling struct {
	mu      sync.Mutex
	remote  string // its description
	early   []string
	counted int // candidates since the description
	pace    *rate.Limiter
}

// Offer returns the offer of the caller, and starts to look for candidates.
func (p *Peer) Offer() (sdp string, err error) { return p.offer(nil) }

// Restart returns an offer that makes the connection anew, over another network for instance, while sound and video go
// on. While an offer has no answer yet, it is returned again.
func (p *Peer) Restart() (offer string, err error) {
	return p.offer(&webrtc.OfferOptions{ICERestart: true})
}

func (p *Peer) offer(o *webrtc.OfferOptions) (string, error) {
	p.signal.mu.Lock()
	defer p.signal.mu.Unlock()
	if !p.config.Caller {
		return "", errNotCaller
	}
	if d := p.pc.PendingLocalDescription(); d != nil { // the library cannot take an offer back
		return d.SDP, nil
	}
	offer, err := p.pc.CreateOffer(o)
	if err != nil {
		return "", fmt.Errorf("make offer: %w", err)
	}
	if err := p.describe(offer); err != nil {
		return "", fmt.Errorf("make offer: %w", err)
	}
	return offer.SDP, nil
}

// describe uses a description of this side, whose candidates are then looked for.
func (p *Peer) describe(d webrtc.SessionDescription) error {
	if all := users(d.SDP); len(all) > 0 {
		p.user.Store(&all[0])
	}
	return p.pc.SetLocalDescription(d) //nolint:wrapcheck // by the caller
}

// Answer returns the answer to an offer of the caller, the first or a later one. The error wraps ErrDescription when
// the offer is wrong.
func (p *Peer) Answer(offer string) (answer string, err error) {
	p.signal.mu.Lock()
	defer p.signal.mu.Unlock()
	if p.config.Caller {
		return "", errors.New("the caller does not answer")
	}
	if err := p.take(webrtc.SDPTypeOffer, offer); err != nil {
		return "", err
	}
	local, err := p.pc.CreateAnswer(nil)
	if err != nil {
		return "", fmt.Errorf("make answer: %w", err)
	}
	if err := p.describe(local); err != nil {
		return "", fmt.Errorf("make answer: %w", err)
	}
	p.exchanged()
	return local.SDP, nil
}

// Accept uses the answer to the last offer. The error wraps ErrDescription when the answer is wrong.
func (p *Peer) Accept(answer string) error {
	p.signal.mu.Lock()
	defer p.signal.mu.Unlock()
	if !p.config.Caller {
		return errNotCaller
	}
	if err := p.take(webrtc.SDPTypeAnswer, answer); err != nil {
		return err
	}
	p.exchanged()
	return nil
}

// take uses a description of the other side, and the candidates that came before it.
func (p *Peer) take(kind webrtc.SDPType, sdp string) error {
	if err := checkDescription(sdp); err != nil {
		return err
	}
	switch n := len(p.pc.GetTransceivers()); {
	case n > mediaMost: // descriptions that name other media each time add up
		return fmt.Errorf("%w: there are %d media already", ErrDescription, n)
	case !p.signal.pace.Allow():
		return fmt.Errorf("%w: there are too many in a short time", ErrDescription)
	}
	if err := p.engine.try(sdp); err != nil {
		return fmt.Errorf("%w: %w", ErrDescription, err)
	}
	if err := p.pc.SetRemoteDescription(webrtc.SessionDescription{Type: kind, SDP: sdp}); err != nil {
		return fmt.Errorf("%w: %w", ErrDescription, err)
	}
	s := &p.signal
	early := s.early
	s.remote, s.early, s.counted = sdp, nil, len(early)
	for _, c := range early {
		if s.fits(c) {
			if err := p.add(c); err != nil {
				return err
			}
		}
	}
	return nil
}

func checkDescription(sdp string) error {
	if len(sdp) > descriptionMost {
		return fmt.Errorf("%w: it has %d bytes", ErrDescription, len(sdp))
	}
	media, candidates := 0, 0
	for line := range lines(sdp) {
		switch {
		case strings.HasPrefix(line, "m="):
			media++
		case strings.HasPrefix(line, "a=candidate"):
			candidates++
		}
	}
	if media > mediaMost || candidates > candidatesMost {
		return fmt.Errorf("%w: it has %d media and %d candidates", ErrDescription, media, candidates)
	}
	return nil
}

// lines returns the lines of a description as the library sees them: a return alone ends one too.
func lines(sdp string) iter.Seq[string] {
	return strings.FieldsFuncSeq(sdp, func(r rune) bool { return r == '\r' || r == '\n' })
}

func (p *Peer) exchanged() {
	p.linkMu.Lock()
	defer p.linkMu.Unlock()
	p.link.exchanged(time.Now())
}

// AddCandidate uses a candidate of the other side. One that comes before its description is kept for it. The error
// wraps ErrDescription when the candidate is wrong, or when there are too many.
func (p *Peer) AddCandidate(candidate string) error {
	s := &p.signal
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(candidate) > candidateMost || s.counted+len(s.early) >= candidatesMost {
		return fmt.Errorf("%w: too many candidates, or too long", ErrDescription)
	}
	if !s.fits(candidate) {
		s.early = append(s.early, candidate)
		return nil
	}
	s.counted++
	return p.add(candidate)
}

// ended reports whether Close was called.
func (p *Peer) ended() bool {
	select {
	case <-p.stopped:
		return true
	default:
		return false
	}
}

func (p *Peer) add(candidate string) error {
	if err := p.pc.AddICECandidate(webrtc.ICECandidateInit{Candidate: candidate}); err != nil && !p.ended() {
		return fmt.Errorf("%w: %w", ErrDescription, err)
	}
	return nil
}

// fits reports whether a candidate belongs to the description that the other side has sent. It says so with the name of
// a user that the description also has, or not at all.
func (s *signalling) fits(candidate string) bool {
	if s.remote == "" {
		return false
	}
	user := candidateUser(candidate)
	return user == "" || slices.Contains(users(s.remote), user)
}

func candidateUser(candidate string) string {
	fields := strings.Fields(candidate)
	for i, f := range fields {
		if f == "ufrag" && i+1 < len(fields) {
			return fields[i+1]
		}
	}
	return ""
}

func users(sdp string) []string {
	var all []string
	for line := range lines(sdp) {
		if user, ok := strings.CutPrefix(line, "a=ice-ufrag:"); ok {
			all = append(all, strings.TrimSpace(user))
		}
	}
	return all
}

// foundCandidate is called with a candidate of this side, and with nil at the end.
func (p *Peer) foundCandidate(c *webrtc.ICECandidate) {
	if c == nil {
		return
	}
	text := c.ToJSON().Candidate
	if user := p.user.Load(); user != nil && candidateUser(text) == "" { // asking the library here would block its Close
		text += " ufrag " + *user
	}
	p.handle(func(h Handler) { h.OnCandidate(text) })
}
