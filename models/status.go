package models

// Status is the state of a message: the reference's MSGSTATUS_* numbers. Every failure has the bit StatusFail.
type Status int64

// The statuses.
const (
	StatusOutbox       Status = 0    // an own message that waits to be sent
	StatusSent         Status = 1    // on the server
	StatusDelivered    Status = 2    // on a device of the recipient
	StatusRead         Status = 3    // read by the recipient
	StatusReceivedNew  Status = 0x12 // incoming, not read
	StatusReceivedRead Status = 0x13 // incoming, read
	StatusCallMissed   Status = 0x15 // the records of calls are from here
	StatusCallIncoming Status = 0x16
	StatusCallOutgoing Status = 0x17 // to here
	StatusCustom       Status = 0x20 // stored on this device only
	StatusFail         Status = 0x80
	StatusUserOffline  Status = 0x81
	StatusExpired      Status = 0x84
)

// IsFailed reports whether the message will not be delivered unless it is sent again.
func (s Status) IsFailed() bool { return s&StatusFail != 0 }
