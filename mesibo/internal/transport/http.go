package transport

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"
)

const (
	// bulkBuffer is the buffer of connections that carry files, of which there are few.
	bulkBuffer  = 64 << 10
	idleTimeout = 90 * time.Second
	dialTimeout = 15 * time.Second
	mostHops    = 5
)

// HTTPClient makes a client for requests beside the connection: it dials as Dial does and knows the server by the
// same pin. It does not follow the server elsewhere. Its idle connections are to be closed at the end.
func (e Endpoint) HTTPClient() *http.Client {
	t := e.newTransport()
	t.TLSClientConfig = e.TLS()
	return &http.Client{
		Transport:     t,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// ForeignClient makes a client for other servers, which follows redirections as long as they are encrypted.
func (e Endpoint) ForeignClient() *http.Client {
	return &http.Client{
		Transport: e.newTransport(),
		CheckRedirect: func(r *http.Request, via []*http.Request) error {
			if r.URL.Scheme != "https" || len(via) >= mostHops {
				return errors.New("the server leads to somewhere else")
			}
			return nil
		},
	}
}

func (e Endpoint) newTransport() *http.Transport {
	dial := e.NetDial
	if dial == nil {
		dial = (&net.Dialer{Timeout: dialTimeout}).DialContext
	}
	return &http.Transport{
		Proxy: e.proxy(), TLSHandshakeTimeout: handshakeTimeout, IdleConnTimeout: idleTimeout,
		DisableCompression: true, ReadBufferSize: bulkBuffer, WriteBufferSize: bulkBuffer,
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := dial(ctx, network, address)
			if err != nil {
				return nil, fmt.Errorf("connect: %w", err)
			}
			return conn, nil
		},
	}
}
