package admin

import (
	"context"
	"strconv"

	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/server/refusal"
)

// maxReportsGet is the maximum number of reports in a reply to reportsget.
const maxReportsGet = 100

type reportsGetRequest struct {
	requestHead

	After  int64 `json:"afterid"`
	Closed bool  `json:"closed"`
	Count  int   `json:"count"`
}

// reportsGet lists reports, oldest first.
func (a *API) reportsGet(ctx context.Context, q *reportsGetRequest) (replyFields, error) {
	count := q.Count
	switch {
	case count < 0 || count > maxReportsGet:
		return nil, refusal.Bad("the count is not between 0 and %d", maxReportsGet)
	case count == 0:
		count = maxReportsGet
	}
	list, err := a.c.Accounts.Reports(ctx, accounts.ReportFilter{After: q.After, Closed: q.Closed, Limit: count + 1})
	if err != nil {
		return nil, err
	}
	more := len(list) > count
	list = list[:min(len(list), count)]
	reports := make([]map[string]any, len(list))
	for i := range list {
		reports[i] = reportReply(&list[i])
	}
	return replyFields{"reports": reports, "more": more}, nil
}

func reportReply(r *accounts.Report) map[string]any {
	reply := map[string]any{
		"reportid": r.ID, "reporter": r.Reporter, "addr": r.About, "mid": strconv.FormatUint(r.MID, 10), "gid": r.GID,
		"reason": r.ReasonWord(), "text": r.Text, "msg": r.Content, "created": r.Created.UnixMilli(),
	}
	if !r.Closed.IsZero() {
		reply["closed"], reply["note"] = r.Closed.UnixMilli(), r.Note
	}
	return reply
}

type reportCloseRequest struct {
	requestHead

	ID   int64  `json:"reportid"`
	Note string `json:"note"`
}

// reportClose closes a report.
func (a *API) reportClose(ctx context.Context, q *reportCloseRequest) (replyFields, error) {
	return replyFields{"reportid": q.ID}, a.c.Accounts.CloseReport(ctx, q.ID, q.Note)
}
