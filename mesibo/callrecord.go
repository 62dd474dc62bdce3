package mesibo

import (
	"time"

	"github.com/parley-chat/parley/internal/wire"
	"github.com/parley-chat/parley/models"
)

// flagSeen is the store's flag of a missed call that was seen.
const flagSeen Flag = 1 << 54

// typeVideo is the bit of MessageParams.Type that says of the record of a call that it was one with video.
const typeVideo = 1

// CallRecord says how a call went that has ended.
type CallRecord struct {
	ID       uint64
	Status   CallStatus // how it ended
	Started  time.Time
	Answered time.Time // the zero time when it was not answered
	Ended    time.Time
	Declined bool // the callee did not want it
	People   int  // of the call of a group: how many took part at the same time, at most; else 0
}

// GetCallDuration returns how long the recorded call lasted from its answer, 0 when it was not answered and for
// messages.
func (p *MessageParams) GetCallDuration() time.Duration {
	if p.Call == nil || p.Call.Answered.IsZero() {
		return 0
	}
	return max(0, p.Call.Ended.Sub(p.Call.Answered))
}

// callRow converts the record of a call, and notes in its row whether it was one with video.
func callRow(row *models.Message, c *wire.CallRecord) *models.CallRecord {
	row.Type = 0
	if c.GetVideo() {
		row.Type = typeVideo
	}
	return &models.CallRecord{
		ID: c.GetCallId(), Status: int(c.GetStatus() & wire.CallMaxStatus), Started: int64(c.GetStarted()),
		Answered: int64(c.GetAnswered()), Ended: int64(c.GetEnded()), Declined: c.GetDeclined(),
		People: int(min(c.GetPeople(), wire.MaxGroupCall)),
	}
}

// callStatus returns the status of the message that records a call. seen reports whether it needs no attention: the
// user was there.
func callStatus(c *models.CallRecord, own bool) (status models.Status, seen bool) {
	switch {
	case own:
		return models.StatusCallOutgoing, true
	case c.Answered != 0, c.Declined:
		return models.StatusCallIncoming, true
	}
	return models.StatusCallMissed, false
}

func callRecordOf(row *models.Message) *CallRecord {
	if row.Content == nil || row.Content.Call == nil {
		return nil
	}
	c := row.Content.Call
	return &CallRecord{
		ID: c.ID, Status: CallStatus(c.Status), Started: moment(c.Started), Answered: moment(c.Answered),
		Ended: moment(c.Ended), Declined: c.Declined, People: c.People,
	}
}
