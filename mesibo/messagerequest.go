package mesibo

import (
	"context"

	"github.com/parley-chat/parley/internal/wire"
)

// AcceptMessageRequest accepts the messages of a user whose first one is a request (UserProfile.IsMessageRequest), on all
// devices. An answer accepts as well. It is kept until the server knows it. Errors: ResultBadRequest for a wrong
// address; ResultFail without a token or when the disk fails.
func (m *Mesibo) AcceptMessageRequest(address string) error {
	const op = "AcceptMessageRequest"
	if err := wire.ValidAddress(address); err != nil {
		return opError(op, ResultBadRequest, err)
	}
	body, err := operation(&wire.Request{Op: &wire.Request_Accept{Accept: &wire.Accept{Address: address}}})
	if err == nil {
		err = m.endRequest(address, body)
	}
	if err != nil {
		return opError(op, ResultFail, err)
	}
	m.wakeOperations()
	return nil
}

// answered notes that this user writes to another one, which accepts.
func (m *Mesibo) answered(peer string) {
	if peer == "" || m.profiles.flags(peer, 0)&UserFlagRequest == 0 {
		return
	}
	if err := m.endRequest(peer, nil); err != nil {
		m.log.Error("accept user", errAttr(err))
	}
}

func (m *Mesibo) endRequest(address string, op []byte) error {
	db, target, err := m.open("", 0)
	if err != nil {
		return err
	}
	if err := db.AcceptRequest(target.Account, address, op); err != nil {
		return err
	}
	m.profiles.setFlag(address, UserFlagRequest, false)
	m.listeners.post(context.Background(), func(l *snapshot) { m.notifyProfile(l, address, 0) })
	return nil
}
