package transfer

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// Download is a file to be downloaded.
type Download struct {
	URL string
	// Path is where the file is to be. When it is empty the file is put into Folder, under a name made of Title.
	Path, Folder, Title string
	// Part is the name of the unfinished file beside it. Downloads of the same file have the same, others another.
	Part string
	// ETag is what Save was given in an earlier run, empty for none.
	ETag string
	// Save keeps the ETag, before the first byte is written; nil keeps nothing.
	Save func(etag string) error
	// MaxSize bounds what is fetched, 0: unbounded.
	MaxSize int64
	// Asked: the user wants exactly this file, so it may come from elsewhere than the server.
	Asked bool
	// Progress is called with how far it is, by one goroutine at a time; it never falls. nil when not wanted.
	Progress func(done, total int64)
}

const (
	// reserve is how much of the disk a download leaves free, roomEvery after how many bytes that is looked at again.
	reserve   = 16 << 20
	roomEvery = 64 << 20
	// mostUnknown bounds a file of which its server does not say how long it is.
	mostUnknown = 4 << 30
)

// downloading is one run of a download.
type downloading struct {
	c      *Client
	d      *Download
	target string
	own    bool // from the client's server
	part   *part
	meter  *meter
	etag   string
	total  int64 // -1 while unknown
	roomed int64 // how far it was when there was room for the rest
	spoilt int   // how often the whole was damaged
}

// Download fetches a file and returns the path where it is. What it fetches is in an unfinished file beside it
// until it is complete, right and on the disk. It tries again after what may pass, waits while there is no
// connection, and ends with ctx, whose cause it then returns. Other errors are ErrLater, final ones of this
// package, and those of writing the file.
func (c *Client) Download(ctx context.Context, d Download) (path string, err error) {
	run := &downloading{c: c, d: &d, etag: d.ETag, total: -1, meter: &meter{report: d.Progress}}
	if run.target, run.own, err = c.find(d.URL, d.Asked); err != nil {
		return "", err
	}
	if run.part, err = openPart(&d); err != nil {
		return "", fullError(err)
	}
	defer func() { err = errors.Join(err, run.part.close()) }()
	if d.ETag == "" {
		err = run.part.restart()
	} else {
		err = run.part.resume()
	}
	if err != nil {
		return "", run.leave(fullError(err))
	}
	if err := c.retry(ctx, run.meter, run.try); err != nil {
		return "", run.leave(err)
	}
	if path, err = run.part.finish(&d); err != nil {
		return "", run.leave(fullError(err))
	}
	return path, nil
}

// leave removes the unfinished file when it is of no use, or its room is needed.
func (d *downloading) leave(err error) error {
	if final(err) || errors.Is(err, ErrDiskFull) {
		return errors.Join(err, d.part.remove())
	}
	return err
}

// final reports whether an unfinished file is of no use after an error.
func final(err error) bool {
	for _, e := range []error{ErrGone, ErrDenied, ErrTooLarge, ErrDamaged, ErrRefused} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// find returns where a file is fetched. From elsewhere than the server nothing is fetched automatically, and
// nothing in the clear: a message must not make this device show itself to whom its sender likes.
func (c *Client) find(ref string, asked bool) (target string, own bool, err error) {
	if target, ok := c.here(ref); ok {
		return target, true, nil
	}
	u, err := url.Parse(ref)
	if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || !asked || c.Elsewhere == nil {
		return "", false, ErrURL
	}
	return u.String(), false, nil
}

// try gets as far as it can.
func (d *downloading) try(ctx context.Context) error {
	ctx, touch, release := d.c.patient(ctx)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, d.target, nil)
	if err != nil {
		release()
		return fmt.Errorf("make request: %w", err)
	}
	if d.part.size > 0 {
		request.Header.Set("Range", fmt.Sprintf("bytes=%d-", d.part.size))
		request.Header.Set("If-Range", d.etag)
	}
	through := d.c.HTTP
	if !d.own {
		through = d.c.Elsewhere
	}
	answer, err := d.c.do(request, through, d.own, release)
	if err != nil {
		return err
	}
	defer func(body io.Closer) { _ = body.Close() }(answer.Body) // what matters of it was read
	if err := d.begin(answer); err != nil {
		return err
	}
	body := &watched{ctx: ctx, r: answer.Body, limit: d.c.DownloadRate, moved: func([]byte) { touch() }}
	if err := d.receive(ctx, body); err != nil {
		return err
	}
	return d.verify()
}

// begin reads the head of an answer, and makes the unfinished file fit to it.
func (d *downloading) begin(answer *http.Response) error {
	if err := checkCoding(answer); err != nil {
		return err
	}
	switch answer.StatusCode {
	case http.StatusPartialContent:
		at, total, err := contentRange(answer.Header.Get("Content-Range"))
		if err != nil || at != d.part.size || answer.Header.Get("ETag") != d.etag {
			return errors.Join(d.forget(), again(errors.New("the server sends another part than was asked for")))
		}
		d.total = total
	case http.StatusOK:
		if err := d.forget(); err != nil {
			return err
		}
		if d.total = answer.ContentLength; d.total < 0 && d.own {
			return fmt.Errorf("%w: it does not say how long the file is", ErrRefused)
		}
		if err := d.keep(answer.Header.Get("ETag")); err != nil {
			return err
		}
	case http.StatusRequestedRangeNotSatisfiable:
		_, total, err := contentRange(answer.Header.Get("Content-Range"))
		if err != nil || total != d.part.size { // there is more here than there
			return errors.Join(d.forget(), again(errors.New("the file on the server is another one")))
		}
		d.total = total
		answer.Body = http.NoBody // nothing is missing
	default:
		return statusError(answer)
	}
	d.meter.begin(d.total)
	d.meter.settle(d.part.size)
	return d.room()
}

// checkCoding refuses what was not asked for: what is packed may be anything, and of any size.
func checkCoding(answer *http.Response) error {
	if coding := answer.Header.Get("Content-Encoding"); coding != "" && coding != "identity" {
		return fmt.Errorf("%w: it sends something else than the file: %.20q", ErrRefused, coding)
	}
	return nil
}

// forget makes the download start again.
func (d *downloading) forget() error {
	d.etag = ""
	return fullError(d.part.restart())
}

// keep notes a strong ETag, by which the download can go on later.
func (d *downloading) keep(etag string) error {
	if strings.HasPrefix(etag, "W/") {
		etag = ""
	}
	d.etag = etag
	if d.d.Save == nil || etag == "" {
		return nil
	}
	return d.d.Save(etag)
}

// room checks that the rest is wanted and fits.
func (d *downloading) room() error {
	d.roomed = d.part.size
	if d.d.MaxSize > 0 && d.total > d.d.MaxSize {
		return ErrTooLarge
	}
	free := d.c.Free
	if free == nil {
		free = freeSpace
	}
	left, err := free(d.part.folder)
	if err != nil {
		return err
	}
	rest := max(d.total-d.part.size, 0)
	if (rest > 0 || d.total < 0) && uint64(rest)+reserve > left {
		return fmt.Errorf("%w: %d bytes are needed", ErrDiskFull, rest)
	}
	return nil
}

// tooMuch reports whether more comes than is wanted.
func (d *downloading) tooMuch(size int64) bool {
	return d.d.MaxSize > 0 && size > d.d.MaxSize || d.total < 0 && size > mostUnknown
}

// receive writes what comes to the end of the unfinished file.
func (d *downloading) receive(ctx context.Context, body io.Reader) error {
	for {
		if ctx.Err() != nil { // what has come may be read for long after that
			return again(context.Cause(ctx))
		}
		buffer := d.part.sum.buffer()
		n, err := body.Read(buffer)
		if d.tooMuch(d.part.size + int64(n)) {
			d.part.sum.add(buffer[:0])
			return ErrTooLarge
		}
		if err := d.part.write(buffer[:n]); err != nil {
			return fullError(err)
		}
		d.meter.settle(d.part.size)
		if d.part.size-d.roomed >= roomEvery {
			if err := d.room(); err != nil {
				return err
			}
		}
		switch {
		case errors.Is(err, io.EOF):
			return d.complete()
		case err != nil:
			if errors.Is(context.Cause(ctx), errStalled) {
				err = errStalled
			}
			return errors.Join(again(fmt.Errorf("receive: %w", err)), d.unlessResumable())
		}
	}
}

// complete reports whether all is there.
func (d *downloading) complete() error {
	switch {
	case d.total >= 0 && d.part.size < d.total:
		return errors.Join(again(io.ErrUnexpectedEOF), d.unlessResumable())
	case d.total >= 0 && d.part.size > d.total:
		return errors.Join(again(errors.New("the server sent too much")), d.forget())
	}
	return nil
}

// unlessResumable starts again when the server gave nothing by which to go on.
func (d *downloading) unlessResumable() error {
	if d.etag != "" {
		return nil
	}
	return d.forget()
}

// verify compares the whole with the checksum that is the server's ETag, if it is one.
func (d *downloading) verify() error {
	want, ok := etagHash(d.etag)
	if !ok || d.part.matches(want) {
		return nil
	}
	if d.spoilt++; d.spoilt > 1 {
		return ErrDamaged
	}
	return errors.Join(d.forget(), again(ErrDamaged))
}

// etagHash reads the SHA-256 that an ETag is.
func etagHash(etag string) ([]byte, bool) {
	text, ok := strings.CutPrefix(etag, `"`)
	if !ok {
		return nil, false
	}
	text, ok = strings.CutSuffix(text, `"`)
	text = strings.TrimPrefix(strings.TrimPrefix(text, "sha256-"), "sha256:")
	sum, err := hex.DecodeString(text)
	if !ok || err != nil || len(sum) != hashSize {
		return nil, false
	}
	return sum, true
}

var errRange = errors.New("not a range of bytes")

// contentRange reads "bytes 5-9/10", and "bytes */10", whose beginning is -1.
func contentRange(s string) (at, total int64, err error) {
	text, ok := strings.CutPrefix(s, "bytes ")
	span, size, found := strings.Cut(text, "/")
	if !ok || !found {
		return 0, 0, errRange
	}
	if total, err = strconv.ParseInt(size, 10, 64); err != nil || total < 0 {
		return 0, 0, errRange
	}
	if span == "*" {
		return -1, total, nil
	}
	first, last, found := strings.Cut(span, "-")
	at, err = strconv.ParseInt(first, 10, 64)
	end, lastErr := strconv.ParseInt(last, 10, 64)
	if !found || err != nil || lastErr != nil || at < 0 || end < at || end != total-1 {
		return 0, 0, errRange
	}
	return at, total, nil
}

// fullError names the reason when there was no room on the disk.
func fullError(err error) error {
	if err != nil && isFull(err) {
		return fmt.Errorf("%w: %w", ErrDiskFull, err)
	}
	return err
}
