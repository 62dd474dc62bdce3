package admin

import (
	"context"
	"time"

	"github.com/parley-chat/parley/internal/server/audit"
	"github.com/parley-chat/parley/internal/server/refusal"
)

// Status is how the server is.
type Status struct {
	Problem     string // why it does not work, empty if it does
	Started     time.Time
	Connections int
	Users       int
	Reports     int    // that are open
	Database    int64  // bytes of rows
	Free        uint64 // bytes of the disk
	Backup      time.Time
}

type serverGetRequest struct{ requestHead }

// serverGet says how the server is.
func (a *API) serverGet(ctx context.Context, _ *serverGetRequest) (replyFields, error) {
	s, err := a.c.Status(ctx)
	if err != nil {
		return nil, err
	}
	reply := replyFields{
		"problem": s.Problem, "started": s.Started.UnixMilli(), "connections": s.Connections, "users": s.Users,
		"reports": s.Reports, "database": s.Database, "free": s.Free,
	}
	if !s.Backup.IsZero() {
		reply["backup"] = s.Backup.UnixMilli()
	}
	return reply, nil
}

// maxAuditGet is the maximum number of entries in a reply to auditget.
const maxAuditGet = 200

type auditGetRequest struct {
	requestHead

	Actor  string `json:"actor"`
	Target string `json:"target"`
	Count  int    `json:"count"`
}

// auditGet lists the newest changes, newest first.
func (a *API) auditGet(ctx context.Context, q *auditGetRequest) (replyFields, error) {
	count := q.Count
	switch {
	case count < 0 || count > maxAuditGet:
		return nil, refusal.Bad("the count is not between 0 and %d", maxAuditGet)
	case count == 0:
		count = maxAuditGet
	}
	list, err := a.c.Accounts.Audit(ctx, audit.Filter{Actor: q.Actor, Target: q.Target, Limit: count})
	if err != nil {
		return nil, err
	}
	entries := make([]map[string]any, len(list))
	for i, e := range list {
		entries[i] = map[string]any{
			"time": e.At, "actor": e.Actor, "from": e.Place, "action": e.Action, "target": e.Target,
		}
	}
	return replyFields{"entries": entries}, nil
}
