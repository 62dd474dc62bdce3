package server

import (
	"crypto/tls"
	"log/slog"
	"net/netip"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/server/devices"
	"github.com/parley-chat/parley/internal/server/eventlog"
	"github.com/parley-chat/parley/internal/server/files"
	"github.com/parley-chat/parley/internal/server/record"
	"github.com/parley-chat/parley/internal/server/relay"
	"github.com/parley-chat/parley/internal/wire"
)

// Options configure a Server. Only Dir is required.
type Options struct {
	// Dir is the data folder. It is created if it does not exist. Only one server at a time can use it.
	Dir string
	// Logger receives the server's log. Default: discarded.
	Logger *slog.Logger
	// PublicURL is the server URL in new tokens. It is stored in the data folder. Default: the stored URL.
	PublicURL string
	// Pin is the SHA-256 of the public key of a self-signed certificate, which that of the next one may follow, for new
	// tokens and devices that connect. It is stored together with PublicURL. Default: none.
	Pin []byte
	// SmallCache keeps less of the database in memory, as a server needs that few users have. Default: up to 48 MiB.
	SmallCache bool
	// TLS is the configuration with which Serve accepts TLS connections. Default: no TLS.
	TLS *tls.Config

	// MetricsAddr is the address, such as 127.0.0.1:9090, of a second HTTP server, for the operator only: /metrics,
	// /debug/pprof/, /healthz and /readyz, without a token and without TLS. The clients' address has no metrics.
	// Default: none.
	MetricsAddr string
	// Traces receives a span for each request of a device, HTTP request, commit and request to WebhookURL. Default: none.
	Traces trace.TracerProvider
	// TrustedProxies are the networks of reverse proxies in front of this server, such as 10.0.0.0/8. Their
	// X-Forwarded-For is believed: the client's address is the last one in it that is not a trusted proxy's. Without them
	// all clients behind a proxy count as one address. Default: none.
	TrustedProxies []netip.Prefix
	// ProxyProtocol requires connections from TrustedProxies to start with a header of the PROXY protocol, version 1 or
	// 2, with the client's address. It is for proxies that pass TCP on, and needs TrustedProxies. Default: false.
	ProxyProtocol bool

	// MaxConnections is the maximum number of WebSocket connections. Default: 100,000.
	MaxConnections int
	// MaxPerAddress is the maximum number of WebSocket connections from one address; that of an IPv6 address is its /64.
	// All users of a company or of a mobile network may come from one. Default: 500.
	MaxPerAddress int
	// MaxStrangers is the maximum number of HTTP requests without a token at the same time, of which one address can have
	// a sixteenth. Default: 256.
	MaxStrangers int
	// BodyTimeout is how long the body of a request may take that is not an upload. Default: 10 seconds.
	BodyTimeout time.Duration
	// MaxDevices is the maximum number of connected devices of one user. Default: 8.
	MaxDevices int
	// MaxUndelivered is the maximum number of undelivered events of one user; further messages are refused with
	// INBOXFULL. Default: 100,000.
	MaxUndelivered int
	// MaxFromStranger is how many of them one other user may have caused to whom this one has never written, in chats of
	// the two; through groups it is ten times as many. Default: 1,000.
	MaxFromStranger int
	// MessageRequests lets a user get one message only of another one to whom this one has never written, until this one
	// accepts it; calls have to wait as well, and groups of such users can only invite. Default: all is let through.
	MessageRequests bool
	// SendRate is the maximum rate of one user's messages per second; the requests of a faster user are delayed.
	// Default: 200.
	SendRate float64
	// SendBurst is the number of messages that one user may send at once. Default: 2,000.
	SendBurst int

	// WebhookURL receives a POST for each message to a user without a connection. Default: none.
	WebhookURL string
	// WebhookSecret signs the requests to WebhookURL as Standard Webhooks are; "whsec_" and base64 is decoded. Default: an
	// empty key.
	WebhookSecret string
	// BackendRate is the maximum rate of backend API requests per second, with bursts of five times as many.
	// Default: 200.
	BackendRate float64
	// RetractWindow is the maximum age of a message that is recalled or modified; negative means any age.
	// Default: 48 hours.
	RetractWindow time.Duration

	// Inviters are the users who may invite others: devices.Nobody, devices.Admins or devices.Members. Default:
	// devices.Nobody, so that only the operator does.
	Inviters devices.Inviters

	// TokenLifetime is how long access tokens are valid whose expiry was not set: devices renew them. It is stored in the
	// data folder and holds for those that are made or renewed from now on. Default: for ever.
	TokenLifetime time.Duration

	// AdminPage serves pages for administrators at /admin, who sign in with an application token. Default: no.
	AdminPage bool

	// Directory says whose profiles a user sees. Default: accounts.ListAll.
	Directory accounts.Listing

	// Retention says what is kept of messages. Default: everything, and 20 GiB of one user.
	Retention eventlog.Retention

	// RingTimeout is how long a call rings. Default: wire.RingTimeout.
	RingTimeout time.Duration

	// Relay carries calls between devices that do not reach each other. Default: none.
	Relay *Relay
	// TURN is a TURN server of the operator, used instead of Relay. Default: none.
	TURN *TURN

	// SFU carries the calls of groups. Default: none, and up to four devices are connected each with each.
	SFU *SFU

	// Bucket stores the content of finished files. Default: a folder in Dir.
	Bucket files.Bucket
	// MaxFile is the maximum size of a file in bytes. Default: 4 GiB.
	MaxFile int64
	// Quota is the maximum size of all files of one user in bytes, including unfinished uploads. Default: 20 GiB.
	Quota int64
	// FileTimeout is how long an upload or download may stall before it is cut off. Default: 30 seconds.
	FileTimeout time.Duration
	// FileRate is the maximum rate of one user's file requests per second, with bursts of ten times as many.
	// Default: 50.
	FileRate float64

	// PingInterval is how often each connection is pinged. Default: wire.PingInterval.
	PingInterval time.Duration
	// DeadAfter is how long a connection may be silent before it is closed. Default: wire.DeadAfter.
	DeadAfter time.Duration
	// HelloTimeout is how long a new connection may take to send its Hello. Default: wire.HelloTimeout.
	HelloTimeout time.Duration
	// WriteTimeout is how long writing a frame may take. Default: wire.WriteTimeout.
	WriteTimeout time.Duration
	// OnlineExpiry is how long a message with expiry 0 waits for a connected recipient. Default: 30 seconds.
	OnlineExpiry time.Duration
	// ShutdownTimeout is how long Serve waits for connections to close when its context ends. Default: 10 seconds.
	ShutdownTimeout time.Duration

	// Clock returns the time for new messages. Default: time.Now.
	Clock func() time.Time

	// elapsed returns the real time since some moment. Default: the system's.
	elapsed func() time.Duration
	// freeSpace returns the free bytes of the disk of a folder. Default: files.FreeSpace.
	freeSpace func(dir string) (uint64, error)
	// checkDelay is how long after the start the database is checked. Default: checkDelay.
	checkDelay time.Duration
	// writerPragmas returns pragmas for each connection of the writer. Default: none.
	writerPragmas func() []string
	// wrapRecord wraps the record. Default: the record itself.
	wrapRecord func(record.Record) record.Record
}

// Relay configures the server's own TURN server.
type Relay struct {
	// Addr is the address to listen on, for UDP and TCP.
	Addr string
	// PublicIP is the address at which devices reach this machine.
	PublicIP netip.Addr
	// Ports is the range of UDP ports that carry calls, each for one device in a call.
	Ports relay.PortRange
}

// TURN is a TURN server with a shared secret, as in draft-uberti-behave-turn-rest.
type TURN struct {
	// URLs are those of RFC 7064 and RFC 7065, such as turn:turn.example.org:3478?transport=udp.
	URLs []string
	// Secret is the one that the TURN server has.
	Secret string
}

// SFU configures the LiveKit server for calls of groups: Program, or URL.
type SFU struct {
	// Program is the path of parley-sfu, which runs while there are calls of groups.
	Program string
	// Loopback lets it serve devices on this machine only.
	Loopback bool
	// PublicIP is the address at which devices reach this machine. The zero Addr lets it find out.
	PublicIP netip.Addr
	// UDPPort and TCPPort carry sound and video. 0: a free one.
	UDPPort, TCPPort uint16

	// URL is that of a LiveKit server (ws or wss) which runs by itself. Key and Secret are one of its keys.
	URL, Key, Secret string

	// MaxPeople is how many devices take part in a call, at most wire.MaxGroupCall. Default: 50.
	MaxPeople int
}

func (o *Options) setDefaults() {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	setDefault(&o.MaxConnections, 100_000)
	setDefault(&o.MaxPerAddress, 500)
	setDefault(&o.MaxStrangers, 256)
	setDefault(&o.BodyTimeout, 10*time.Second)
	setDefault(&o.MaxDevices, 8)
	setDefault(&o.MaxUndelivered, 100_000)
	setDefault(&o.MaxFromStranger, 1000)
	setDefault(&o.SendRate, 200)
	setDefault(&o.SendBurst, 2000)
	setDefault(&o.BackendRate, 200)
	setDefault(&o.Inviters, devices.Nobody)
	setDefault(&o.Directory, accounts.ListAll)
	setDefault(&o.Retention.Quota, 20<<30)
	setDefault(&o.RetractWindow, 48*time.Hour)
	setDefault(&o.MaxFile, 4<<30)
	setDefault(&o.Quota, 20<<30)
	setDefault(&o.FileTimeout, 30*time.Second)
	setDefault(&o.FileRate, 50)
	setDefault(&o.checkDelay, checkDelay)
	if o.freeSpace == nil {
		o.freeSpace = files.FreeSpace
	}
	setDefault(&o.PingInterval, wire.PingInterval)
	setDefault(&o.DeadAfter, wire.DeadAfter)
	setDefault(&o.HelloTimeout, wire.HelloTimeout)
	setDefault(&o.WriteTimeout, wire.WriteTimeout)
	setDefault(&o.OnlineExpiry, 30*time.Second)
	setDefault(&o.ShutdownTimeout, 10*time.Second)
}

func setDefault[T comparable](v *T, value T) {
	var zero T
	if *v == zero {
		*v = value
	}
}
