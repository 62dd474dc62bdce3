package transfer_test

import (
	"context"
	"errors"
	"testing"

	"github.com/parley-chat/parley/mesibo/internal/transfer"
)

// An upload that is broken off because its file changed leaves nothing at the server; one that is stopped can go on
// there.
func TestUpload_broken_off(t *testing.T) {
	for name, c := range map[string]struct {
		cause error
		left  int
	}{
		"changed": {transfer.ErrChanged, 0},
		"stopped": {transfer.ErrStopped, 1},
	} {
		t.Run(name, func(t *testing.T) {
			s := newFileServer(t)
			ctx, cancel := context.WithCancelCause(t.Context())
			client := s.client()
			client.UploadRate = transfer.NewLimiter(1 << 20)
			_, err := client.Upload(ctx, transfer.Upload{
				Path: write(t, noise(8<<20)), Progress: func(int64, int64) { cancel(c.cause) },
			})
			if !errors.Is(err, c.cause) {
				t.Errorf("got %v, want %v", err, c.cause)
			}
			s.set(func() {
				if len(s.uploads) != c.left {
					t.Errorf("%d uploads at the server, want %d", len(s.uploads), c.left)
				}
			})
		})
	}
}
