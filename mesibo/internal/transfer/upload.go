package transfer

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// Upload is a file to be uploaded.
type Upload struct {
	Path string
	// Name and MIME are sent to the server; they may be empty.
	Name, MIME string
	// Tell has the server told what the file holds before it is sent: what it knows of this user need not be sent
	// again. It costs the time to read the file once.
	Tell bool
	// Earlier is what Save was given in an earlier run, zero for none.
	Earlier Place
	// Save keeps where the upload goes on, before the first byte is sent there; nil keeps nothing.
	Save func(p Place) error
	// Progress is called with how far it is, by one goroutine at a time; it never falls. nil when not wanted.
	Progress func(done, total int64)
}

// Place is where an upload goes on.
type Place struct {
	URL   string
	Trace string // of the file, to know it again
}

const (
	firstChunk = 4 << 20
	mostChunk  = 256 << 20
	leastChunk = 64 << 10
	// quick is how long a part may take when the next is to be larger: a proxy that collects a part before it
	// passes it on loses little work with it. A server itself keeps what has come of a part.
	quick = time.Second
	// withCreation is the largest file that travels with the request that makes the upload: what is lost with a
	// lost answer.
	withCreation = 256 << 10
	// mostRefusals is how often a part in a row may not be understood: it may have been cut off on its way.
	mostRefusals = 3
	// mostRestarts is how often an upload starts again because the server has forgotten it.
	mostRestarts = 2
)

// uploading is one run of an upload.
type uploading struct {
	c        *Client
	u        *Upload
	src      *source
	meter    *meter
	url      string // what the server calls it
	at       string // how it is reached
	known    bool   // offset is what the server has
	offset   int64  // bytes that the server has
	digest   string // of the whole, as the server says once it has all
	chunk    int64  // bytes of the next part: less after a failure, more after a success, most at most
	most     int64
	sum      *follower
	restarts int
	spoilt   int // how often the whole was damaged
	refusals int // answers that say that a part was not understood, in a row
}

// Upload uploads a file and returns the URL under which the server has it. It tries again after what may pass,
// waits while there is no connection, and ends with ctx, whose cause it then returns. Other errors are ErrLater,
// final ones of this package, and those of reading the file.
func (c *Client) Upload(ctx context.Context, u Upload) (string, error) {
	src, err := openSource(u.Path)
	if err != nil {
		return "", err
	}
	defer func() { _ = src.file.Close() }() // it was only read
	up := &uploading{
		c: c, u: &u, src: src, sum: src.follow(), meter: &meter{total: src.size(), report: u.Progress},
		chunk: firstChunk, most: mostChunk,
	}
	defer func() { up.sum.stop() }()
	if at, ok := c.here(u.Earlier.URL); ok {
		if u.Earlier.Trace != src.trace {
			c.terminate(ctx, at)
			return "", ErrChanged
		}
		up.url, up.at = u.Earlier.URL, at
	}
	err = c.retry(ctx, up.meter, up.try)
	if err == nil {
		err = src.checkTrace()
	}
	if up.at != "" && over(ctx, err) {
		c.terminate(ctx, up.at)
	}
	if err != nil {
		return "", err
	}
	return up.url, nil
}

// over reports whether an upload is not resumed after an error: not when it was stopped, or may succeed later.
func over(ctx context.Context, err error) bool {
	return err != nil && (errors.Is(err, ErrChanged) || errors.Is(err, ErrUnreadable) || ctx.Err() == nil &&
		!errors.Is(err, ErrLater))
}

// try gets as far as it can.
func (u *uploading) try(ctx context.Context) (err error) {
	defer func() {
		if err != nil {
			u.known, u.chunk = false, max(u.chunk/2, leastChunk)
		}
	}()
	for {
		if err := u.src.check(); err != nil {
			return err
		}
		switch {
		case u.at == "":
			err = u.create(ctx)
		case !u.known:
			err = u.locate(ctx)
		case u.offset < u.src.size():
			err = u.patch(ctx)
		default:
			return u.verify(ctx)
		}
		if u.at != "" && errors.Is(err, ErrGone) && u.restarts < mostRestarts {
			u.restarts++
			u.restart()
			err = nil
		}
		if err != nil {
			return err
		}
	}
}

// restart starts the upload again.
func (u *uploading) restart() { u.url, u.at, u.known, u.offset, u.digest = "", "", false, 0, "" }

// verify compares what the server has with the file.
func (u *uploading) verify(ctx context.Context) error {
	want, err := u.sum.whole(ctx)
	if err != nil {
		return err
	}
	if u.digest == "" {
		return fmt.Errorf("%w: it does not say what it has", ErrRefused)
	}
	if strings.Contains(u.digest, want) {
		return nil
	}
	if err := u.src.checkTrace(); err != nil {
		return err
	}
	u.c.terminate(ctx, u.at)
	u.restart()
	if u.spoilt++; u.spoilt > 1 {
		return ErrDamaged
	}
	u.sum.stop()
	u.sum = u.src.follow()
	return again(ErrDamaged)
}

// create makes the upload. A small file goes with the request.
func (u *uploading) create(ctx context.Context) error {
	size := u.src.size()
	header := http.Header{"Upload-Length": {strconv.FormatInt(size, 10)}}
	n, sum := int64(0), ""
	if size <= withCreation {
		n = size
	} else if u.u.Tell {
		u.sum.reach(size)
		whole, err := u.sum.digest(ctx)
		if err != nil {
			return err
		}
		sum = string(whole)
	}
	name := u.u.Name
	if name != "" {
		name = SafeName(name) // the server accepts no others
	}
	if meta := metadata("filename", name, "filetype", u.u.MIME, "sha256", sum); meta != "" {
		header.Set("Upload-Metadata", meta)
	}
	answer, err := u.send(ctx, http.MethodPost, u.c.Base.JoinPath(u.c.Folder).String(), header, n)
	if err != nil {
		return err
	}
	defer discard(answer)
	if answer.StatusCode != http.StatusCreated {
		if err = statusError(answer); errors.Is(err, ErrGone) || answer.StatusCode == http.StatusMethodNotAllowed {
			return ErrNoService
		}
		return u.refused(answer, n, err)
	}
	at, ok := u.c.here(answer.Header.Get("Location"))
	if !ok {
		return fmt.Errorf("%w: it names no place for it", ErrRefused)
	}
	location, err := u.c.Base.Parse(answer.Header.Get("Location"))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrRefused, err)
	}
	u.url, u.at, u.digest = location.String(), at, answer.Header.Get("Repr-Digest")
	if u.u.Save != nil {
		if err := u.u.Save(Place{URL: u.url, Trace: u.src.trace}); err != nil {
			return err
		}
	}
	if n == 0 {
		n = -1 // nothing was sent; the server may have the content already
	}
	return u.take(answer, n)
}

// metadata writes Upload-Metadata, without the empty values.
func metadata(pairs ...string) string {
	var out []string
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			out = append(out, pairs[i]+" "+base64.StdEncoding.EncodeToString([]byte(pairs[i+1])))
		}
	}
	return strings.Join(out, ",")
}

// locate asks how much the server has.
func (u *uploading) locate(ctx context.Context) error {
	answer, err := u.send(ctx, http.MethodHead, u.at, http.Header{}, 0)
	if err != nil {
		return err
	}
	defer discard(answer)
	if answer.StatusCode != http.StatusOK && answer.StatusCode != http.StatusNoContent {
		return statusError(answer)
	}
	length, err := strconv.ParseInt(answer.Header.Get("Upload-Length"), 10, 64)
	if err != nil || length != u.src.size() {
		return fmt.Errorf("%w: an upload of another size", ErrGone)
	}
	return u.take(answer, -1)
}

// patch sends the next part.
func (u *uploading) patch(ctx context.Context) error {
	n := min(u.chunk, u.src.size()-u.offset)
	header := http.Header{"Upload-Offset": {strconv.FormatInt(u.offset, 10)}}
	began := time.Now()
	answer, err := u.send(ctx, http.MethodPatch, u.at, header, n)
	if err != nil {
		return err
	}
	defer discard(answer)
	if answer.StatusCode != http.StatusNoContent && answer.StatusCode != http.StatusOK {
		return u.refused(answer, n, statusError(answer))
	}
	if err := u.take(answer, u.offset+n); err != nil {
		return err
	}
	if time.Since(began) < quick {
		u.chunk = min(u.chunk*2, u.most)
	}
	return nil
}

// refused reports whether a part that was not taken is worth sending again.
func (u *uploading) refused(answer *http.Response, n int64, err error) error {
	if answer.StatusCode == http.StatusRequestEntityTooLarge && u.at != "" && n > leastChunk { // for a proxy on the way
		u.most = max(n/4, leastChunk)
		u.chunk = 2 * u.most // halved by the failure
		return again(err)
	}
	if answer.StatusCode != http.StatusBadRequest || n == 0 {
		return err
	}
	if u.refusals++; u.refusals > mostRefusals {
		return err
	}
	return again(err)
}

// take notes the offset that the server names; want is what it should be, negative for any.
func (u *uploading) take(answer *http.Response, want int64) error {
	offset, err := strconv.ParseInt(answer.Header.Get("Upload-Offset"), 10, 64)
	if err != nil || offset < 0 || offset > u.src.size() || want >= 0 && offset != want {
		return again(errors.New("the server names a wrong offset"))
	}
	if want >= 0 {
		u.refusals = 0
	}
	u.offset, u.known, u.digest = offset, true, answer.Header.Get("Repr-Digest")
	u.sum.reach(offset)
	u.meter.settle(offset)
	return nil
}

// send makes a request with the n bytes of the file at the offset.
func (u *uploading) send(
	ctx context.Context, method, target string, header http.Header, n int64,
) (*http.Response, error) {
	ctx, touch, release := u.c.patient(ctx)
	header.Set("Tus-Resumable", "1.0.0")
	var body io.Reader = http.NoBody
	if n > 0 {
		header.Set("Content-Type", "application/offset+octet-stream")
		var sent atomic.Int64
		sent.Store(u.offset)
		body = &watched{ctx: ctx, r: u.src.full(u.offset, n), limit: u.c.UploadRate, moved: func(b []byte) {
			touch()
			at := sent.Add(int64(len(b)))
			u.sum.feed(at-int64(len(b)), b)
			u.meter.underway(at)
		}}
	}
	request, err := http.NewRequestWithContext(ctx, method, target, body)
	if err != nil {
		release()
		return nil, fmt.Errorf("make request: %w", err)
	}
	request.ContentLength = n
	request.Header = header
	return u.c.do(request, u.c.HTTP, true, release)
}

// do sends a request; the answer's body calls release when it is closed.
func (c *Client) do(
	request *http.Request, through *http.Client, withToken bool, release func(),
) (*http.Response, error) {
	if withToken {
		request.Header.Set("Authorization", "Bearer "+c.Bearer())
	}
	answer, err := through.Do(request)
	if err != nil {
		release()
		if errors.Is(context.Cause(request.Context()), errStalled) {
			err = errStalled
		}
		if errors.Is(err, ErrChanged) || errors.Is(err, ErrUnreadable) {
			return nil, withoutURL(err)
		}
		return nil, again(withoutURL(err))
	}
	answer.Body = &released{answer.Body, release}
	return answer, nil
}

// withoutURL leaves the address out of an error: it may be long, and it opens the file.
func withoutURL(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		return e.Err
	}
	return err
}

// released is a body that calls a function when it is closed.
type released struct {
	io.ReadCloser
	release func()
}

func (r *released) Close() error {
	defer r.release()
	return r.ReadCloser.Close() //nolint:wrapcheck // it is not looked at
}

// discard ends an answer in which nothing is of interest, so that its connection can be used again.
func discard(answer *http.Response) {
	_, _ = io.CopyN(io.Discard, answer.Body, maxReason) // to use the connection again, no more
	_ = answer.Body.Close()
}

// terminate tells the server that an upload will not go on, also after ctx has ended for that reason. It is a
// courtesy: the server forgets it in the end anyway.
func (c *Client) terminate(ctx context.Context, target string) {
	const courtesy = 5 * time.Second
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), courtesy)
	request, err := http.NewRequestWithContext(ctx, http.MethodDelete, target, nil)
	if err != nil {
		cancel()
		return
	}
	request.Header.Set("Tus-Resumable", "1.0.0")
	if answer, err := c.do(request, c.HTTP, true, cancel); err == nil {
		discard(answer)
	}
}
