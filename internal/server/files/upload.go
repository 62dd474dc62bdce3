package files

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/parley-chat/parley/internal/server/eventlog"
	"github.com/parley-chat/parley/internal/server/fileref"
	"github.com/parley-chat/parley/internal/server/record"
	"github.com/parley-chat/parley/internal/server/refusal"
)

const (
	// uploadLife is how long an unfinished upload is kept.
	uploadLife = 24 * time.Hour
	// DiskReserve is how many bytes of the disk are reserved for the database.
	DiskReserve = 64 << 20
	// maxTime is later than any time in milliseconds.
	maxTime = 1<<63 - 1
)

// create creates an upload. A body is its first part.
func (q *fileRequest) create() error {
	if err := q.identify(forUpload); err != nil {
		return err
	}
	f, m, err := q.parseCreation()
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
	reserved, err := q.s.reserve(f.Size)
	if err != nil {
		return err
	}
	defer reserved.release()
	t, err := q.s.transfers.upload(f.UID, f.ID, q.w)
	if err != nil {
		return err
	}
	defer t.end()
	if err := q.s.c.Log.CreateFile(f, q.s.limits.Load().Quota); err != nil {
		return err
	}
	q.s.c.Metrics.File("created")
	q.w.Header().Set("Location", q.s.fileURL(f.ID))
	if body || f.Size == 0 {
		err = q.s.receive(q.r, f, t, sum, reserved)
	} else {
		err = q.deduplicate(f, m.hash)
	}
	if err != nil {
		return err
	}
	q.setFileHeaders(f)
	q.w.Header().Set(headOffset, strconv.FormatInt(f.Off, 10))
	q.w.WriteHeader(http.StatusCreated)
	return nil
}

// deduplicate finishes an upload at once if its owner already has access to a file with the same content. It reveals
// nothing about files of other users.
func (q *fileRequest) deduplicate(f *fileref.File, hash []byte) error {
	if hash == nil || q.grant != nil { // files of the user are not revealed to the holder of a grant
		return nil
	}
	mime, ok, err := q.findDuplicate(hash, f.Size)
	if err != nil || !ok {
		return err
	}
	f.Hash, f.MIME = hash, mime
	// Not placed: if the content is being removed, the upload starts like any other.
	if outcome, err := q.s.c.Log.FinishFile(f, false); err != nil || outcome != eventlog.FinishedShared {
		f.Hash, f.MIME = nil, ""
		return err
	}
	f.Off = f.Size
	q.s.c.Metrics.File("shared")
	q.s.collector.wake()
	return nil
}

// findDuplicate looks for a file with this content that the user may read.
func (q *fileRequest) findDuplicate(hash []byte, size int64) (mime string, ok bool, err error) {
	err = q.view(func(read record.Reader) error {
		same, err := fileref.Same(read, q.device.UID, hash, size)
		if err != nil {
			return err
		}
		for _, id := range same {
			may, err := fileref.MayRead(read, q.device.UID, id, q.s.c.Clock().UnixMilli())
			if err != nil {
				return err
			}
			if !may {
				continue
			}
			known, err := fileref.Load(read, id)
			if err != nil {
				return err
			}
			if known != nil {
				mime, ok = known.MIME, true
				return nil
			}
		}
		return nil
	})
	return mime, ok, err
}

// parseCreation parses the headers of a request that creates an upload.
func (q *fileRequest) parseCreation() (*fileref.File, metadata, error) {
	h := q.r.Header
	switch {
	case h.Get(headConcat) != "":
		return nil, metadata{}, badHeader(errors.New("this server does not support concatenating uploads"))
	case h.Get(headDefer) != "":
		return nil, metadata{}, badHeader(errors.New("Upload-Length is required to create an upload"))
	}
	size, err := parseSize(headLength, h.Get(headLength))
	if err != nil {
		return nil, metadata{}, badHeader(err)
	}
	limit := q.s.limits.Load().MaxFile
	if q.grant != nil && q.grant.maxSize > 0 {
		limit = min(limit, q.grant.maxSize)
	}
	if size > limit {
		return nil, metadata{}, refusal.HTTP(http.StatusRequestEntityTooLarge, "too_large",
			"the file is larger than %d bytes", limit)
	}
	meta := h.Get(headMetadata)
	m, err := parseMetadata(meta)
	if err == nil && !record.ValidText(meta) {
		err = errors.New("Upload-Metadata is not UTF-8")
	}
	if err != nil {
		return nil, metadata{}, badHeader(err)
	}
	now := q.s.c.Clock()
	f := &fileref.File{
		ID: fileref.NewID(), UID: q.device.UID, Size: size, Meta: meta, Name: m.name, WithMessage: m.withMessage,
		Created: now.UnixMilli(), Expires: now.Add(uploadLife).UnixMilli(),
	}
	if q.grant != nil {
		if q.grant.file != "" {
			return nil, metadata{}, refusal.HTTP(http.StatusForbidden, "purpose",
				"this grant is for an upload that has already been created")
		}
		f.Granted = q.grant.number
	}
	return f, m, nil
}

// checkBody checks the headers of a part that starts at off.
func (q *fileRequest) checkBody(f *fileref.File, off int64) error {
	if q.r.Header.Get("Content-Type") != tusBody {
		return refusal.HTTP(http.StatusUnsupportedMediaType, "media_type", "the Content-Type must be %s", tusBody)
	}
	if n := q.r.ContentLength; n > f.Size-off {
		return errBodyTooLong
	}
	return nil
}

// checkRoom refuses if the disk has no room for n more bytes.
func (s *Service) checkRoom(n int64) error {
	free, err := s.c.FreeSpace(s.c.Dir)
	if err != nil {
		return err
	}
	if free < uint64(n)+DiskReserve {
		return errNoRoom
	}
	return nil
}

// room is what is reserved on the disk for a running upload.
type room struct {
	s *Service
	n int64
}

// reserve reserves n bytes of the disk, beside what other running uploads have announced.
func (s *Service) reserve(n int64) (*room, error) {
	if err := s.checkRoom(s.coming.Add(n)); err != nil {
		s.coming.Add(-n)
		return nil, err
	}
	return &room{s, n}, nil
}

// use uses n bytes of what is reserved: they are on the disk now.
func (r *room) use(n int64) {
	n = min(n, r.n)
	r.n -= n
	r.s.coming.Add(-n)
}

// release returns the rest.
func (r *room) release() { r.use(r.n) }

// patch receives a part of an upload.
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
	t, err := q.s.transfers.upload(f.UID, f.ID, q.w)
	if err != nil {
		return err
	}
	defer t.end()
	if f, err = q.onDisk(); err != nil {
		return err
	}
	if from != f.Off {
		return refusal.HTTP(http.StatusConflict, "offset", "the upload continues at offset %d", f.Off)
	}
	if err := q.checkBody(f, f.Off); err != nil {
		return err
	}
	if f.Done == 0 {
		reserved, err := q.s.reserve(f.Size - f.Off)
		if err != nil {
			return err
		}
		defer reserved.release()
		if err := q.s.receive(q.r, f, t, sum, reserved); err != nil {
			return err
		}
	}
	q.setFileHeaders(f)
	q.w.Header().Set(headOffset, strconv.FormatInt(f.Off, 10))
	q.w.WriteHeader(http.StatusNoContent)
	return nil
}

// finish turns a complete upload into a file. f.Hash and f.MIME must be set.
func (s *Service) finish(ctx context.Context, f *fileref.File) error {
	var key string
	err := s.c.Record.View(ctx, func(read record.Reader) (err error) {
		key, err = eventlog.BlobKey(read, f.Hash)
		return err
	})
	if err != nil {
		return err
	}
	placed := s.blobs.bucket == nil
	if key == "" && !placed {
		if err := s.blobs.place(ctx, f.ID, f.MIME); err != nil {
			return err
		}
		placed = true
	}
	outcome, err := s.c.Log.FinishFile(f, placed)
	if err == nil && outcome == eventlog.FinishedUnread { // the existing content is being removed
		if err := s.blobs.place(ctx, f.ID, f.MIME); err != nil {
			return err
		}
		outcome, err = s.c.Log.FinishFile(f, true)
	}
	if err != nil {
		return err
	}
	switch outcome {
	case eventlog.FinishedStored:
		s.c.Metrics.File("stored")
		if err := s.blobs.removeStaged(f.ID); err != nil {
			s.c.Logger.Warn("upload", slog.Any("error", err)) // the collector removes it after the next start
		}
	case eventlog.FinishedShared:
		s.c.Metrics.File("shared")
		s.collector.wake()
	case eventlog.FinishedGone, eventlog.FinishedUnread:
		return errNotFound
	}
	f.Off = f.Size
	return nil
}

var errBodyTooLong = refusal.HTTP(http.StatusRequestEntityTooLarge, "too_much",
	"the upload is longer than %s", headLength)
