package rtc

import (
	"fmt"
	"net"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/interceptor"
	"github.com/pion/interceptor/pkg/cc"
	"github.com/pion/interceptor/pkg/nack"
	"github.com/pion/interceptor/pkg/report"
	"github.com/pion/interceptor/pkg/stats"
	"github.com/pion/interceptor/pkg/twcc"
	"github.com/pion/webrtc/v4"

	"github.com/parley-chat/parley/internal/pionlog"
)

const (
	payloadPCMU = 0
	payloadVP8  = 96
	payloadOpus = 111

	opusStep = 960 // units of the timestamp in 20 ms
	pcmuStep = 160
	vp8Clock = 90_000

	// What was lost is asked for so often, because requests and answers are lost too, and the sender ignores those that
	// come within the time there and back. There is no stream of its own for what is sent again (RTX): the library would
	// go on asking for what came that way.
	nackInterval = 40 * time.Millisecond
	nackMost     = 20

	// replayWindow must hold the packets of a key frame, or those that are sent again count as replayed.
	replayWindow = 1024

	relayWait         = 500 * time.Millisecond
	keepalive         = 700 * time.Millisecond
	disconnectedAfter = 2 * time.Second
	failedAfter       = 90 * time.Second // longer than we try
)

// engine has what a connection is made with, and what its interceptors find out.
type engine struct {
	api       *webrtc.API
	trial     *webrtc.API // for connections that nothing comes of, see try
	stats     stats.Getter
	estimator *estimator
}

// newEngine sets up the library. opus reports whether Opus can be both encoded and decoded; conn is nil, or what the
// test of a bad network hands in.
func newEngine(c *Config, opus bool, conn net.PacketConn, flooded func()) (*engine, error) {
	e, log := &engine{}, pionlog.Factory{Logger: c.Logger}
	media := &webrtc.MediaEngine{}
	for _, p := range codecParameters(opus) {
		kind := webrtc.RTPCodecTypeAudio
		if p.MimeType == webrtc.MimeTypeVP8 {
			kind = webrtc.RTPCodecTypeVideo
		}
		if err := media.RegisterCodec(p, kind); err != nil {
			return nil, fmt.Errorf("register codec: %w", err)
		}
	}
	registry := &interceptor.Registry{}
	if err := e.intercept(media, registry, log); err != nil {
		return nil, fmt.Errorf("set up interceptors: %w", err)
	}
	s := settings(c, log, conn)
	trial := webrtc.SettingEngine{LoggerFactory: log}
	trial.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	e.trial = webrtc.NewAPI(webrtc.WithMediaEngine(media), webrtc.WithInterceptorRegistry(&interceptor.Registry{}),
		webrtc.WithSettingEngine(trial))
	s.BufferFactory = newStreams(flooded).buffer
	e.api = webrtc.NewAPI(webrtc.WithMediaEngine(media), webrtc.WithInterceptorRegistry(registry),
		webrtc.WithSettingEngine(s))
	return e, nil
}

// try reports why the library cannot use a description of the other side. It notices that too late: a connection that
// was given one that is wrong takes no other one after it.
func (e *engine) try(sdp string) error {
	pc, err := e.trial.NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		return fmt.Errorf("make connection: %w", err)
	}
	err = pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: sdp})
	if err == nil {
		_, err = pc.CreateAnswer(nil)
	}
	_ = pc.GracefulClose() // an error: it had nothing to end
	return err             //nolint:wrapcheck // by the caller
}

// close ends what the library leaves behind when it makes no connection.
func (e *engine) close() {
	if e.estimator != nil {
		e.estimator.Close()
	}
}

func codecParameters(opus bool) []webrtc.RTPCodecParameters {
	all := []webrtc.RTPCodecParameters{
		{PayloadType: payloadOpus, RTPCodecCapability: webrtc.RTPCodecCapability{
			MimeType: webrtc.MimeTypeOpus, ClockRate: 48_000, Channels: 2, SDPFmtpLine: "minptime=10;useinbandfec=1;usedtx=1",
		}},
		{PayloadType: payloadPCMU, RTPCodecCapability: webrtc.RTPCodecCapability{
			MimeType: webrtc.MimeTypePCMU, ClockRate: 8_000,
		}},
		{PayloadType: payloadVP8, RTPCodecCapability: webrtc.RTPCodecCapability{
			MimeType: webrtc.MimeTypeVP8, ClockRate: vp8Clock,
			RTCPFeedback: []webrtc.RTCPFeedback{{Type: webrtc.TypeRTCPFBCCM, Parameter: "fir"}},
		}},
	}
	if !opus {
		return all[1:]
	}
	return all
}

func (e *engine) intercept(media *webrtc.MediaEngine, registry *interceptor.Registry, log pionlog.Factory) error {
	congestion, err := cc.NewInterceptor(func() (cc.BandwidthEstimator, error) {
		var err error
		e.estimator, err = newEstimator(log)
		return e.estimator, err
	})
	if err != nil {
		return err //nolint:wrapcheck // by the caller
	}
	registry.Add(congestion)
	if err := webrtc.ConfigureTWCCHeaderExtensionSender(media, registry); err != nil {
		return err //nolint:wrapcheck // by the caller
	}
	if err := webrtc.ConfigureNackWithOptions(media, registry, []nack.GeneratorOption{
		nack.GeneratorInterval(nackInterval), nack.GeneratorMaxNacksPerPacket(nackMost), nack.WithGeneratorLoggerFactory(log),
	}, nack.WithResponderLoggerFactory(log)); err != nil {
		return err //nolint:wrapcheck // by the caller
	}
	if err := webrtc.ConfigureRTCPReportsWithOptions(registry,
		[]report.ReceiverOption{report.WithReceiverLoggerFactory(log)}, report.WithSenderLoggerFactory(log)); err != nil {
		return err //nolint:wrapcheck // by the caller
	}
	counters, err := stats.NewInterceptor(stats.WithLoggerFactory(log))
	if err != nil {
		return err //nolint:wrapcheck // by the caller
	}
	counters.OnNewPeerConnection(func(_ string, g stats.Getter) { e.stats = g })
	registry.Add(counters)
	return webrtc.ConfigureTWCCSenderWithOptions(media, registry, //nolint:wrapcheck // by the caller
		twcc.WithLoggerFactory(log))
}

func settings(c *Config, log pionlog.Factory, conn net.PacketConn) webrtc.SettingEngine {
	s := webrtc.SettingEngine{LoggerFactory: log}
	s.SetSRTPReplayProtectionWindow(replayWindow)
	s.SetRelayAcceptanceMinWait(relayWait)
	s.SetICETimeouts(disconnectedAfter, failedAfter, keepalive)
	s.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	s.DisableCloseByDTLS(true) // the signalling says when a call has ended
	if c.Loopback {
		s.SetIncludeLoopbackCandidate(true)
		s.SetInterfaceFilter(isLoopback)
		s.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4})
	} else { // the other side must not make this one send packets to services of this machine
		s.SetRemoteIPFilter(func(ip net.IP) bool { return !ip.IsLoopback() && !ip.IsUnspecified() })
	}
	if conn != nil {
		s.SetICEUDPMux(webrtc.NewICEUDPMux(log.NewLogger("ice"), conn))
	}
	return s
}

func isLoopback(name string) bool {
	i, err := net.InterfaceByName(name)
	return err == nil && i.Flags&net.FlagLoopback != 0
}
