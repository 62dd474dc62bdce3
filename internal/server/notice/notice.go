// Package notice puts the notices of the operator into the logs of users, as messages of the server. A notice is queued in
// the database until all of its users have it; sending one twice has no effect.
package notice

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/server/eventlog"
	"github.com/parley-chat/parley/internal/server/refusal"
	"github.com/parley-chat/parley/internal/wire"
)

const (
	// together is the number of messages that wait to be committed at the same time.
	together = 64
	// retry is after how long a notice is tried again that could not be sent.
	retry = 10 * time.Second
)

// Service sends notices.
type Service struct {
	accounts *accounts.Accounts // immutable, like all
	log      *eventlog.Log
	logger   *slog.Logger
	wake     chan struct{}
}

// New returns a service; Run sends.
func New(a *accounts.Accounts, log *eventlog.Log, logger *slog.Logger) *Service {
	return &Service{accounts: a, log: log, logger: logger, wake: make(chan struct{}, 1)}
}

// Wake makes Run look for new notices.
func (s *Service) Wake() {
	select {
	case s.wake <- struct{}{}:
	default: // a wake-up is pending
	}
}

// Run sends what is queued, and then after each Wake, until ctx ends.
func (s *Service) Run(ctx context.Context) {
	again := time.NewTimer(0)
	defer again.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.wake:
		case <-again.C:
		}
		if err := s.send(ctx); err != nil && ctx.Err() == nil {
			s.logger.Warn("send notices", slog.Any("error", err))
			again.Reset(retry)
		}
	}
}

func (s *Service) send(ctx context.Context) error {
	list, err := s.accounts.Notices(ctx)
	if err != nil || len(list) == 0 {
		return err
	}
	from, err := s.accounts.ServerUser(ctx)
	if err != nil {
		return err
	}
	for i := range list {
		if err := s.sendOne(ctx, from, &list[i]); err != nil {
			return err
		}
		if err := s.accounts.RemoveNotice(ctx, list[i].ID); err != nil {
			return err
		}
	}
	return nil
}

// sendOne sends a notice to all of its users.
func (s *Service) sendOne(ctx context.Context, from accounts.UserRef, n *accounts.Notice) error {
	for after := uint32(0); ; {
		users, err := s.accounts.NoticeRecipients(ctx, n, after, together)
		if err != nil || len(users) == 0 {
			return err
		}
		var sending errgroup.Group
		for _, u := range users {
			sending.Go(func() error { return s.sendTo(from, n, &u) })
		}
		if err := sending.Wait(); err != nil {
			return err //nolint:wrapcheck // of sendTo
		}
		after = users[len(users)-1].UID
	}
}

func (s *Service) sendTo(from accounts.UserRef, n *accounts.Notice, u *accounts.UserRow) error {
	m := &eventlog.Send{
		Sender: from, Peer: &accounts.UserRef{UID: u.UID, Address: u.Address}, Trusted: true,
		Message: &wire.Send{
			Nonce: nonce(n.ID, u.UID), Id: eventlog.RandomID(), Peer: u.Address, Expiry: -1,
			Content: &wire.Content{Data: []byte(n.Text)},
		},
	}
	if err := s.log.Commit(m); err != nil {
		return fmt.Errorf("notice %d to %q: %w", n.ID, u.Address, err)
	}
	if status := m.Reply.GetStatus(); m.Refused != nil || status != wire.StatusSent {
		s.logger.Warn("a notice was not sent", slog.Int64("notice", n.ID), slog.String("user", u.Address),
			slog.Uint64("status", uint64(status)), slog.Any("refused", reason(m.Refused)))
	}
	return nil
}

func reason(r *refusal.Error) string {
	if r == nil {
		return ""
	}
	return r.Reason
}

// nonce returns that of a notice to a user.
func nonce(id int64, uid uint32) []byte {
	b := binary.BigEndian.AppendUint64([]byte("notice"), uint64(id))
	sum := sha256.Sum256(binary.BigEndian.AppendUint32(b, uid))
	return sum[:wire.NonceSize]
}
