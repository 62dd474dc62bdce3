package mesibo

import "strings"

// ExpiryDefault lets the server choose how long a message may wait for its recipient: 7 days.
const ExpiryDefault = -1

// MessageParams are the properties of a message beside its content (mesibo-api 3.1).
// It is passed by value to the senders, so one value may serve many messages and many goroutines.
type MessageParams struct {
	// Mid is the 64-bit id of an incoming message, or of the message a status is about.
	// Its low 32 bits are the id the sender chose. While an own message waits in the outbox the high half is 0.
	// The senders ignore it: an outgoing id is an argument.
	Mid uint64
	// Peer is the address of the other party: the recipient of an outgoing message, the sender of an incoming one.
	Peer string
	// GroupID is 0 for one-to-one messages.
	GroupID uint32
	// Flag says which receipts are wanted and how the message is treated. The zero value asks for nothing.
	Flag Flag
	// Expiry is how many seconds an outgoing message may wait for its recipient: 0 only if online now,
	// negative (ExpiryDefault) the server's default.
	Expiry int
	// Type is the application's own, 0 to 65535.
	Type int
	// Ts is when the server took the message, or when its status changed: milliseconds since the Unix epoch.
	Ts uint64
	// RefID is the Mid of a related message, or any value of the application.
	RefID uint64
	// Origin says where a message handed to a listener comes from.
	Origin Origin
	// Status is the message's state.
	Status MsgStatus
	// Profile is the other party's, nil when it is not known.
	Profile *UserProfile
	// GroupProfile is the group's, nil for one-to-one messages.
	GroupProfile *UserProfile
}

// IsIncoming tells whether somebody else sent the message.
func (p *MessageParams) IsIncoming() bool {
	return p.Status == MsgStatusReceivedNew || p.Status == MsgStatusReceivedRead
}

// IsOutgoing tells whether this user sent the message, here or on another device.
func (p *MessageParams) IsOutgoing() bool {
	return p.Status <= MsgStatusRead || p.Status.IsFailed()
}

// IsMessageStatusFailed tells whether the message failed; Resend tries again.
func (p *MessageParams) IsMessageStatusFailed() bool { return p.Status.IsFailed() }

// IsMessageStatusInProgress tells whether the message still waits in the outbox.
func (p *MessageParams) IsMessageStatusInProgress() bool { return p.Status == MsgStatusOutbox }

// IsLastMessage tells whether this is the last message of one Read.
func (p *MessageParams) IsLastMessage() bool { return p.Flag&FlagLastMessage != 0 }

// IsRealtimeMessage tells whether the message has just been received.
func (p *MessageParams) IsRealtimeMessage() bool { return p.Origin == OriginRealtime }

// IsDBMessage tells whether a read session found the message.
func (p *MessageParams) IsDBMessage() bool { return p.Origin == OriginDBMessage }

// IsDBSummaryMessage tells whether a summary session found the message.
func (p *MessageParams) IsDBSummaryMessage() bool { return p.Origin == OriginDBSummary }

// Compare tells whether the message belongs to the conversation with peer, or to the group when groupID is not 0.
// Addresses are compared without case (mesibo-api 3.1).
func (p *MessageParams) Compare(peer string, groupID uint32) bool {
	if p.GroupID != 0 || groupID != 0 {
		return p.GroupID == groupID
	}
	return strings.EqualFold(p.Peer, peer)
}

// UserProfile is what is known of a user or a group (mesibo-api 3.4).
type UserProfile struct {
	// Name is what people call the user or group.
	Name string
	// Address is the user's; empty for groups.
	Address string
	// GroupID is 0 for users.
	GroupID uint32
	// Draft is text that was typed and not sent.
	Draft string
	// Unread counts the unread messages of the conversation.
	Unread int
	// Timestamp is when the profile last changed: milliseconds since the Unix epoch.
	Timestamp uint64
}

// Location is a place sent as a message (mesibo-api 3.3).
type Location struct {
	Lat, Lon float64 // degrees
	Title    string  // name of the place
	Message  string  // postal address
	Mid      uint64
	Update   bool // set when the map image became available later
}

// FileInfo is a file sent as a message (mesibo-api 3.2).
type FileInfo struct {
	Mid     uint64
	URL     string
	Path    string
	Size    int64 // bytes
	Title   string
	Message string // caption
}
