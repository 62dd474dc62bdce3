package transfer

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
)

// MaxSize asks the server for the largest file that it takes, in bytes; 0 when it does not say. Errors:
// ErrNoService, and those of the connection.
func (c *Client) MaxSize(ctx context.Context) (int64, error) {
	ctx, cancel := context.WithTimeout(ctx, c.patience())
	request, err := http.NewRequestWithContext(ctx, http.MethodOptions, c.Base.JoinPath(c.Folder).String(), http.NoBody)
	if err != nil {
		cancel()
		return 0, fmt.Errorf("make request: %w", err)
	}
	answer, err := c.do(request, c.HTTP, false, cancel)
	if err != nil {
		return 0, err
	}
	defer discard(answer)
	switch answer.StatusCode {
	case http.StatusOK, http.StatusNoContent:
	case http.StatusNotFound, http.StatusMethodNotAllowed:
		return 0, ErrNoService
	default:
		return 0, statusError(answer)
	}
	most := answer.Header.Get("Tus-Max-Size")
	if most == "" {
		return 0, nil
	}
	size, err := strconv.ParseInt(most, 10, 64)
	if err != nil || size < 0 {
		return 0, fmt.Errorf("%w: it names no size", ErrRefused)
	}
	return size, nil
}

// Has asks the server whether it has a file that this user may fetch; of files elsewhere it is not known, and false.
// Errors: ErrGone, ErrDenied and those of the connection.
func (c *Client) Has(ctx context.Context, ref string) (bool, error) {
	target, own := c.here(ref)
	if !own {
		return false, nil
	}
	ctx, cancel := context.WithTimeout(ctx, c.patience())
	request, err := http.NewRequestWithContext(ctx, http.MethodHead, target, http.NoBody)
	if err != nil {
		cancel()
		return false, fmt.Errorf("make request: %w", err)
	}
	answer, err := c.do(request, c.HTTP, true, cancel)
	if err != nil {
		return false, err
	}
	defer discard(answer)
	if answer.StatusCode != http.StatusOK {
		return false, statusError(answer)
	}
	return true, nil
}
