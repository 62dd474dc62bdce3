package mesibo

import (
	"context"
	"errors"

	carrier "github.com/parley-chat/parley/mesibo/internal/transfer"
)

// GetFileLimit asks the server for the largest file that it takes, in bytes; 0 when it does not say. It waits for the answer. It is
// an addition to the reference. Errors: ResultFail while stopped, and with ErrNoFileService when the server takes no files;
// ResultConnectFail when it does not answer.
func (m *Mesibo) GetFileLimit(ctx context.Context) (int64, error) {
	const op = "GetFileLimit"
	run := m.mover.running()
	if run == nil {
		return 0, opError(op, ResultFail, errors.New("not started"))
	}
	size, err := run.client.MaxSize(ctx)
	switch {
	case errors.Is(err, carrier.ErrNoService), errors.Is(err, carrier.ErrRefused):
		return 0, opError(op, ResultFail, err)
	case err != nil:
		return 0, opError(op, ResultConnectFail, err)
	}
	return size, nil
}
