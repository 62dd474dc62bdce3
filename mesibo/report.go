package mesibo

import (
	"context"
	"errors"

	"github.com/parley-chat/parley/internal/wire"
)

// ReportReason is why a message or a user is reported.
type ReportReason int

// The reasons.
const (
	ReportSpam    ReportReason = wire.ReportSpam
	ReportAbuse   ReportReason = wire.ReportAbuse
	ReportIllegal ReportReason = wire.ReportIllegal
	ReportOther   ReportReason = wire.ReportOther
)

// ReportMessage reports a message that this user has received to the operator of the server, who gets what it says with
// the report; mid is its 64-bit id. text, at most 1,000 bytes, is what the user says about it and may be empty. The same
// again has no effect while the operator has not closed the report. It waits for the server's answer. Errors:
// ErrNotFound with ResultBadRequest when there is no such message of another user, ResultRateLimit after 20 reports in
// 24 hours, ResultDisconnected without a connection, ResultTimeout after ctx.
func (m *Mesibo) ReportMessage(ctx context.Context, mid uint64, reason ReportReason, text string) error {
	const op = "ReportMessage"
	db, target, err := m.open("", 0)
	if err != nil {
		return opError(op, ResultFail, err)
	}
	row, err := db.Message(ctx, target.Account, mid)
	if err != nil {
		return storeError(op, err)
	}
	if row.Sender == "" || row.Seq == 0 {
		return opError(op, ResultBadRequest, ErrNotFound)
	}
	return m.report(ctx, op, &wire.Report{
		Address: row.Sender, Seq: uint64(row.Seq), Reason: uint32(reason), Text: text,
	})
}

// ReportUser reports a user to the operator of the server; the rest is as with ReportMessage. Errors also: ResultNoSuchUser.
func (m *Mesibo) ReportUser(ctx context.Context, address string, reason ReportReason, text string) error {
	return m.report(ctx, "ReportUser", &wire.Report{Address: address, Reason: uint32(reason), Text: text})
}

func (m *Mesibo) report(ctx context.Context, op string, report *wire.Report) error {
	if len(report.GetText()) > wire.MaxReportText {
		return opError(op, ResultBadRequest, ErrTooLarge)
	}
	answer, err := m.askAndWait(ctx, &wire.Request{Op: &wire.Request_Report{Report: report}})
	switch {
	case err != nil:
		return opError(op, ResultOf(err), err)
	case answer.GetResult() != wire.ResultOK:
		return opError(op, Result(answer.GetResult()), errors.New(answer.GetReason()))
	}
	return nil
}

// askAndWait sends a request that is not stored and waits for the answer. Errors: ResultDisconnected, ResultTimeout.
func (m *Mesibo) askAndWait(ctx context.Context, request *wire.Request) (*wire.Response, error) {
	answered := make(chan *wire.Response, 1)
	if !m.ask(request, func(r *wire.Response) { answered <- r }) {
		return nil, ResultDisconnected
	}
	select {
	case r := <-answered:
		if r == nil {
			return nil, ResultDisconnected
		}
		return r, nil
	case <-ctx.Done():
		return nil, ResultTimeout
	}
}
