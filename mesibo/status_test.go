package mesibo

import (
	"testing"

	"github.com/parley-chat/parley/models"
)

// The database has numbers of its own for statuses and files; they are the reference's.
func TestNumbers_of_the_database_are_those_of_the_reference(t *testing.T) {
	for stored, want := range map[models.Status]MsgStatus{
		models.StatusOutbox:       MsgStatusOutbox,
		models.StatusSent:         MsgStatusSent,
		models.StatusDelivered:    MsgStatusDelivered,
		models.StatusRead:         MsgStatusRead,
		models.StatusReceivedNew:  MsgStatusReceivedNew,
		models.StatusReceivedRead: MsgStatusReceivedRead,
		models.StatusCallMissed:   MsgStatusCallMissed,
		models.StatusCallOutgoing: MsgStatusCallOutgoing,
		models.StatusCustom:       MsgStatusCustom,
		models.StatusFail:         MsgStatusFail,
		models.StatusUserOffline:  MsgStatusUserOffline,
		models.StatusExpired:      MsgStatusExpired,
	} {
		if MsgStatus(stored) != want || stored.IsFailed() != want.IsFailed() {
			t.Errorf("the database has %#x for %v", int64(stored), want)
		}
	}
	if models.FileIdle != FileStatusIdle || models.FileRetryLater != FileStatusRetryLater {
		t.Error("the states of files differ")
	}
}
