package mesibo

import "strconv"

// ConnectionStatus is the state of the connection to the server.
type ConnectionStatus int

// The connection statuses.
const (
	// StatusUnknown is the state before the first Start.
	StatusUnknown ConnectionStatus = 0
	// StatusOnline means connected and signed in.
	StatusOnline ConnectionStatus = 1
	// StatusOffline means not connected; reconnecting is automatic until Stop.
	StatusOffline ConnectionStatus = 2
	// StatusSignOut means the same token signed in elsewhere; StatusStopped follows.
	StatusSignOut ConnectionStatus = 3
	// StatusAuthFail means the server refused the token; StatusStopped follows.
	StatusAuthFail ConnectionStatus = 4
	// StatusStopped means stopped: by Stop, by sign-out or by a refused token.
	StatusStopped ConnectionStatus = 5
	// StatusConnecting means an attempt to connect is under way.
	StatusConnecting ConnectionStatus = 6
	// StatusConnectFailure means an attempt failed; the next follows after a delay, see RetryAt.
	StatusConnectFailure ConnectionStatus = 7
	// StatusNoNetwork means that this machine has no network at all.
	StatusNoNetwork ConnectionStatus = 8
	// StatusSuspended means the server keeps this user out, see GetSuspension. After a ban StatusStopped follows; until
	// the end of a suspension connecting is tried again from time to time.
	StatusSuspended ConnectionStatus = 10
	// StatusShutdown means the server said that it is shutting down.
	StatusShutdown ConnectionStatus = 22
)

// String names the status as the reference does, without the prefix.
func (s ConnectionStatus) String() string {
	switch s {
	case StatusUnknown:
		return "UNKNOWN"
	case StatusOnline:
		return "ONLINE"
	case StatusOffline:
		return "OFFLINE"
	case StatusSignOut:
		return "SIGNOUT"
	case StatusAuthFail:
		return "AUTHFAIL"
	case StatusStopped:
		return "STOPPED"
	case StatusConnecting:
		return "CONNECTING"
	case StatusConnectFailure:
		return "CONNECTFAILURE"
	case StatusNoNetwork:
		return "NONETWORK"
	case StatusSuspended:
		return "SUSPEND"
	case StatusShutdown:
		return "SHUTDOWN"
	}
	return "STATUS_" + strconv.Itoa(int(s))
}

// MsgStatus is the state of a message. Every failure has the bit MsgStatusFail.
type MsgStatus int

// The message statuses.
const (
	// MsgStatusOutbox: accepted by SendMessage, waiting to be sent.
	MsgStatusOutbox MsgStatus = 0
	// MsgStatusSent: on the server's disk.
	MsgStatusSent MsgStatus = 1
	// MsgStatusDelivered: stored on one of the recipient's devices.
	MsgStatusDelivered MsgStatus = 2
	// MsgStatusRead: read by the recipient.
	MsgStatusRead MsgStatus = 3
	// MsgStatusReceivedNew: incoming, not read.
	MsgStatusReceivedNew MsgStatus = 0x12
	// MsgStatusReceivedRead: incoming, read.
	MsgStatusReceivedRead MsgStatus = 0x13
	// MsgStatusCallMissed, MsgStatusCallIncoming and MsgStatusCallOutgoing: records of calls; bit 0 of Type is set
	// for video.
	MsgStatusCallMissed   MsgStatus = 0x15
	MsgStatusCallIncoming MsgStatus = 0x16
	MsgStatusCallOutgoing MsgStatus = 0x17
	// MsgStatusCustom: stored here only, by AddCustomMessage or as a notice about a group.
	MsgStatusCustom MsgStatus = 0x20
	// MsgStatusFail: failed for a reason that none of the following names.
	MsgStatusFail MsgStatus = 0x80
	// MsgStatusUserOffline: expiry 0 or a transient message, and the recipient is not connected.
	MsgStatusUserOffline MsgStatus = 0x81
	// MsgStatusInboxFull: too much waits for the recipient already.
	MsgStatusInboxFull MsgStatus = 0x82
	// MsgStatusInvalidDest: no such user or group.
	MsgStatusInvalidDest MsgStatus = 0x83
	// MsgStatusExpired: not delivered within the message's expiry.
	MsgStatusExpired MsgStatus = 0x84
	// MsgStatusBlocked: the recipient blocks the sender.
	MsgStatusBlocked MsgStatus = 0x88
	// MsgStatusGroupPaused: no member may send to the group at present.
	MsgStatusGroupPaused MsgStatus = 0x90
	// MsgStatusNotMember: this user is not, or no longer, in the group, or may not send to it.
	MsgStatusNotMember MsgStatus = 0x91
	// MsgStatusNotAccepted: the recipient has not accepted this user's first message yet. The reference has no such number.
	MsgStatusNotAccepted MsgStatus = 0x92
)

// IsFailed reports whether the message will not be delivered unless it is sent again.
func (s MsgStatus) IsFailed() bool { return s&MsgStatusFail != 0 }

// String names the status as the reference does, without the prefix.
func (s MsgStatus) String() string { //nolint:cyclop // a table
	switch s {
	case MsgStatusOutbox:
		return "OUTBOX"
	case MsgStatusSent:
		return "SENT"
	case MsgStatusDelivered:
		return "DELIVERED"
	case MsgStatusRead:
		return "READ"
	case MsgStatusReceivedNew:
		return "RECEIVEDNEW"
	case MsgStatusReceivedRead:
		return "RECEIVEDREAD"
	case MsgStatusCallMissed:
		return "CALLMISSED"
	case MsgStatusCallIncoming:
		return "CALLINCOMING"
	case MsgStatusCallOutgoing:
		return "CALLOUTGOING"
	case MsgStatusCustom:
		return "CUSTOM"
	case MsgStatusFail:
		return "FAIL"
	case MsgStatusUserOffline:
		return "USEROFFLINE"
	case MsgStatusInboxFull:
		return "INBOXFULL"
	case MsgStatusInvalidDest:
		return "INVALIDDEST"
	case MsgStatusExpired:
		return "EXPIRED"
	case MsgStatusBlocked:
		return "BLOCKED"
	case MsgStatusGroupPaused:
		return "GROUPPAUSED"
	case MsgStatusNotMember:
		return "NOTMEMBER"
	case MsgStatusNotAccepted:
		return "NOTACCEPTED"
	}
	return "MSGSTATUS_0x" + strconv.FormatInt(int64(s), 16)
}

// Flag is a set of message flags. Those up to 32 bits travel with the message, the others are of this device.
type Flag uint64

// The message flags.
const (
	// FlagDeliveryReceipt asks for MsgStatusDelivered.
	FlagDeliveryReceipt Flag = 0x1
	// FlagReadReceipt asks for MsgStatusRead.
	FlagReadReceipt Flag = 0x2
	// FlagDefault asks for both.
	FlagDefault = FlagDeliveryReceipt | FlagReadReceipt
	// FlagTransient: the message is stored nowhere, neither here nor on the server nor at the recipient.
	FlagTransient Flag = 0x4
	// FlagPresence marks an activity, such as typing.
	FlagPresence Flag = 0x8
	// FlagSilent: the recipient's device is to make no noise.
	FlagSilent Flag = 0x100000
	// FlagForwarded marks a copy of another message.
	FlagForwarded Flag = 0x80
	// FlagQueue: SendMessage only queues; SendMessages sends what is queued, as does the next message without the
	// flag (2019).
	FlagQueue Flag = 0x40000 << 32 // the reference's 0x40000 became FlagModify; the flag stays on this device
	// FlagModify replaces what the message with this id carries.
	FlagModify Flag = 0x40000
	// FlagNonBlocking has no effect: nothing here blocks while queueing.
	FlagNonBlocking Flag = 0x80000
	// FlagDontSend stores the message here and does not send it.
	FlagDontSend Flag = 0x200000
	// FlagLastMessage marks the last message of one Read.
	FlagLastMessage Flag = 0x800000
	// FlagEORS marks the last message when nothing is left in the read session.
	FlagEORS Flag = 0x4000000
	// FlagDeleted marks a message that was recalled: it carries nothing any more.
	FlagDeleted Flag = 1 << 55
	// FlagSaveCustom marks a message stored by AddCustomMessage.
	FlagSaveCustom Flag = 1 << 56
	// FlagFileTransferred: the file of an incoming message is here.
	FlagFileTransferred Flag = 1 << 58
	// FlagFileFailed: the file of an incoming message could not be fetched.
	FlagFileFailed Flag = 1 << 59
)

// travelling are the flags that the server gets.
const travelling = FlagDefault | FlagTransient | FlagPresence | FlagForwarded | FlagSilent

// Origin returns where a message handed to a listener comes from.
type Origin int

// The origins.
const (
	// OriginRealtime: it has just been received or its status has just changed.
	OriginRealtime Origin = 0
	// OriginDBMessage: a read session found it in the database.
	OriginDBMessage Origin = 1
	// OriginDBSummary: a summary session found it in the database.
	OriginDBSummary Origin = 2
	// OriginDBPending: it was received while no listener was there.
	OriginDBPending Origin = 3
	// OriginFilter: a message filter made it.
	OriginFilter Origin = 4
	// OriginMessageStatus: the status of a sent message changed.
	OriginMessageStatus Origin = 5
)

// Activity is a sign of life that is never stored.
type Activity int

// The activities. Numbers up to 1000 are reserved.
const (
	ActivityNone          Activity = 0  // cannot be sent
	ActivityOnline        Activity = 1  // the user is online; with OnlineModeManual it makes this user so
	ActivityOnlineResp    Activity = 2  // an application's answer to ActivityOnline
	ActivityTyping        Activity = 3  // the user is typing; apps show it for ten seconds
	ActivityTypingCleared Activity = 4  // the user stopped typing
	ActivityJoined        Activity = 10 // the user entered the chat
	ActivityLeft          Activity = 11 // the user left the chat, and stopped typing
)

// DBTable is a set of local tables, for SetDatabase.
type DBTable uint32

// The tables that SetDatabase can empty.
const (
	DBTableMessages DBTable = 1 // messages, chats and the outbox
	DBTableProfiles DBTable = 2 // profiles of users and groups
	DBTableKeys     DBTable = 4 // the values of SetKey
	DBTableAll      DBTable = 7 // all three
)
