package rtc

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/webrtc/v4"
	"golang.org/x/time/rate"

	"github.com/parley-chat/parley/mesibo/call"
)

// Config is that of a Peer.
type Config struct {
	Media   *call.Media
	Servers []call.ICEServer

	RelayOnly bool // hide this side's addresses from the other
	Caller    bool // this side offers
	Video     bool // the camera is the source of video from the start
	Loopback  bool // connect on this machine only, for tests

	Logger  *slog.Logger // nil for none
	Handler Handler
}

// Handler is called in order on one goroutine of the Peer, until Close. It must not call Close.
type Handler interface {
	// OnCandidate is called with a candidate for AddCandidate of the other side. It may be called before the method that
	// makes the description has returned; the other side keeps what comes early.
	OnCandidate(candidate string)
	// OnConnected is called when sound and video get through, for the first time or again.
	OnConnected()
	// OnReconnecting is called when the other side has not been heard of for two to three seconds.
	OnReconnecting()
	// OnFailed is called once, when there is no hope of a connection any more.
	OnFailed(err error)
	// OnRestartWanted is called when the connection is to be made anew: the caller calls Restart and sends the offer, the
	// other side asks the caller to.
	OnRestartWanted()
	// OnQuality is called when the quality has changed: from 0, no connection, to 4.
	OnQuality(quality int)
	// OnVideo is called with the size of the other side's video, in pixels, when it has changed.
	OnVideo(width, height int)
	// OnProblem is called when a device or a codec is missing or fails; the call goes on without. The error wraps
	// call.ErrNoDevice or call.ErrNoCodec where that is the reason.
	OnProblem(err error)
}

// Peer is one side of a call. Its methods are safe for concurrent use.
type Peer struct {
	config Config
	log    *slog.Logger
	engine *engine
	pc     *webrtc.PeerConnection
	events *events

	sound     *track
	voice     *voice
	player    *player
	film      *film
	viewer    *viewer
	processor call.AudioProcessor // nil for none
	heard     atomic.Uint32       // the SSRC of the other side's sound; 0 before
	seen      atomic.Uint32       // that of its video

	signal signalling
	user   atomic.Pointer[string] // the name by which candidates of this side are known

	linkMu  sync.Mutex
	link    link
	started bool // devices are in use

	addresses func() string

	statsMu sync.Mutex
	stats   Stats
	meter   meter

	stopped chan struct{}
	closing sync.Once
	runMu   sync.Mutex // of the start of goroutines
	closed  bool
	running sync.WaitGroup
}

// options are for tests.
type options struct {
	conn      net.PacketConn
	addresses func() string
}

// New returns a side that waits for descriptions: the caller's for Offer, the other for Answer. Until then nothing
// reaches the network. It must be closed. Missing devices and codecs are no error, but reported to the Handler.
func New(c Config) (*Peer, error) { return newPeer(c, options{addresses: addresses}) }

func newPeer(c Config, o options) (*Peer, error) {
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Media == nil {
		c.Media = &call.Media{}
	}
	p := &Peer{
		config: c, log: c.Logger, addresses: o.addresses, stopped: make(chan struct{}), events: newEvents(),
		signal: signalling{pace: rate.NewLimiter(descriptionRate, descriptionBurst)},
	}
	if err := p.make(o); err != nil {
		p.events.close()
		return nil, err
	}
	p.goes(p.watch)
	return p, nil
}

func (p *Peer) make(o options) (err error) {
	codec := openAudioCodec(p.config.Media, p.problem)
	defer func() {
		if err != nil {
			codec.close()
		}
	}()
	if p.engine, err = newEngine(&p.config, codec.opus(), o.conn, p.flooded); err != nil {
		return err
	}
	if p.pc, err = p.engine.api.NewPeerConnection(configuration(&p.config)); err != nil {
		p.engine.close()
		return fmt.Errorf("make connection: %w", err)
	}
	p.sound = &track{kind: webrtc.RTPCodecTypeAudio}
	audioSender, err := p.pc.AddTrack(p.sound)
	if err != nil {
		p.pc.Close()
		return fmt.Errorf("add track: %w", err)
	}
	video := &track{kind: webrtc.RTPCodecTypeVideo}
	videoSender, err := p.pc.AddTrack(video)
	if err != nil {
		p.pc.Close()
		return fmt.Errorf("add track: %w", err)
	}
	p.voice, p.player = newVoice(p.sound.mimeType, p.writeSound, codec, p.log), newPlayer(codec)
	p.film = newFilm(video, p.config.Media, p.engine.estimator.target, p.problem, p.log)
	p.viewer = newViewer(p.config.Media, func(width, height int) {
		p.handle(func(h Handler) { h.OnVideo(width, height) })
	}, p.problem)
	if err := p.openProcessor(); err != nil {
		p.problem(fmt.Errorf("echo and noise are not removed: %w", err))
	}
	p.pc.OnICECandidate(p.foundCandidate)
	p.pc.OnConnectionStateChange(p.stateChanged)
	p.pc.OnTrack(p.trackStarted)
	audioSender.Transport().ICETransport().OnSelectedCandidatePairChange(func(*webrtc.ICECandidatePair) {
		p.goes(p.routeChanged)
	})
	if p.config.Video {
		p.useCamera()
	}
	p.goes(func() { readReports(audioSender, p.soundReported) })
	p.goes(func() { readReports(videoSender, p.videoReported) })
	return nil
}

func (p *Peer) writeSound(s Sound) error { return p.sound.write(s.Stamp, s.First, s.Packet) }

func (p *Peer) openProcessor() (err error) {
	if p.config.Media.Processor == nil {
		return nil
	}
	p.processor, err = p.config.Media.Processor()
	p.voice.processor, p.player.processor = p.processor, p.processor
	return err
}

func configuration(c *Config) webrtc.Configuration {
	out := webrtc.Configuration{BundlePolicy: webrtc.BundlePolicyMaxBundle}
	for _, s := range c.Servers {
		out.ICEServers = append(out.ICEServers, webrtc.ICEServer{
			URLs: s.URLs, Username: s.Username, Credential: s.Credential,
		})
	}
	if c.RelayOnly {
		out.ICETransportPolicy = webrtc.ICETransportPolicyRelay
	}
	return out
}

// goes starts a goroutine that Close waits for.
func (p *Peer) goes(f func()) {
	p.runMu.Lock()
	defer p.runMu.Unlock()
	if !p.closed {
		p.running.Go(f)
	}
}

func (p *Peer) handle(f func(h Handler)) {
	if h := p.config.Handler; h != nil {
		p.events.post(func() { f(h) })
	}
}

func (p *Peer) problem(err error) {
	p.log.LogAttrs(context.Background(), slog.LevelWarn, "call goes on without", slog.String("error", err.Error()))
	p.handle(func(h Handler) { h.OnProblem(err) })
}

func (p *Peer) stateChanged(s webrtc.PeerConnectionState) {
	p.linkMu.Lock()
	defer p.linkMu.Unlock()
	now := time.Now()
	switch s {
	case webrtc.PeerConnectionStateConnected:
		p.tell(p.link.changed(true, now))
		if !p.started {
			p.started = true
			p.goes(p.startDevices)
		}
	case webrtc.PeerConnectionStateConnecting:
		p.link.checking(now)
	case webrtc.PeerConnectionStateDisconnected, webrtc.PeerConnectionStateFailed:
		p.tell(p.link.changed(false, now))
	default:
	}
}

// flooded gives up because the other side sends too many streams.
func (p *Peer) flooded() {
	p.goes(func() {
		p.linkMu.Lock()
		defer p.linkMu.Unlock()
		p.tell(p.link.flooded(time.Now()))
	})
}

// routeChanged forgets what was estimated of the way before.
func (p *Peer) routeChanged() {
	if err := p.engine.estimator.reset(bitrateFirst); err != nil {
		p.log.LogAttrs(context.Background(), slog.LevelDebug, "estimate bandwidth", slog.String("error", err.Error()))
	}
}

// tell reports what happened to the link.
func (p *Peer) tell(happened []linkEvent) {
	for _, e := range happened {
		switch e {
		case linkConnected:
			p.handle(Handler.OnConnected)
		case linkReconnecting:
			p.handle(Handler.OnReconnecting)
		case linkRestartWanted:
			p.handle(Handler.OnRestartWanted)
		case linkNotConnected, linkLost, linkFlooded:
			p.handle(func(h Handler) { h.OnFailed(e.err()) })
		}
	}
}

func (p *Peer) useCamera() {
	err := call.ErrNoDevice
	if camera := p.config.Media.Camera; camera != nil {
		err = p.film.setSource(camera, standard)
	}
	if err != nil {
		p.problem(fmt.Errorf("no video is sent: %w", err))
	}
}

// startDevices uses the devices until the end.
func (p *Peer) startDevices() {
	stopVoice := p.voice.start(p.config.Media.Microphone, p.problem)
	stopPlayer := p.player.start(p.config.Media.Speaker, p.problem)
	p.goes(func() { p.film.encode(p.stopped) })
	p.setFilm(func() { p.film.connected = true })
	<-p.stopped
	p.setFilm(func() { p.film.connected = false })
	stopVoice()
	stopPlayer()
}

func (p *Peer) setFilm(change func()) {
	if err := p.film.set(change); err != nil {
		p.problem(err)
	}
}

// SetMuted mutes sound or video: the other side hears silence, and sees no more frames.
func (p *Peer) SetMuted(audio, video bool) {
	p.voice.setMuted(audio)
	p.setFilm(func() { p.film.muted = video })
}

// SetHold stops both sound and video, in both directions, or lets them go on.
func (p *Peer) SetHold(hold bool) {
	p.voice.setHeld(hold)
	p.player.setHeld(hold)
	p.viewer.setHeld(hold)
	p.setFilm(func() { p.film.held = hold })
}

// SetVideoSource changes what is sent as video: a camera or a screen, with its format, or nil for none. Nothing has to
// be negotiated. When the source cannot be started, or nothing can be encoded, the error wraps call.ErrNoDevice or
// call.ErrNoCodec, and no video is sent.
func (p *Peer) SetVideoSource(s call.VideoSource, f Format) error {
	return p.film.setSource(s, f.orStandard())
}

// SetVideoSink shows the video of the other side, or of this one, in s; nil for nowhere. Frames may still come while it
// returns.
func (p *Peer) SetVideoSink(s call.VideoSink, remote bool) {
	if remote {
		p.viewer.setSink(s)
		return
	}
	p.film.setSink(s)
}

// Close ends the connection, stops the devices, and waits for its goroutines. The Handler is not called any more. It
// must not be called from the Handler.
func (p *Peer) Close() {
	p.closing.Do(func() {
		p.runMu.Lock()
		p.closed = true
		p.runMu.Unlock()
		close(p.stopped)
		if err := p.pc.GracefulClose(); err != nil {
			p.log.LogAttrs(context.Background(), slog.LevelDebug, "close connection", slog.String("error", err.Error()))
		}
		p.running.Wait()
		p.voice.codec.close()
		p.viewer.close()
		if p.processor != nil {
			p.processor.Close()
		}
		p.events.close()
	})
}
