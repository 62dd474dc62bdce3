package server

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/parley-chat/parley/internal/wire"
)

// fileError is a refusal.
type fileError struct {
	code  int    // HTTP status
	name  string // for the metrics
	cause string // for people
}

func (e *fileError) Error() string { return e.cause }

var (
	errStopping = &fileError{http.StatusServiceUnavailable, "stopping", "the server is shutting down"}
	errNotThere = &fileError{http.StatusNotFound, "not_found", "there is no such file, or it is not for you"}
	errNoRoom   = &fileError{http.StatusInsufficientStorage, "disk_full", "the disk of the server has no room for it"}
	errNoDevice = &fileError{http.StatusUnauthorized, "token", errRefused.Error()}
	// What comes too late to be read; the connection ends.
	errInterrupted = &fileError{http.StatusServiceUnavailable, "interrupted", "the upload was interrupted"}
	errNothingCame = &fileError{http.StatusRequestTimeout, "timeout", "nothing has come for too long"}
	errCutOff      = &fileError{http.StatusBadRequest, "cut", "the upload was cut off"}

	errMethod   = &fileError{http.StatusMethodNotAllowed, "method", "this cannot be done here"}
	errFileRate = &fileError{http.StatusTooManyRequests, "rate", "too many requests"}
)

func badHeader(err error) error { return &fileError{http.StatusBadRequest, "bad_request", err.Error()} }

// fileRequest is one request about files.
type fileRequest struct {
	s  *Server
	w  http.ResponseWriter
	r  *http.Request
	id fileID // empty: the collection

	dev   *device // who asks
	grant *grant  // nil: the device itself
}

// serveFiles serves uploads and downloads.
func (s *Server) serveFiles(w http.ResponseWriter, r *http.Request) {
	// Counted like a connection, so that the server does not stop under it.
	release, ok := s.enter()
	if !ok {
		s.refuseFile(w, r, errStopping)
		return
	}
	defer release()
	if r.ContentLength != 0 { // also for a body that is refused unread
		_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(s.opts.FileTimeout)) // others than ours may not be able to
	}
	q := &fileRequest{s: s, w: w, r: r}
	if err := q.serve(); err != nil {
		s.refuseFile(w, r, err)
	}
}

func (q *fileRequest) serve() error {
	name := strings.TrimPrefix(q.r.URL.Path, wire.FilesPath)
	if name != "" {
		var ok bool
		if q.id, ok = parseFileID(name); !ok {
			return errNotThere
		}
	}
	method := tusMethod(q.r)
	version := q.r.Header.Get(headResumable)
	if method == http.MethodGet || (method == http.MethodHead && version == "") {
		return q.download()
	}
	q.w.Header().Set(headResumable, tusVersion)
	if method == http.MethodOptions {
		q.options()
		return nil
	}
	if version != tusVersion {
		q.w.Header().Set("Tus-Version", tusVersion)
		return &fileError{http.StatusPreconditionFailed, "version", "Tus-Resumable has to be " + tusVersion}
	}
	return q.tus(method)
}

// tus serves a request of the upload protocol.
func (q *fileRequest) tus(method string) error {
	if q.id == "" {
		if method == http.MethodPost {
			return q.create()
		}
		return errMethod
	}
	switch method {
	case http.MethodHead:
		return q.offset()
	case http.MethodPatch:
		return q.patch()
	case http.MethodDelete:
		return q.terminate()
	}
	return errMethod
}

// options says what the server can do; nobody has to be signed in for it.
func (q *fileRequest) options() {
	h := q.w.Header()
	h.Set("Tus-Version", tusVersion)
	h.Set("Tus-Extension", tusExtensions)
	h.Set("Tus-Checksum-Algorithm", tusChecksums)
	h.Set("Tus-Max-Size", strconv.FormatInt(q.s.opts.MaxFile, 10))
	q.w.WriteHeader(http.StatusNoContent)
}

// refuseFile answers with what is wrong.
func (s *Server) refuseFile(w http.ResponseWriter, r *http.Request, err error) {
	refused, ok := errors.AsType[*fileError](err)
	if !ok {
		s.log.Error("file", slog.String("method", r.Method), slog.Any("error", err))
		refused = &fileError{http.StatusServiceUnavailable, "storage", "the server cannot read or write its data"}
	}
	s.metrics.refused("file_" + refused.name)
	s.log.Debug("file refused", slog.String("method", r.Method), slog.Int("status", refused.code), slog.String("reason", refused.name))
	switch refused {
	case errInterrupted, errNothingCame, errCutOff:
		w.Header().Set("Connection", "close") // else net/http would wait for the rest
	}
	switch refused.code {
	case http.StatusUnauthorized:
		w.Header().Set("WWW-Authenticate", "Bearer")
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		w.Header().Set("Retry-After", "1")
	}
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(refused.code)
	if r.Method == http.MethodHead {
		return
	}
	if _, err := fmt.Fprintln(w, refused.cause); err != nil {
		s.log.Debug("file", slog.Any("error", fmt.Errorf("answer: %w", err)))
	}
}

// identify finds out who asks, and by what right.
func (q *fileRequest) identify(purpose grantPurpose) error {
	dev, g, err := q.s.identify(q.r)
	if err != nil {
		return err
	}
	q.dev, q.grant = dev, g
	if g != nil && g.purpose != purpose {
		return &fileError{http.StatusForbidden, "purpose", "this grant is for something else"}
	}
	return nil
}

// identify finds out who sends a request, with an access token or with a grant.
func (s *Server) identify(r *http.Request) (*device, *grant, error) {
	text, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return nil, nil, &fileError{http.StatusUnauthorized, "no_token", "an access token or a grant is needed"}
	}
	var (
		g    *grant
		hash [32]byte
		err  error
	)
	if strings.HasPrefix(text, wire.GrantPrefix) {
		if g, err = parseGrant(s.grantKey, text, s.opts.Clock()); err != nil {
			return nil, nil, &fileError{http.StatusUnauthorized, "grant", err.Error()}
		}
		hash = g.token
	} else {
		token, err := wire.ParseToken(text)
		if err != nil {
			return nil, nil, errNoDevice
		}
		hash = token.Hash()
	}
	dev, err := authenticate(s.reader.WithContext(context.WithoutCancel(r.Context())), hash, time.Now())
	switch {
	case errors.Is(err, errRefused):
		return nil, nil, errNoDevice
	case err != nil:
		return nil, nil, err
	case !s.transfers.allow(dev.uid):
		return nil, nil, errFileRate
	}
	return dev, g, nil
}

// reading reads the database. What a client that has gone asked for is finished all the same.
func (q *fileRequest) reading() reading {
	return readFrom(q.s.reader.WithContext(context.WithoutCancel(q.r.Context())))
}

func (q *fileRequest) load() (*fileRow, error) { return loadFile(q.reading(), q.id) }

// upload finds the upload of a request that is made by its owner.
func (q *fileRequest) upload() (*fileRow, error) {
	f, err := q.load()
	switch {
	case err != nil:
		return nil, err
	case f == nil || f.uid != q.dev.uid || (q.grant != nil && !q.grant.covers(f)):
		return nil, errNotThere
	case f.done == 0 && f.expires <= q.s.opts.Clock().UnixMilli():
		return nil, &fileError{http.StatusGone, "expired", "the upload was not finished in time"}
	}
	return f, nil
}

// onDisk finds the upload as the last request has left it. off is never more than there is.
func (q *fileRequest) onDisk() (*fileRow, error) {
	f, err := q.upload()
	if err != nil || f.done != 0 {
		return f, err
	}
	there, err := q.s.files.size(f.id)
	if err != nil {
		return nil, err
	}
	if there < f.off {
		f.off, f.state = there, nil
	}
	return f, nil
}

// describe puts what is known of a file into the answer's header.
func (q *fileRequest) describe(f *fileRow) {
	h := q.w.Header()
	if f.done == 0 {
		h.Set(headExpires, time.UnixMilli(f.expires).UTC().Format(http.TimeFormat))
		return
	}
	h.Set("Content-Location", q.s.fileURL(f.id))
	h.Set("Repr-Digest", reprDigest(f.hash))
	h.Set("Parley-Content-Type", f.mime)
	h.Set(headLength, strconv.FormatInt(f.size, 10))
}

func reprDigest(hash []byte) string {
	return fmt.Sprintf("sha-256=:%s:", base64.StdEncoding.EncodeToString(hash))
}

// offset answers how much of an upload is on the disk.
func (q *fileRequest) offset() error {
	if err := q.identify(forUpload); err != nil {
		return err
	}
	f, err := q.upload()
	if err != nil {
		return err
	}
	if f.done == 0 {
		if err := q.settled(f.id); err != nil {
			return err
		}
		if f, err = q.onDisk(); err != nil {
			return err
		}
	}
	h := q.w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set(headOffset, strconv.FormatInt(f.off, 10))
	h.Set(headLength, strconv.FormatInt(f.size, 10))
	if f.meta != "" {
		h.Set(headMetadata, f.meta)
	}
	q.describe(f)
	q.w.WriteHeader(http.StatusOK)
	return nil
}

// settled ends what is busy with an upload and waits until it has saved what it got.
func (q *fileRequest) settled(id fileID) error {
	ctx, cancel := context.WithTimeout(q.r.Context(), q.s.opts.FileTimeout)
	defer cancel()
	select {
	case <-q.s.transfers.interrupt(id):
		return nil
	case <-ctx.Done():
		return errLocked
	}
}

// terminate ends an upload, or takes a file away that nothing refers to.
func (q *fileRequest) terminate() error {
	if err := q.identify(forUpload); err != nil {
		return err
	}
	f, err := q.upload()
	if err != nil {
		return err
	}
	if err := q.settled(f.id); err != nil {
		return err
	}
	t, err := q.s.transfers.upload(f.uid, f.id, q.w)
	if err != nil {
		return err
	}
	defer t.end()
	if f, err = q.load(); err != nil {
		return err
	}
	if f == nil {
		return errNotThere
	}
	if err := q.s.removeFiles([]condemned{{f.id, f.hash}}, maxTime); err != nil {
		return err
	}
	if f, err = q.load(); err != nil {
		return err
	}
	if f != nil {
		return &fileError{http.StatusConflict, "in_use", "a message, a profile or a group refers to the file"}
	}
	q.s.collector.poke()
	q.w.WriteHeader(http.StatusNoContent)
	return nil
}
