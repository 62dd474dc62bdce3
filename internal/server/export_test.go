package server

import (
	"context"
	"maps"
	"slices"
)

// WithWriterPragmas sets pragmas on the writer's connection. The function is asked each time the writer connects.
func WithWriterPragmas(o Options, pragmas func() []string) Options {
	o.writerPragmas = pragmas
	return o
}

// ForgetNonces does at once what the sweeper does now and then.
func (s *Server) ForgetNonces(ctx context.Context) error { return s.sweeper.forgetNonces(ctx, ctx) }

// BackendOps lists the operations of the backend API.
func BackendOps() []string { return slices.Sorted(maps.Keys(backendOps())) }

// FirstTables makes a database as the first release made it.
func FirstTables() []string { return append(firstTables(), `PRAGMA user_version = 1`) }
