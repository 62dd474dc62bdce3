package files

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

	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/server/eventlog"
	"github.com/parley-chat/parley/internal/server/fileref"
	"github.com/parley-chat/parley/internal/server/record"
	"github.com/parley-chat/parley/internal/server/refusal"
	"github.com/parley-chat/parley/internal/wire"
)

var (
	errStopping = refusal.HTTP(http.StatusServiceUnavailable, "stopping", "the server is shutting down")
	errNotFound = refusal.HTTP(http.StatusNotFound, "not_found", "there is no such file, or you may not access it")
	errNoRoom   = refusal.HTTP(http.StatusInsufficientStorage, "disk_full", "the server's disk is full")
	errNoDevice = refusal.HTTP(http.StatusUnauthorized, "token", "%s", accounts.ErrToken.Reason)
	// Errors after which the rest of the body is not read; the connection is closed.
	errInterrupted   = refusal.HTTP(http.StatusServiceUnavailable, "interrupted", "the upload was interrupted")
	errUploadTimeout = refusal.HTTP(http.StatusRequestTimeout, "timeout", "no data was received for too long")
	errCutOff        = refusal.HTTP(http.StatusBadRequest, "cut", "the upload was cut off")

	errMethod   = refusal.HTTP(http.StatusMethodNotAllowed, "method", "this method is not allowed here")
	errFileRate = refusal.HTTP(http.StatusTooManyRequests, "rate", "too many requests")
)

func badHeader(err error) error { return refusal.HTTP(http.StatusBadRequest, "bad_request", "%v", err) }

// fileRequest is a request for a file or the collection of files.
type fileRequest struct {
	s  *Service
	w  http.ResponseWriter
	r  *http.Request
	id fileref.ID // empty: the collection

	device *accounts.Device
	grant  *grant // nil: the device itself
}

// ServeHTTP serves uploads and downloads.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	// Registered like a connection, so that a stopping server waits for it.
	release, ok := s.c.Enter()
	if !ok {
		s.refuseFile(w, r, errStopping)
		return
	}
	defer release()
	if r.ContentLength != 0 { // including a body that is refused unread
		_ = http.NewResponseController(w).
			SetReadDeadline(time.Now().Add(s.c.FileTimeout))
		// others than ours may not be able to
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
		if q.id, ok = fileref.ParseID(name); !ok {
			return errNotFound
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
		return refusal.HTTP(http.StatusPreconditionFailed, "version", "Tus-Resumable must be %s", tusVersion)
	}
	return q.tus(method)
}

// tus serves a request of the tus protocol.
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

// options describes the server's tus extensions and needs no token.
func (q *fileRequest) options() {
	h := q.w.Header()
	h.Set("Tus-Version", tusVersion)
	h.Set("Tus-Extension", tusExtensions)
	h.Set("Tus-Checksum-Algorithm", tusChecksums)
	h.Set("Tus-Max-Size", strconv.FormatInt(q.s.limits.Load().MaxFile, 10))
	q.w.WriteHeader(http.StatusNoContent)
}

// refuseFile responds with a refusal; any other error becomes 503.
func (s *Service) refuseFile(w http.ResponseWriter, r *http.Request, err error) {
	refused := refusal.Of(err)
	if refused == nil {
		s.c.Logger.Error("file", slog.String("method", r.Method), slog.Any("error", err))
		refused = refusal.HTTP(http.StatusServiceUnavailable, "storage", "the server cannot read or write its data")
	}
	s.c.Metrics.Refused("file_" + refused.Name)
	s.c.Logger.Debug("file refused", slog.String("method", r.Method), slog.Int("status", refused.Status),
		slog.String("reason", refused.Name))
	switch refused {
	case errInterrupted, errUploadTimeout, errCutOff:
		w.Header().Set("Connection", "close") // net/http would otherwise read the rest of the body
	}
	switch refused.Status {
	case http.StatusUnauthorized:
		s.c.Logger.Info("access refused", slog.String("remote", r.RemoteAddr), slog.String("path", wire.FilesPath))
		w.Header().Set("WWW-Authenticate", "Bearer")
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		w.Header().Set("Retry-After", "1")
	}
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(refused.Status)
	if r.Method == http.MethodHead {
		return
	}
	if _, err := fmt.Fprintln(w, refused.Reason); err != nil { //nolint:gosec // G705: plain text, and nosniff
		s.c.Logger.Debug("file", slog.Any("error", fmt.Errorf("answer: %w", err)))
	}
}

// identify authenticates the request and checks the purpose of its grant.
func (q *fileRequest) identify(purpose grantPurpose) error {
	device, g, err := q.s.identify(q.r)
	if err != nil {
		return err
	}
	q.device, q.grant = device, g
	if g != nil && g.purpose != purpose {
		return refusal.HTTP(http.StatusForbidden, "purpose", "this grant is for another purpose")
	}
	return nil
}

// identify returns the device of an access token or grant, and the grant.
func (s *Service) identify(r *http.Request) (*accounts.Device, *grant, error) {
	text, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return nil, nil, refusal.HTTP(http.StatusUnauthorized, "no_token", "an access token or a grant is required")
	}
	var (
		g    *grant
		hash [32]byte
		err  error
	)
	if strings.HasPrefix(text, wire.GrantPrefix) {
		if g, err = parseGrant(s.c.GrantKey, text, s.c.Clock()); err != nil {
			return nil, nil, refusal.HTTP(http.StatusUnauthorized, "grant", "%v", err)
		}
		hash = g.token
	} else {
		token, err := wire.ParseToken(text)
		if err != nil {
			return nil, nil, errNoDevice
		}
		hash = token.Hash()
	}
	device, err := accounts.Authenticate(context.WithoutCancel(r.Context()), s.c.Record, hash, s.c.Clock())
	switch {
	case errors.Is(err, accounts.ErrToken):
		return nil, nil, errNoDevice
	case err != nil:
		return nil, nil, err
	case !s.transfers.allow(device.UID):
		return nil, nil, errFileRate
	}
	return device, g, nil
}

// view reads the database, even if the client has disconnected.
func (q *fileRequest) view(f func(record.Reader) error) error {
	return q.s.c.Record.View(context.WithoutCancel(q.r.Context()), f)
}

func (q *fileRequest) load() (f *fileref.File, err error) {
	err = q.view(func(read record.Reader) error {
		f, err = fileref.Load(read, q.id)
		return err
	})
	return f, err
}

// upload returns the upload of the request if it belongs to the user and, with a grant, to the grant.
func (q *fileRequest) upload() (*fileref.File, error) {
	f, err := q.load()
	switch {
	case err != nil:
		return nil, err
	case f == nil || f.UID != q.device.UID || (q.grant != nil && !q.grant.covers(f)):
		return nil, errNotFound
	case f.Done == 0 && f.Expires <= q.s.c.Clock().UnixMilli():
		return nil, refusal.HTTP(http.StatusGone, "expired", "the upload was not finished in time")
	}
	return f, nil
}

// onDisk returns the upload with Off limited to the size on disk.
func (q *fileRequest) onDisk() (*fileref.File, error) {
	f, err := q.upload()
	if err != nil || f.Done != 0 {
		return f, err
	}
	there, err := q.s.blobs.size(f.ID)
	if err != nil {
		return nil, err
	}
	if there < f.Off {
		f.Off, f.State = there, nil
	}
	return f, nil
}

// setFileHeaders sets the headers of the response that describe a file.
func (q *fileRequest) setFileHeaders(f *fileref.File) {
	h := q.w.Header()
	if f.Done == 0 {
		h.Set(headExpires, time.UnixMilli(f.Expires).UTC().Format(http.TimeFormat))
		return
	}
	h.Set("Content-Location", q.s.fileURL(f.ID))
	h.Set("Repr-Digest", reprDigest(f.Hash))
	h.Set("Parley-Content-Type", f.MIME)
	h.Set(headLength, strconv.FormatInt(f.Size, 10))
}

func reprDigest(hash []byte) string {
	return fmt.Sprintf("sha-256=:%s:", base64.StdEncoding.EncodeToString(hash))
}

// offset responds with the size of an upload on disk.
func (q *fileRequest) offset() error {
	if err := q.identify(forUpload); err != nil {
		return err
	}
	f, err := q.upload()
	if err != nil {
		return err
	}
	if f.Done == 0 {
		if err := q.interruptAndWait(f.ID); err != nil {
			return err
		}
		if f, err = q.onDisk(); err != nil {
			return err
		}
	}
	h := q.w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set(headOffset, strconv.FormatInt(f.Off, 10))
	h.Set(headLength, strconv.FormatInt(f.Size, 10))
	if f.Meta != "" {
		h.Set(headMetadata, f.Meta)
	}
	q.setFileHeaders(f)
	q.w.WriteHeader(http.StatusOK)
	return nil
}

// interruptAndWait interrupts a running request for an upload and waits until it has saved the received data.
func (q *fileRequest) interruptAndWait(id fileref.ID) error {
	ctx, cancel := context.WithTimeout(q.r.Context(), q.s.c.FileTimeout)
	defer cancel()
	select {
	case <-q.s.transfers.interrupt(id):
		return nil
	case <-ctx.Done():
		return errLocked
	}
}

// terminate cancels an upload or deletes an unreferenced file.
func (q *fileRequest) terminate() error {
	if err := q.identify(forUpload); err != nil {
		return err
	}
	f, err := q.upload()
	if err != nil {
		return err
	}
	if err := q.interruptAndWait(f.ID); err != nil {
		return err
	}
	t, err := q.s.transfers.upload(f.UID, f.ID, q.w)
	if err != nil {
		return err
	}
	defer t.end()
	if f, err = q.load(); err != nil {
		return err
	}
	if f == nil {
		return errNotFound
	}
	if err := q.s.c.Log.RemoveFiles([]eventlog.Condemned{{ID: f.ID, Hash: f.Hash}}, maxTime); err != nil {
		return err
	}
	if f, err = q.load(); err != nil {
		return err
	}
	if f != nil {
		return refusal.HTTP(http.StatusConflict, "in_use", "a message, a profile or a group still uses the file")
	}
	q.s.collector.wake()
	q.w.WriteHeader(http.StatusNoContent)
	return nil
}
