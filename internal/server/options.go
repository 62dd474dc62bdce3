package server

import (
	"crypto/tls"
	"log/slog"
	"time"

	"github.com/parley-chat/parley/internal/wire"
)

// Options configure a Server. Only Dir is needed; zero values mean what the comments say.
type Options struct {
	// Dir is the data folder. It is made if it does not exist. One server at a time holds it.
	Dir string
	// Logger: none.
	Logger *slog.Logger
	// PublicURL is what new tokens name as their server: what an earlier Open wrote into the folder.
	PublicURL string
	// Pin is the SHA-256 of the certificate's public key, for tokens of a server whose certificate no authority has
	// signed. It is written into the folder together with PublicURL.
	Pin []byte
	// TLS makes Serve speak TLS: plain.
	TLS *tls.Config

	// MaxConnections bounds all connections, also those that have said nothing yet: 100,000.
	MaxConnections int
	// MaxPerAddress bounds the connections of one remote address: 20,000.
	MaxPerAddress int
	// MaxDevices bounds the connected devices of one user: 8.
	MaxDevices int
	// MaxUndelivered bounds the events that wait for a user; more messages are refused with INBOXFULL: 100,000.
	MaxUndelivered int
	// SendRate and SendBurst bound a user's messages per second; who is faster waits: 200 and 2,000.
	SendRate  float64
	SendBurst int

	// WebhookURL is told of messages to users who are not connected: nobody. WebhookSecret signs what it is told.
	WebhookURL, WebhookSecret string
	// BackendRate bounds the requests of the backend API per second, with bursts of five times as many: 200.
	BackendRate float64
	// RetractWindow is how old a message may be that is recalled or modified: 48 hours. Negative: any age.
	RetractWindow time.Duration

	// Bucket keeps the content of files, such as internal/bucket does: a folder below Dir.
	Bucket Bucket
	// MaxFile is the largest file in bytes: 4 GiB.
	MaxFile int64
	// Quota bounds the bytes of all files of one user, unfinished ones included: 20 GiB.
	Quota int64
	// FileTimeout is how long an upload or download may stand still before it is cut: 30 seconds.
	FileTimeout time.Duration
	// FileRate bounds the requests about files of one user per second, with bursts of ten times as many: 50.
	FileRate float64

	// PingInterval, DeadAfter, HelloTimeout and WriteTimeout: the numbers of package wire.
	PingInterval, DeadAfter, HelloTimeout, WriteTimeout time.Duration
	// OnlineExpiry is how long a message of expiry 0 waits for a recipient who was connected: 30 seconds.
	OnlineExpiry time.Duration
	// ShutdownTimeout bounds the goodbye that Serve says when its context ends: 10 seconds.
	ShutdownTimeout time.Duration

	// Clock dates messages: time.Now. Tests make it jump.
	Clock func() time.Time

	// freeSpace tells how many bytes a folder has room for; tests make disks full with it.
	freeSpace func(dir string) (uint64, error)
	// writerPragmas are set on each connection of the writer; tests make disks fail with them.
	writerPragmas func() []string
}

func (o *Options) setDefaults() {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	setDefault(&o.MaxConnections, 100_000)
	setDefault(&o.MaxPerAddress, 20_000)
	setDefault(&o.MaxDevices, 8)
	setDefault(&o.MaxUndelivered, 100_000)
	setDefault(&o.SendRate, 200)
	setDefault(&o.SendBurst, 2000)
	setDefault(&o.BackendRate, 200)
	setDefault(&o.RetractWindow, 48*time.Hour)
	setDefault(&o.MaxFile, 4<<30)
	setDefault(&o.Quota, 20<<30)
	setDefault(&o.FileTimeout, 30*time.Second)
	setDefault(&o.FileRate, 50)
	if o.freeSpace == nil {
		o.freeSpace = freeSpace
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
