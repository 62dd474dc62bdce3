package server

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
)

// maxRanges is how many parts of a file one request may ask for.
const maxRanges = 16

// download serves a file, or a part of it.
func (q *fileRequest) download() error {
	if q.id == "" {
		return errNotThere
	}
	if err := q.identify(forDownload); err != nil {
		return err
	}
	f, err := q.readable()
	if err != nil {
		return err
	}
	t, err := q.s.transfers.download(q.dev.uid, q.w)
	if err != nil {
		return err
	}
	defer t.end()
	c, err := q.s.files.open(q.r.Context(), f.key)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			q.s.log.Error("the content of a file is missing", slog.String("file", string(f.id)))
			return errNotThere
		}
		return err
	}
	defer func() { _ = c.Close() }() // it was only read
	h := q.w.Header()
	h.Set("Content-Type", f.mime)
	h.Set("Content-Disposition", disposition(f.name))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("Cache-Control", "private, no-cache")
	h.Set("ETag", `"`+hex.EncodeToString(f.hash)+`"`)
	h.Set("Repr-Digest", reprDigest(f.hash))
	if err := t.moved(0); err != nil {
		return err
	}
	if strings.Count(q.r.Header.Get("Range"), ",") >= maxRanges {
		q.r.Header.Del("Range") // each costs more than its bytes; a server may send the whole
	}
	http.ServeContent(roomy{q.w}, q.r, "", time.Time{}, &sending{content: c, t: t, metrics: q.s.metrics})
	if err := http.NewResponseController(q.w).Flush(); err != nil {
		q.s.log.Debug("download", slog.Any("error", err))
	}
	t.rest()
	return nil
}

// readable finds the file of a request that asks for its content.
func (q *fileRequest) readable() (*fileRow, error) {
	if q.grant != nil && q.grant.file != "" && q.grant.file != q.id {
		return nil, errNotThere
	}
	f, err := q.load()
	if err != nil {
		return nil, err
	}
	ok, err := mayRead(q.reading(), q.dev.uid, q.id, q.s.opts.Clock().UnixMilli())
	switch {
	case err != nil:
		return nil, err
	case f == nil || f.done == 0 || !ok:
		return nil, errNotThere
	}
	return f, nil
}

// disposition makes browsers save the file, under a name that does no harm.
func disposition(name string) string {
	d := mime.FormatMediaType("attachment", map[string]string{"filename": offeredName(name)})
	if d == "" {
		return "attachment"
	}
	return d
}

// sending is content on its way. Each piece that is read means that the one before has gone.
type sending struct {
	content

	t       *transfer
	metrics *metrics
}

func (s *sending) Read(b []byte) (int, error) {
	n, err := s.content.Read(b)
	s.metrics.fileBytes("out", n)
	if stopped := s.t.moved(int64(n)); stopped != nil {
		return 0, fmt.Errorf("download: %w", stopped)
	}
	return n, err //nolint:wrapcheck // io.EOF among them
}

// roomy is an answer that takes content in large pieces.
type roomy struct{ http.ResponseWriter }

// ReadFrom implements io.ReaderFrom.
func (w roomy) ReadFrom(r io.Reader) (int64, error) {
	buf, _ := pieces.Get().(*[receiveSize]byte)
	defer pieces.Put(buf)
	return io.CopyBuffer(struct{ io.Writer }{w.ResponseWriter}, struct{ io.Reader }{r}, buf[:]) //nolint:wrapcheck // nobody looks at it
}
