package mesibo

import (
	"context"
	"errors"

	"github.com/parley-chat/parley/mesibo/internal/transfer"
)

// GetFileLimit asks the server for the largest file that it accepts, in bytes; 0 when it does not say. It waits for
// the answer. Errors: ResultFail while stopped, and with ErrNoFileService when the server accepts no files;
// ResultConnectFail when it does not answer.
func (m *Mesibo) GetFileLimit(ctx context.Context) (int64, error) {
	const op = "GetFileLimit"
	service := m.files.handler.running()
	if service == nil {
		return 0, opError(op, ResultFail, errors.New("not started"))
	}
	size, err := service.client.MaxSize(ctx)
	switch {
	case errors.Is(err, transfer.ErrNoService), errors.Is(err, transfer.ErrRefused):
		return 0, opError(op, ResultFail, err)
	case err != nil:
		return 0, opError(op, ResultConnectFail, err)
	}
	return size, nil
}
