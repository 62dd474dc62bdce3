package server

import (
	"context"
	"time"

	"github.com/parley-chat/parley/internal/server/record"
)

// WithWriterPragmas sets pragmas on the writer's connection. The function is called each time the writer connects.
func WithWriterPragmas(o Options, pragmas func() []string) Options {
	o.writerPragmas = pragmas
	return o
}

// WithRecord wraps the record.
func WithRecord(o Options, wrap func(record.Record) record.Record) Options {
	o.wrapRecord = wrap
	return o
}

// WithFreeSpace replaces the function that returns the free bytes of the disk.
func WithFreeSpace(o Options, free func(dir string) (uint64, error)) Options {
	o.freeSpace = free
	return o
}

// ForgetNonces runs one round of the sweeper's deletion of old nonces.
func (s *Server) ForgetNonces(ctx context.Context) error { return s.events.ForgetNonces(ctx) }

// CollectFiles runs one round of the collector.
func (s *Server) CollectFiles(ctx context.Context) error { return s.files.CollectOnce(ctx) }

// Tidy runs one round of the sweeper's removal of erased content from the files.
func (s *Server) Tidy(ctx context.Context) error { return s.events.Tidy(ctx) }

// WithElapsed replaces the function that returns the real time since some moment.
func WithElapsed(o Options, elapsed func() time.Duration) Options {
	o.elapsed = elapsed
	return o
}

// WithCheckDelay sets how long after the start the database is checked.
func WithCheckDelay(o Options, delay time.Duration) Options {
	o.checkDelay = delay
	return o
}

// CheckDatabase looks for damage.
func (s *Server) CheckDatabase(ctx context.Context) { s.checkDatabase(ctx) }

// Retain removes what is not to be kept.
func (s *Server) Retain(ctx context.Context) error { return s.events.Retain(ctx) }

// EraseUser erases a user at once.
func (s *Server) EraseUser(ctx context.Context, address string, everywhere bool) error {
	defer s.refresh()
	if err := s.accounts.EraseUser(ctx, address, everywhere); err != nil {
		return err
	}
	return s.events.EraseUsers(ctx)
}
