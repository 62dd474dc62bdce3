package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"time"
)

const (
	// uploadLife is how long an upload may take.
	uploadLife = 24 * time.Hour
	// diskReserve is how many bytes of the disk files leave to the database.
	diskReserve = 64 << 20
	// maxTime is later than every time in milliseconds.
	maxTime = 1<<63 - 1
)

// create begins an upload. A body is its first piece.
func (q *fileRequest) create() error {
	if err := q.identify(forUpload); err != nil {
		return err
	}
	f, m, err := q.announced()
	if err != nil {
		return err
	}
	sum, err := parseChecksum(q.r.Header.Get(headChecksum))
	if err != nil {
		return badHeader(err)
	}
	body := q.r.ContentLength != 0
	if body {
		if err := q.checkBody(f, 0); err != nil {
			return err
		}
	}
	if err := q.s.checkRoom(f.size); err != nil {
		return err
	}
	t, err := q.s.transfers.upload(f.uid, f.id, q.w)
	if err != nil {
		return err
	}
	defer t.end()
	if err := q.s.createFile(f); err != nil {
		return err
	}
	q.s.metrics.file("created")
	q.w.Header().Set("Location", q.s.fileURL(f.id))
	if body || f.size == 0 {
		err = q.s.receive(q.r, f, t, sum)
	} else {
		err = q.share(f, m.hash)
	}
	if err != nil {
		return err
	}
	q.describe(f)
	q.w.Header().Set(headOffset, strconv.FormatInt(f.off, 10))
	q.w.WriteHeader(http.StatusCreated)
	return nil
}

// mostSame bounds how many files of the same content are looked through.
const mostSame = 50

// share finishes an upload at once whose content its owner may have anyway. Of what others have nothing is told.
func (q *fileRequest) share(f *fileRow, hash []byte) error {
	if hash == nil || q.grant != nil { // who has a grant is not told either
		return nil
	}
	same, err := sameFiles(q.reading(), q.dev.uid, hash, f.size)
	if err != nil {
		return err
	}
	for _, id := range same {
		ok, err := mayRead(q.reading(), q.dev.uid, id, q.s.opts.Clock().UnixMilli())
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		known, err := loadFile(q.reading(), id)
		if err != nil {
			return err
		}
		if known == nil {
			continue
		}
		f.hash, f.mime = hash, known.mime
		// Not placed: when the content is going away at this moment, the upload begins like any other.
		if outcome, err := q.s.finishFile(f, false); err != nil || outcome != finishedShared {
			f.hash, f.mime = nil, ""
			return err
		}
		f.off = f.size
		q.s.metrics.file("shared")
		q.s.collector.poke()
		return nil
	}
	return nil
}

// announced reads what a request for an upload says of it.
func (q *fileRequest) announced() (*fileRow, metadata, error) {
	h := q.r.Header
	switch {
	case h.Get(headConcat) != "":
		return nil, metadata{}, badHeader(errors.New("this server does not put uploads together"))
	case h.Get(headDefer) != "":
		return nil, metadata{}, badHeader(errors.New("this server wants Upload-Length from the beginning"))
	}
	size, err := parseSize(headLength, h.Get(headLength))
	if err != nil {
		return nil, metadata{}, badHeader(err)
	}
	limit := q.s.opts.MaxFile
	if q.grant != nil && q.grant.maxSize > 0 {
		limit = min(limit, q.grant.maxSize)
	}
	if size > limit {
		return nil, metadata{}, &fileError{http.StatusRequestEntityTooLarge, "too_large", fmt.Sprintf("the file is larger than %d bytes", limit)}
	}
	meta := h.Get(headMetadata)
	m, err := parseMetadata(meta)
	if err != nil {
		return nil, metadata{}, badHeader(err)
	}
	now := q.s.opts.Clock()
	f := &fileRow{
		id: newFileID(), uid: q.dev.uid, size: size, meta: meta, name: m.name, withMessage: m.withMessage,
		created: now.UnixMilli(), expires: now.Add(uploadLife).UnixMilli(),
	}
	if q.grant != nil {
		if q.grant.file != "" {
			return nil, metadata{}, &fileError{http.StatusForbidden, "purpose", "this grant is for an upload that has begun"}
		}
		f.granted = q.grant.number
	}
	return f, m, nil
}

// checkBody checks what the header says of a piece that begins at off.
func (q *fileRequest) checkBody(f *fileRow, off int64) error {
	if q.r.Header.Get("Content-Type") != tusBody {
		return &fileError{http.StatusUnsupportedMediaType, "media_type", "the Content-Type has to be " + tusBody}
	}
	if n := q.r.ContentLength; n > f.size-off {
		return errTooMuch
	}
	return nil
}

// checkRoom tells whether the disk has room for so many bytes more.
func (s *Server) checkRoom(n int64) error {
	free, err := s.opts.freeSpace(s.opts.Dir)
	if err != nil {
		return err
	}
	if free < uint64(n)+diskReserve {
		return errNoRoom
	}
	return nil
}

// patch takes a piece of an upload.
func (q *fileRequest) patch() error {
	if err := q.identify(forUpload); err != nil {
		return err
	}
	f, err := q.upload()
	if err != nil {
		return err
	}
	from, err := parseSize(headOffset, q.r.Header.Get(headOffset))
	if err != nil {
		return badHeader(err)
	}
	sum, err := parseChecksum(q.r.Header.Get(headChecksum))
	if err != nil {
		return badHeader(err)
	}
	t, err := q.s.transfers.upload(f.uid, f.id, q.w)
	if err != nil {
		return err
	}
	defer t.end()
	if f, err = q.onDisk(); err != nil {
		return err
	}
	if from != f.off {
		return &fileError{http.StatusConflict, "offset", fmt.Sprintf("the upload goes on at %d", f.off)}
	}
	if err := q.checkBody(f, f.off); err != nil {
		return err
	}
	if f.done == 0 {
		if err := q.s.checkRoom(f.size - f.off); err != nil {
			return err
		}
		if err := q.s.receive(q.r, f, t, sum); err != nil {
			return err
		}
	}
	q.describe(f)
	q.w.Header().Set(headOffset, strconv.FormatInt(f.off, 10))
	q.w.WriteHeader(http.StatusNoContent)
	return nil
}

// finish makes a file of an upload whose bytes are on the disk. f.hash and f.mime are set.
func (s *Server) finish(ctx context.Context, f *fileRow) error {
	key, err := blobKey(readFrom(s.reader.WithContext(ctx)), f.hash)
	if err != nil {
		return err
	}
	placed := s.files.bucket == nil
	if key == "" && !placed {
		if err := s.files.place(ctx, f.id, f.mime); err != nil {
			return err
		}
		placed = true
	}
	outcome, err := s.finishFile(f, placed)
	if err == nil && outcome == finishedUnread { // the content that the server had is going away at this moment
		if err := s.files.place(ctx, f.id, f.mime); err != nil {
			return err
		}
		outcome, err = s.finishFile(f, true)
	}
	if err != nil {
		return err
	}
	switch outcome {
	case finishedStored:
		s.metrics.file("stored")
		if err := s.files.settle(f.id); err != nil {
			s.log.Warn("upload", slog.Any("error", err)) // found again at the next start
		}
	case finishedShared:
		s.metrics.file("shared")
		s.collector.poke()
	case finishedGone, finishedUnread:
		return errNotThere
	}
	f.off = f.size
	return nil
}

// errTooMuch is what an upload is told that is longer than it was announced.
var errTooMuch = &fileError{http.StatusRequestEntityTooLarge, "too_much", "this is more than " + headLength + " has announced"}
