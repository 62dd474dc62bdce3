package mesibo

import (
	"context"
	"log/slog"

	"google.golang.org/protobuf/proto"

	"github.com/parley-chat/parley/internal/wire"
	"github.com/parley-chat/parley/mesibo/internal/session"
	"github.com/parley-chat/parley/mesibo/internal/store"
	"github.com/parley-chat/parley/models"
)

// This file sends the requests that are stored until the server has answered them.

func (m *Mesibo) wakeOperations() {
	m.ops.Store(true)
	if r := m.running(); r != nil {
		r.session.Wake()
	}
}

// perform queues a request.
func (m *Mesibo) perform(op string, request *wire.Request) error {
	db, target, err := m.open("", 0)
	if err != nil {
		return opError(op, ResultFail, err)
	}
	body, err := operation(request)
	if err == nil {
		err = db.AddOperation(target.Account, body)
	}
	if err != nil {
		return opError(op, ResultFail, err)
	}
	m.wakeOperations()
	return nil
}

// ask sends a request that is not stored; false when not online. answer is called with nil when none came.
func (m *Mesibo) ask(request *wire.Request, answer func(*wire.Response)) bool {
	r := m.running()
	return r != nil && r.session.Ask(request, answer)
}

// Operations implements session.Host.
func (r *run) Operations(ctx context.Context, after int64, limit int) ([]session.Operation, error) {
	if !r.m.ops.Load() {
		return nil, nil
	}
	r.m.ops.Store(false)
	rows, err := r.db.Operations(ctx, r.account.Load().ID, after, limit)
	if err != nil {
		r.m.ops.Store(true)
		return nil, err
	}
	if len(rows) == limit {
		r.m.ops.Store(true)
	}
	var ops []session.Operation
	for i := range rows {
		if rows[i].MessageID != 0 && !rows[i].Gone && rows[i].Status == models.StatusOutbox {
			r.m.ops.Store(true) // it waits for its message, and the others wait behind it
			break
		}
		request, err := requestOf(&rows[i])
		if request == nil {
			if err != nil {
				r.m.log.Error("drop request", errAttr(err))
			}
			undone, err := r.db.EndOperation(rows[i].ID, rows[i].Kind == models.OperationReact && !rows[i].Gone)
			if err != nil {
				return nil, err
			}
			r.notifyRestored(undone)
			continue
		}
		ops = append(ops, session.Operation{ID: rows[i].ID, Request: request})
	}
	return ops, nil
}

// requestOf returns the request to send, nil when its message is gone or was never accepted.
func requestOf(op *store.WaitingOperation) (*wire.Request, error) {
	if op.Gone || op.Status.IsFailed() {
		return nil, nil
	}
	request := &wire.Request{}
	if err := proto.Unmarshal(op.Body, request); err != nil {
		return nil, err //nolint:wrapcheck // the caller says what for
	}
	if op.MessageID != 0 {
		switch body := request.GetOp().(type) {
		case *wire.Request_Modify:
			body.Modify.Id = uint64(op.Mid)
		case *wire.Request_React:
			body.React.Id = uint64(op.Mid)
		}
	}
	return request, nil
}

// OperationDone implements session.Host.
func (r *run) OperationDone(op session.Operation, answer *wire.Response) error {
	refused := answer.GetResult() != wire.ResultOK
	if refused {
		r.m.log.Warn("request refused", slog.Int("result", int(answer.GetResult())),
			textAttr("reason", answer.GetReason()))
	} else if err := r.storeGroup(answer.GetGroup()); err != nil {
		return err
	}
	restored, err := r.db.EndOperation(op.ID, refused)
	if err != nil {
		return err
	}
	r.notifyRestored(restored)
	r.notifyGroupAnswer(op.Request, answer)
	return nil
}

// notifyRestored reports that messages are as they were, because the server refused what was done to them.
func (r *run) notifyRestored(rows []models.Message) {
	for i := range rows {
		r.m.updated(&rows[i])
	}
}
