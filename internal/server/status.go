package server

import (
	"context"
	"errors"

	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/server/admin"
)

// status returns how the server is, for administrators.
func (s *Server) status(ctx context.Context) (admin.Status, error) {
	st := admin.Status{Started: s.started, Connections: s.gateway.Connections()}
	if err := s.checkHealth(ctx); err != nil {
		st.Problem = err.Error()
	}
	reports, err := s.accounts.Reports(ctx, accounts.ReportFilter{})
	st.Reports = len(reports)
	users, usersErr := s.accounts.CountUsers(ctx)
	st.Users = users
	size, sizeErr := s.record.Size(ctx)
	st.Database = size
	free, freeErr := s.opts.freeSpace(s.opts.Dir)
	st.Free = free
	backup, backupErr := s.accounts.LastBackup(ctx)
	st.Backup = backup
	return st, errors.Join(err, usersErr, sizeErr, freeErr, backupErr)
}
