package server

import (
	"context"
	"maps"
	"slices"
	"time"
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

// CollectFiles does at once what the collector does now and then.
func (s *Server) CollectFiles(ctx context.Context) error { return s.collector.collect(ctx, ctx) }

// WithFreeSpace makes the disk as full as a test likes.
func WithFreeSpace(o Options, free func(dir string) (uint64, error)) Options {
	o.freeSpace = free
	return o
}

// SaveEvery is after how many bytes an upload is acknowledged on the disk while more is coming.
const SaveEvery = saveEvery

// Metadata reads Upload-Metadata.
func Metadata(s string) (name string, withMessage bool, err error) {
	m, err := parseMetadata(s)
	return m.name, m.withMessage, err
}

// OfferedName is the name under which a download is offered.
func OfferedName(name string) string { return offeredName(name) }

// Grant is a grant as a test sees it.
type Grant struct {
	Upload  bool
	Expires int64
	MaxSize int64
	Number  int64
	File    string
	Token   [32]byte
}

// SignGrant prints a grant.
func SignGrant(key []byte, g Grant) string {
	inner := grant{
		purpose: forDownload, expires: time.UnixMilli(g.Expires), maxSize: g.MaxSize, number: g.Number, file: fileID(g.File),
		token: g.Token,
	}
	if g.Upload {
		inner.purpose = forUpload
	}
	return inner.sign(key)
}

// ParseGrant reads a grant.
func ParseGrant(key []byte, text string, now time.Time) (Grant, error) {
	g, err := parseGrant(key, text, now)
	if err != nil {
		return Grant{}, err
	}
	return Grant{g.purpose == forUpload, g.expires.UnixMilli(), g.maxSize, g.number, string(g.file), g.token}, nil
}
