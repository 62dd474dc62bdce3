package mesibo

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/parley-chat/parley/internal/wire"
	"github.com/parley-chat/parley/mesibo/internal/transport"
)

// Device is a device of this user: an access token.
type Device struct {
	ID string
	// Label is what whoever made the token called the device, App the only application that may use it; both may be
	// empty.
	Label, App string
	Created    time.Time
	Expires    time.Time // zero: never
	Current    bool      // it is this one
	Online     bool      // it is connected
	Seen       time.Time // when it was connected last, within a minute; zero: never
	Place      string    // the network that it came from, such as 192.0.2.0/24; it may be empty
}

// ErrNoDevice is in the error of RemoveDevice when this user has no such device.
var ErrNoDevice = errors.New("no such device")

// GetDevices asks the server for the devices of this user, oldest first. It waits for the answer. Errors: ResultFail
// without a token and when the server does not know the request, ResultAuthFail when it refuses the token,
// ResultConnectFail when it does not answer.
func (m *Mesibo) GetDevices(ctx context.Context) ([]Device, error) {
	const op = "GetDevices"
	var rows []struct {
		ID, Label, App, Place  string
		Created, Expires, Seen int64
		Current, Online        bool
	}
	body, err := m.askHTTP(ctx, op, http.MethodGet, wire.DevicesPath, nil)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(body, &rows); err != nil {
		return nil, opError(op, ResultFail, fmt.Errorf("read the answer: %w", err))
	}
	list := make([]Device, len(rows))
	for i, r := range rows {
		list[i] = Device{
			ID: r.ID, Label: r.Label, App: r.App, Created: time.UnixMilli(r.Created), Current: r.Current,
			Online: r.Online, Place: r.Place,
		}
		if r.Expires != 0 {
			list[i].Expires = time.UnixMilli(r.Expires)
		}
		if r.Seen != 0 {
			list[i].Seen = time.UnixMilli(r.Seen)
		}
	}
	return list, nil
}

// RemoveDevice signs out a device of this user for good: its token is revoked, and its connection ends in
// StatusAuthFail. It may be this one; an empty id is this one. Errors are those of GetDevices, and ResultBadRequest with
// ErrNoDevice.
func (m *Mesibo) RemoveDevice(ctx context.Context, id string) error {
	const op = "RemoveDevice"
	if id == "" {
		m.mu.Lock()
		if m.token != nil {
			id = m.token.ID()
		}
		m.mu.Unlock()
	}
	_, err := m.askHTTP(ctx, op, http.MethodDelete, wire.DevicesPath+"/"+url.PathEscape(id), nil)
	return err
}

// SetDeviceLabel changes what a device of this user is called. Errors are those of RemoveDevice.
func (m *Mesibo) SetDeviceLabel(ctx context.Context, id, label string) error {
	_, err := m.askHTTP(ctx, "SetDeviceLabel", http.MethodPatch, wire.DevicesPath+"/"+url.PathEscape(id),
		map[string]any{"label": label})
	return err
}

// askHTTP sends a request with the access token and returns the answer's body.
func (m *Mesibo) askHTTP(ctx context.Context, op, method, path string, body any) ([]byte, error) {
	to, err := m.ownEndpoint(op)
	if err != nil {
		return nil, err
	}
	status, answer, err := m.requestHTTP(ctx, op, to, method, path, body)
	switch {
	case err != nil:
		return nil, err
	case status == http.StatusOK, status == http.StatusNoContent:
		return answer, nil
	case status == http.StatusUnauthorized:
		return nil, opError(op, ResultAuthFail, errors.New(http.StatusText(status)))
	case status == http.StatusForbidden:
		return nil, opError(op, ResultDenied, errors.New(http.StatusText(status)))
	case status == http.StatusNotFound && method != http.MethodGet:
		return nil, opError(op, ResultBadRequest, ErrNoDevice)
	case status >= http.StatusInternalServerError:
		return nil, opError(op, ResultConnectFail, errors.New(http.StatusText(status)))
	default:
		return nil, opError(op, ResultFail, errors.New(http.StatusText(status)))
	}
}

// ownEndpoint is the server of this user, with the token.
func (m *Mesibo) ownEndpoint(op string) (transport.Endpoint, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.token == nil {
		return transport.Endpoint{}, opError(op, ResultFail, errors.New("no access token"))
	}
	return transport.Endpoint{URL: m.token.URL, Bearer: m.bearer, Pin: m.token.Pin}, nil
}

// requestHTTP sends a request to a server, whose token may be missing, and returns the status and the body of the answer.
func (m *Mesibo) requestHTTP(
	ctx context.Context, op string, to transport.Endpoint, method, path string, body any,
) (status int, answer []byte, err error) {
	const most, patience = 1 << 20, 20 * time.Second
	m.mu.Lock()
	base, _, err := m.checkURL(to.URL)
	to.NetDial, to.Proxy = m.netDial, m.proxy
	m.mu.Unlock()
	if err != nil {
		return 0, nil, opError(op, ResultDenied, err)
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	content := io.Reader(http.NoBody)
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return 0, nil, opError(op, ResultFail, err)
		}
		content = bytes.NewReader(text)
	}
	request, err := http.NewRequestWithContext(ctx, method, strings.TrimSuffix(base.String(), "/")+path, content)
	if err != nil {
		return 0, nil, opError(op, ResultFail, err)
	}
	if to.Bearer != "" {
		request.Header.Set("Authorization", "Bearer "+to.Bearer)
	}
	client := to.HTTPClient()
	defer client.CloseIdleConnections()
	reply, err := client.Do(request)
	if err != nil {
		return 0, nil, opError(op, ResultConnectFail, err)
	}
	defer func() { _ = reply.Body.Close() }() // it was read as far as it matters
	if answer, err = io.ReadAll(io.LimitReader(reply.Body, most)); err != nil {
		return 0, nil, opError(op, ResultConnectFail, err)
	}
	return reply.StatusCode, answer, nil
}
