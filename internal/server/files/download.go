package files

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/parley-chat/parley/internal/server/fileref"
	"github.com/parley-chat/parley/internal/server/record"
)

// maxRanges is the maximum number of ranges in one request.
const maxRanges = 16

// download serves a file, or a part of it.
func (q *fileRequest) download() error {
	if q.id == "" {
		return errNotFound
	}
	if err := q.identify(forDownload); err != nil {
		return err
	}
	f, err := q.readableFile()
	if err != nil {
		return err
	}
	t, err := q.s.transfers.download(q.device.UID, q.w)
	if err != nil {
		return err
	}
	defer t.end()
	c, err := q.s.blobs.open(q.r.Context(), f.Key)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			q.s.c.Logger.Error("the content of a file is missing", slog.String("file", string(f.ID)))
			return errNotFound
		}
		return err
	}
	defer func() { _ = c.Close() }() // opened for reading only
	h := q.w.Header()
	h.Set("Content-Type", f.MIME)
	h.Set("Content-Disposition", disposition(f.Name))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("Cache-Control", "private, no-cache")
	h.Set("ETag", `"`+hex.EncodeToString(f.Hash)+`"`)
	h.Set("Repr-Digest", reprDigest(f.Hash))
	if err := t.moved(0); err != nil {
		return err
	}
	if strings.Count(q.r.Header.Get("Range"), ",") >= maxRanges {
		q.r.Header.Del("Range") // send the whole file instead of many small parts
	}
	http.ServeContent(largeWriter{q.w}, q.r, "", time.Time{}, &contentReader{content: c, t: t, metrics: q.s.c.Metrics})
	if err := http.NewResponseController(q.w).Flush(); err != nil {
		q.s.c.Logger.Debug("download", slog.Any("error", err))
	}
	t.clearDeadline()
	return nil
}

// readableFile returns the requested file if the user may read it.
func (q *fileRequest) readableFile() (*fileref.File, error) {
	if q.grant != nil && q.grant.file != "" && q.grant.file != q.id {
		return nil, errNotFound
	}
	f, err := q.load()
	if err != nil {
		return nil, err
	}
	ok := false
	err = q.view(func(read record.Reader) error {
		ok, err = fileref.MayRead(read, q.device.UID, q.id, q.s.c.Clock().UnixMilli())
		return err
	})
	switch {
	case err != nil:
		return nil, err
	case f == nil || f.Done == 0 || !ok:
		return nil, errNotFound
	}
	return f, nil
}

// disposition returns a Content-Disposition that makes browsers save the file under a safe name.
func disposition(name string) string {
	d := mime.FormatMediaType("attachment", map[string]string{"filename": offeredName(name)})
	if d == "" {
		return "attachment"
	}
	return d
}

// contentReader reads content and reports progress: each read means that the previous part was written.
type contentReader struct {
	content

	t       *transfer
	metrics Metrics
}

func (s *contentReader) Read(b []byte) (int, error) {
	n, err := s.content.Read(b)
	s.metrics.FileBytes("out", n)
	if stopped := s.t.moved(int64(n)); stopped != nil {
		return 0, fmt.Errorf("download: %w", stopped)
	}
	return n, err //nolint:wrapcheck // io.EOF among them
}

// largeWriter is a response that is copied with large buffers.
type largeWriter struct{ http.ResponseWriter }

// ReadFrom implements io.ReaderFrom.
func (w largeWriter) ReadFrom(r io.Reader) (int64, error) {
	buf, _ := bodyBuffers.Get().(*[receiveSize]byte)
	defer bodyBuffers.Put(buf)
	src, dst := struct{ io.Reader }{r}, struct{ io.Writer }{w.ResponseWriter}
	return io.CopyBuffer(dst, src, buf[:]) //nolint:wrapcheck // http.ServeContent ignores it
}
