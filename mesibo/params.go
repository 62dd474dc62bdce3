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
	// Profile is the other party's; of somebody who is not known yet it holds the address alone. The senders ignore it.
	Profile *UserProfile
	// GroupProfile is the group's, nil for one-to-one messages. The senders ignore it.
	GroupProfile *UserProfile
	// Mentions are addresses that the text names; the senders pass them on. An addition to the reference.
	Mentions []string
	// Reactions are those to a message read from the database or updated. An addition to the reference.
	Reactions []Reaction
	// GroupChange is set for notices about a group (MsgStatusCustom); Peer is then who made the change. An addition.
	GroupChange *GroupChange
}

// Reaction is somebody's reaction to a message. An addition to the reference.
type Reaction struct {
	Address string
	Emoji   string
	Ts      uint64 // ms since the Unix epoch
}

// GroupChange is something that happened to a group. An addition to the reference.
type GroupChange struct {
	Kind    GroupChangeKind
	Name    string   // of the group, as it is then
	Members []string // addresses of those it is about
}

// Receipt is what is known of one recipient of an own message: when it reached them, and when they read it, ms since the Unix
// epoch, 0 when it did not. An addition to the reference.
type Receipt struct {
	Address   string
	Delivered uint64
	Read      uint64
}

// Message is a message with what it carries, as Messages and FindMessage give it (mesibo-api 3.5).
type Message struct {
	MessageParams

	Data     []byte
	Location *Location // of a location message
	File     *FileInfo // of a file message
}

// Reply gives the parameters of an answer to a message: to the same conversation, with both receipts and the usual expiry, and with
// RefID naming the message. Those of a received message are not fit for it: they carry its own flags and no expiry. An addition
// to the reference.
func (p *MessageParams) Reply() MessageParams {
	r := MessageParams{GroupID: p.GroupID, Flag: FlagDefault, Expiry: ExpiryDefault, RefID: p.Mid}
	if p.GroupID == 0 {
		r.Peer = p.Peer
	}
	return r
}

// IsIncoming tells whether somebody else sent the message (mesibo-api 3.1).
func (p *MessageParams) IsIncoming() bool {
	return p.Status == MsgStatusReceivedNew || p.Status == MsgStatusReceivedRead
}

// IsOutgoing tells whether this user sent the message, here or on another device (mesibo-api 3.1).
func (p *MessageParams) IsOutgoing() bool {
	return p.Status <= MsgStatusRead || p.Status.IsFailed()
}

// IsMessageStatusFailed tells whether the message failed (mesibo-api 3.1); Resend tries again.
func (p *MessageParams) IsMessageStatusFailed() bool { return p.Status.IsFailed() }

// IsMessageStatusInProgress tells whether the message still waits in the outbox (mesibo-api 3.1).
func (p *MessageParams) IsMessageStatusInProgress() bool { return p.Status == MsgStatusOutbox }

// IsLastMessage tells whether this is the last message of one Read (mesibo-api 3.1).
func (p *MessageParams) IsLastMessage() bool { return p.Flag&FlagLastMessage != 0 }

// IsRealtimeMessage tells whether the message has just been received (mesibo-api 3.1).
func (p *MessageParams) IsRealtimeMessage() bool { return p.Origin == OriginRealtime }

// IsDBMessage tells whether a read session found the message (mesibo-api 3.1).
func (p *MessageParams) IsDBMessage() bool { return p.Origin == OriginDBMessage }

// IsDBSummaryMessage tells whether a summary session found the message (mesibo-api 3.1).
func (p *MessageParams) IsDBSummaryMessage() bool { return p.Origin == OriginDBSummary }

// Compare tells whether the message belongs to the conversation with peer, or to the group when groupID is not 0.
// Addresses are compared without case (mesibo-api 3.1).
func (p *MessageParams) Compare(peer string, groupID uint32) bool {
	if p.GroupID != 0 || groupID != 0 {
		return p.GroupID == groupID
	}
	return strings.EqualFold(p.Peer, peer)
}

// IsForwarded tells whether the message is a copy of another one (mesibo-api 3.1).
func (p *MessageParams) IsForwarded() bool { return p.Flag&FlagForwarded != 0 }

// IsModified tells whether the sender changed the message after sending it (mesibo-api 5.11).
func (p *MessageParams) IsModified() bool { return p.Flag&FlagModify != 0 }

// IsDeleted tells whether the message was taken back (mesibo-api 3.1); it carries nothing any more.
func (p *MessageParams) IsDeleted() bool { return p.Flag&FlagDeleted != 0 }

// IsPresence tells whether this is an activity, such as typing (mesibo-api 3.1).
func (p *MessageParams) IsPresence() bool { return p.Flag&FlagPresence != 0 }

// IsCustom tells whether the message is only stored here: by AddCustomMessage, or as a notice about a group. It is an addition
// to the reference.
func (p *MessageParams) IsCustom() bool { return p.Status == MsgStatusCustom }

// IsSavedMessage tells whether AddCustomMessage stored the message (mesibo-api 3.1).
func (p *MessageParams) IsSavedMessage() bool { return p.Flag&FlagSaveCustom != 0 }

// IsCall tells whether this is the record of a call (mesibo-api 3.1).
func (p *MessageParams) IsCall() bool {
	return p.Status == MsgStatusCallMissed || p.Status == MsgStatusCallIncoming || p.Status == MsgStatusCallOutgoing
}

// IsMissedCall tells whether this is the record of a call that nobody answered here (mesibo-api 3.1).
func (p *MessageParams) IsMissedCall() bool { return p.Status == MsgStatusCallMissed }

// IsVideoCall tells whether this is the record of a call with video (mesibo-api 3.1).
func (p *MessageParams) IsVideoCall() bool { return p.IsCall() && p.Type&1 != 0 }

// IsVoiceCall tells whether this is the record of a call without video (mesibo-api 3.1).
func (p *MessageParams) IsVoiceCall() bool { return p.IsCall() && p.Type&1 == 0 }

// IsDBPendingMessage tells whether the message came while no listener was there (mesibo-api 3.1). Never here: messages are
// stored before listeners are called, and read from the database.
func (p *MessageParams) IsDBPendingMessage() bool { return p.Origin == OriginDBPending }

// UserProfile is what is known of a user or a group (mesibo-api 3.4). It is a copy: SetProfile stores changes to it.
type UserProfile struct {
	// Name is what people call the user or group. A name set by SetProfile stands before the published one.
	Name string
	// Address is the user's; empty for groups.
	Address string
	// GroupID is 0 for users.
	GroupID uint32
	// Status is the line that the user, or the group, has about itself.
	Status string
	// PicturePath is the file of the full picture, see GetUserProfilePicturePath. Setting it and storing the own profile, or
	// GroupProperties.PicturePath, changes the picture.
	PicturePath string
	// Picture is a small picture, JPEG or PNG; empty without one. An addition to the reference.
	Picture []byte
	// PictureURL is what the file handler fetches the full picture by.
	PictureURL string
	// Draft is text that was typed and not sent.
	Draft string
	// Unread counts the unread messages of the conversation.
	Unread int
	// Flag tells whether the conversation is archived, muted or pinned, the user blocked, and so on.
	Flag UserFlag
	// MutedUntil is when UserFlagMute ends: ms since the Unix epoch, 0 for never. An addition to the reference.
	MutedUntil uint64
	// Other is the application's own; it is kept in memory.
	Other any
	// Timestamp is when the profile last changed: milliseconds since the Unix epoch.
	Timestamp uint64
	// Online tells whether the user is there now, as far as they let it be seen. An addition to the reference.
	Online bool
	// LastActiveTime is the last sign of life of the user: milliseconds since the Unix epoch, 0 unknown.
	LastActiveTime uint64

	given *UserProfile // as GetProfile gave it: SetProfile stores only what was changed since
}

// IsMuted tells whether messages are to make no noise (mesibo-api 3.4).
func (p *UserProfile) IsMuted() bool {
	return p.Flag&UserFlagMute != 0 && (p.MutedUntil == 0 || p.MutedUntil > now())
}

// ToggleMute mutes the conversation for good, or ends that (mesibo-api 3.4). SetProfile stores it.
func (p *UserProfile) ToggleMute() {
	if p.IsMuted() {
		p.Flag &^= UserFlagMute
	} else {
		p.Flag |= UserFlagMute
	}
	p.MutedUntil = 0
}

// IsArchived tells whether the conversation is archived (mesibo-api 3.4).
func (p *UserProfile) IsArchived() bool { return p.Flag&UserFlagArchive != 0 }

// ToggleArchive archives the conversation, or brings it back (mesibo-api 3.4). SetProfile stores it.
func (p *UserProfile) ToggleArchive() { p.Flag ^= UserFlagArchive }

// IsPinned tells whether the conversation stands before the others. It is an addition to the reference.
func (p *UserProfile) IsPinned() bool { return p.Flag&UserFlagPinned != 0 }

// TogglePin pins the conversation, or unpins it. SetProfile stores it. It is an addition to the reference.
func (p *UserProfile) TogglePin() { p.Flag ^= UserFlagPinned }

// IsSelfProfile tells whether this is this user's own profile (mesibo-api 3.4).
func (p *UserProfile) IsSelfProfile() bool { return p.Flag&UserFlagSelfProfile != 0 }

// IsBlocked tells whether messages of this user, or of this group, do not come through (mesibo-api 3.4): the server refuses
// them, or they are dropped here.
func (p *UserProfile) IsBlocked() bool {
	blocks := UserFlagBlockMessages | UserFlagRemoteBlock
	if p.GroupID != 0 {
		blocks = UserFlagBlockGroupMessages
	}
	return p.Flag&blocks != 0
}

// BlockMessages makes the server refuse this user's messages, or take them again (mesibo-api 3.4). SetProfile stores it.
func (p *UserProfile) BlockMessages(block bool) { p.set(UserFlagRemoteBlock, block) }

// BlockGroupMessages drops the group's messages on this device, or lets them in again (mesibo-api 3.4). SetProfile stores it.
func (p *UserProfile) BlockGroupMessages(block bool) { p.set(UserFlagBlockGroupMessages, block) }

func (p *UserProfile) set(flag UserFlag, on bool) {
	p.Flag &^= flag
	if on {
		p.Flag |= flag
	}
}

// GroupSettings are the properties of a group (mesibo-api 3.6).
type GroupSettings struct {
	Name    string
	Status  string // a line about the group
	Flags   GroupFlag
	Expiry  int    // seconds for which messages wait for members, negative the server's default
	Members int    // how many there are; set by the SDK
	Created uint64 // ms since the Unix epoch; set by the SDK
	// PicturePath is a picture file for a new group; empty for none.
	PicturePath string
}

// GroupProperties are changes to a group; what is nil stays as it is. It is an addition to the reference, whose setProperties
// replaces everything.
type GroupProperties struct {
	Name        *string
	Status      *string
	Flags       *GroupFlag
	Expiry      *int
	PicturePath *string // a picture file; empty removes the picture
}

// MemberPermissions are the rights of a group member (mesibo-api 3.6).
type MemberPermissions struct {
	Flags      MemberFlag
	AdminFlags AdminFlag
}

// Member is a member of a group (mesibo-api 3.6).
type Member struct {
	Address     string
	Permissions MemberPermissions
	Profile     *UserProfile // nil when it is not known
}

// IsOwner tells whether the group belongs to the member (mesibo-api 3.6).
func (m Member) IsOwner() bool { return m.Permissions.AdminFlags&AdminFlagOwner != 0 }

// IsAdmin tells whether the member may change the group (mesibo-api 3.6).
func (m Member) IsAdmin() bool { return m.Permissions.AdminFlags&AdminFlagModify != 0 }

// GroupPin lets whoever knows its code join the group (mesibo-api 3.6).
type GroupPin struct {
	Code        string // chosen by the server
	Permissions MemberPermissions
	Expires     uint64 // ms since the Unix epoch, 0 never
	Uses        int    // how often it may still be used, 0 without limit
}

// Location is a place sent as a message (mesibo-api 3.3).
type Location struct {
	Lat, Lon float64 // degrees
	Zoom     int
	URL      string
	Title    string  // name of the place
	Message  string  // postal address
	Accuracy float64 // metres, 0 unknown; an addition to the reference
	Mid      uint64
	Update   bool // set when the map image became available later
	Data     any  // the application's own; it stays on this device
}
