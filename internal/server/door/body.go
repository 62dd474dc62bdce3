package door

import (
	"io"
	"net/http"
)

// body is the body of a request; it notes when it was read to its end.
type body struct {
	io.ReadCloser

	read  func() // called at the end; nil: nothing
	ended bool
}

func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err == io.EOF && !b.ended { // a Reader returns it bare
		b.ended = true
		if b.read != nil {
			b.read()
		}
	}
	return n, err //nolint:wrapcheck // io.EOF among them
}

// answer is the response to a request. The connection is closed after one that leaves a body unread, or refuses a token.
type answer struct {
	http.ResponseWriter

	body    *body // nil: none was announced
	upload  bool  // net/http knows what to do with the rest of a large body
	started bool
	close   bool // the connection ends, without the rest of the body
}

func (a *answer) WriteHeader(status int) {
	if !a.started && status >= http.StatusOK {
		a.started = true
		if (a.body != nil && !a.body.ended && !a.upload) || status == http.StatusUnauthorized {
			a.close = true
			a.Header().Set("Connection", "close")
		}
	}
	a.ResponseWriter.WriteHeader(status)
}

func (a *answer) Write(p []byte) (int, error) {
	if !a.started {
		a.WriteHeader(http.StatusOK)
	}
	return a.ResponseWriter.Write(p) //nolint:wrapcheck // the caller's business
}

// Unwrap is for http.ResponseController.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }
