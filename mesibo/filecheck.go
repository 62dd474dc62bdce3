package mesibo

import (
	"context"
	"errors"

	"github.com/parley-chat/parley/mesibo/internal/transfer"
)

// CanDownload asks the server whether it still has a file, so that the one on this device may be deleted. It waits for
// the answer. A file that is not on this user's server cannot be asked for: false. Errors: ResultBadRequest without a
// file, ResultFail while stopped, ResultConnectFail when the server does not answer.
func (m *Mesibo) CanDownload(ctx context.Context, f *FileInfo) (bool, error) {
	const op = "CanDownload"
	if f == nil {
		return false, opError(op, ResultBadRequest, errors.New("no file"))
	}
	service := m.files.handler.running()
	if service == nil {
		return false, opError(op, ResultFail, errors.New("not started"))
	}
	ok, err := service.client.Has(ctx, f.GetURL())
	switch {
	case errors.Is(err, transfer.ErrGone), errors.Is(err, transfer.ErrDenied):
		return false, nil
	case err != nil:
		return false, opError(op, ResultConnectFail, err)
	}
	return ok, nil
}
