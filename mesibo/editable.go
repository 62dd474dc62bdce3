package mesibo

import (
	"context"

	"github.com/parley-chat/parley/models"
)

// MayBeRecalled reports whether DeleteMessage with DeleteRecall would recall a message now, or withdraw it while it
// waits; mid is as there. It is made for menus: the answer changes as time passes, and with the status of the message.
func (m *Mesibo) MayBeRecalled(mid uint64) bool {
	row, ok := m.stored(mid)
	switch {
	case !ok || Flag(row.Flags)&FlagDeleted != 0 || row.Status.IsFailed():
		return false
	case row.Status == models.StatusOutbox:
		return !row.Tried
	}
	return m.canRecall(&row) == nil
}

// MayBeModified reports whether SendUpdate would change a message now; mid is as there.
func (m *Mesibo) MayBeModified(mid uint64) bool {
	row, ok := m.stored(mid)
	own := row.Sender == "" && row.Nonce != nil && row.Status <= models.StatusRead
	if !ok || !own || Flag(row.Flags)&FlagDeleted != 0 {
		return false
	}
	return row.Status == models.StatusOutbox || !m.tooLate(&row)
}

// stored returns the row of a message; false when there is none.
func (m *Mesibo) stored(mid uint64) (models.Message, bool) {
	db, target, err := m.open("", 0)
	if err != nil {
		return models.Message{}, false
	}
	row, err := db.Message(context.Background(), target.Account, mid)
	return row, err == nil
}

// GetMessageRetractionInterval returns in how many seconds after sending a message can be changed and recalled, 0
// without limit: what SetMessageRetractionInterval set, or the server's limit when that is shorter.
func (m *Mesibo) GetMessageRetractionInterval() int { return int(m.retraction().Seconds()) }
