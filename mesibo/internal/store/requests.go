package store

import (
	"fmt"

	"gorm.io/gorm"

	"github.com/parley-chat/parley/models"
)

// RequestFlag marks the profile of a user whose first message has not been accepted.
const RequestFlag = 0x80000

// Request says that a user asks to be accepted, or that this user has accepted them.
type Request struct {
	Address string
	Open    bool
}

// request notes what a message of a chat of two says about a request: a received one may be it, an own one accepts.
func (a *applier) request(in *Incoming) error {
	if in.Group != 0 || in.Request == in.Own {
		return nil
	}
	return a.setRequest(&Request{Address: in.Peer, Open: in.Request})
}

func (a *applier) setRequest(r *Request) error {
	if !r.Open {
		closed, err := endRequest(a.tx, a.account.ID, r.Address)
		if closed {
			a.changes = append(a.changes, Change{Request: r})
		}
		return err
	}
	a.changes = append(a.changes, Change{Request: r})
	return setProfileFlag(a.tx, a.account.ID, r.Address, RequestFlag, true)
}

func endRequest(tx *gorm.DB, account int64, address string) (was bool, err error) {
	done := tx.Exec(`UPDATE profiles SET flags = flags & ~? WHERE account_id = ? AND address = ? AND group_id = 0
		AND flags & ? <> 0`, RequestFlag, account, address, RequestFlag)
	if done.Error != nil {
		return false, fmt.Errorf("accept user: %w", done.Error)
	}
	return done.RowsAffected > 0, nil
}

// AcceptRequest stores that this user has accepted another one, and queues the request about it, if there is one.
func (s *Store) AcceptRequest(account int64, address string, op []byte) error {
	return s.writeThrough(func(tx *gorm.DB) error {
		if _, err := endRequest(tx, account, address); err != nil {
			return err
		}
		return addOperation(tx, models.Operation{AccountID: account, Body: op})
	})
}
