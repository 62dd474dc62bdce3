// Package files serves uploads with the tus protocol, downloads with ranges, and grants for both, over HTTP. It stores
// the content in a folder or a bucket and removes files that are no longer needed. docs/protocol.md describes the
// requests.
package files

import (
	"log/slog"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/parley-chat/parley/internal/server/eventlog"
	"github.com/parley-chat/parley/internal/server/record"
)

// Metrics counts files, their bytes and refusals.
type Metrics interface {
	Refused(reason string)
	File(outcome string)
	FileBytes(direction string, n int)
}

// Config holds the dependencies and limits of a Service.
type Config struct {
	Record   record.Record
	Log      *eventlog.Log
	Metrics  Metrics
	Logger   *slog.Logger
	Clock    func() time.Time
	GrantKey []byte

	// Dir is the data folder. It holds unfinished uploads and, without a Bucket, finished files.
	Dir    string
	Bucket Bucket
	// PublicURL is the server's URL without a slash at the end.
	PublicURL string
	// Limits are those that SetLimits can change.
	Limits Limits
	// FileTimeout is how long an upload or download may stall before it is cut off.
	FileTimeout time.Duration
	// FileRate is the maximum rate of one user's requests per second, with bursts of ten times as many.
	FileRate float64
	// FreeSpace returns the free bytes on the disk of a folder.
	FreeSpace func(dir string) (uint64, error)

	// Enter registers a request, so that a stopping server waits for it. ok is false if the server is stopping.
	Enter func() (release func(), ok bool)
}

// Limits are what a running Service can be made to do otherwise.
type Limits struct {
	// MaxFile is the maximum size of a file in bytes, Quota that of all files of one user.
	MaxFile, Quota int64
}

// Service serves files. Its methods may be called from any goroutine.
type Service struct {
	c         Config // immutable, like all but limits
	blobs     *blobStore
	transfers *transfers
	collector *collector
	limits    atomic.Pointer[Limits]
	coming    atomic.Int64 // bytes that running uploads have announced and not yet written
}

// New returns a service. The caller must start Collect.
func New(c *Config) *Service {
	s := &Service{c: *c, blobs: &blobStore{dir: filepath.Join(c.Dir, dirName), bucket: c.Bucket}}
	s.SetLimits(c.Limits)
	s.transfers = newTransfers(&s.c)
	s.collector = newCollector(s)
	return s
}

// SetLimits changes the limits for further uploads.
func (s *Service) SetLimits(limits Limits) { s.limits.Store(&limits) }

// Transfers returns the number of running uploads and downloads.
func (s *Service) Transfers() int { return s.transfers.count() }

// Stop interrupts all uploads and downloads and refuses new ones.
func (s *Service) Stop() { s.transfers.stop() }
