package mesibo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
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
}

// ErrNoDevice is in the error of RemoveDevice when this user has no such device.
var ErrNoDevice = errors.New("no such device")

// GetDevices asks the server for the devices of this user, oldest first. It waits for the answer. Errors: ResultFail
// without a token and when the server does not know the request, ResultAuthFail when it refuses the token,
// ResultConnectFail when it does not answer.
func (m *Mesibo) GetDevices(ctx context.Context) ([]Device, error) {
	const op = "GetDevices"
	var rows []struct {
		ID, Label, App   string
		Created, Expires int64
		Current          bool
	}
	body, err := m.askDevices(ctx, op, http.MethodGet, "")
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(body, &rows); err != nil {
		return nil, opError(op, ResultFail, fmt.Errorf("read the answer: %w", err))
	}
	list := make([]Device, len(rows))
	for i, r := range rows {
		list[i] = Device{ID: r.ID, Label: r.Label, App: r.App, Created: time.UnixMilli(r.Created), Current: r.Current}
		if r.Expires != 0 {
			list[i].Expires = time.UnixMilli(r.Expires)
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
	_, err := m.askDevices(ctx, op, http.MethodDelete, "/"+url.PathEscape(id))
	return err
}

// askDevices sends a request about devices and returns the answer's body.
func (m *Mesibo) askDevices(ctx context.Context, op, method, below string) ([]byte, error) {
	const most, patience = 1 << 20, 20 * time.Second
	m.mu.Lock()
	token, bearer := m.token, m.bearer
	if token == nil {
		m.mu.Unlock()
		return nil, opError(op, ResultFail, errors.New("no access token"))
	}
	base, _, err := m.checkServer()
	endpoint := transport.Endpoint{URL: token.URL, Bearer: bearer, Pin: token.Pin, NetDial: m.netDial, Proxy: m.proxy}
	m.mu.Unlock()
	if err != nil {
		return nil, opError(op, ResultDenied, err)
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, base.JoinPath(wire.DevicesPath).String()+below, http.NoBody)
	if err != nil {
		return nil, opError(op, ResultFail, err)
	}
	request.Header.Set("Authorization", "Bearer "+bearer)
	client := endpoint.HTTPClient()
	defer client.CloseIdleConnections()
	answer, err := client.Do(request)
	if err != nil {
		return nil, opError(op, ResultConnectFail, err)
	}
	defer func() { _ = answer.Body.Close() }() // it was read as far as it matters
	body, err := io.ReadAll(io.LimitReader(answer.Body, most))
	switch {
	case err != nil:
		return nil, opError(op, ResultConnectFail, err)
	case answer.StatusCode == http.StatusOK, answer.StatusCode == http.StatusNoContent:
		return body, nil
	case answer.StatusCode == http.StatusUnauthorized:
		return nil, opError(op, ResultAuthFail, errors.New(answer.Status))
	case answer.StatusCode == http.StatusNotFound && method == http.MethodDelete:
		return nil, opError(op, ResultBadRequest, ErrNoDevice)
	case answer.StatusCode >= http.StatusInternalServerError:
		return nil, opError(op, ResultConnectFail, errors.New(answer.Status))
	default:
		return nil, opError(op, ResultFail, errors.New(answer.Status))
	}
}
