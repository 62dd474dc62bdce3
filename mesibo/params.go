package mesibo

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/parley-chat/parley/internal/wire"
)

// Values of MessageParams.Expiry that are no number of seconds.
const (
	// ExpiryDefault lets the server choose how long a message may wait for its recipient: 7 days. 0 means the same,
	// as does every other negative number.
	ExpiryDefault = -1
	// ExpiryOnline delivers a message only to a recipient who is online now; for others it fails with
	// MsgStatusUserOffline. It is the reference's 0, which is not lossy here, because a zero value must not be.
	// FlagTransient goes further: such a message is not stored anywhere.
	ExpiryOnline = math.MinInt32
)

// MessageParams are the properties of a message beside its content. It is passed by value to the senders, so one
// value may serve many messages and many goroutines.
type MessageParams struct {
	// Mid is the 64-bit id of an incoming message, or of the message a status is about.
	// Its low 32 bits are the id the sender chose. While an own message waits in the outbox the high half is 0.
	// The senders ignore it: an outgoing id is an argument.
	Mid uint64
	// Peer is the address of the other party: the recipient of an outgoing message, the sender of an incoming one.
	Peer string
	// GroupID is 0 for one-to-one messages. With it the senders ignore Peer, so that the parameters of a received group
	// message name the group for them as well.
	GroupID uint32
	// Flag says which receipts are wanted and how the message is treated. The zero value asks for nothing.
	Flag Flag
	// Expiry is how many seconds an outgoing message may wait for its recipient; 0 and ExpiryDefault are the server's
	// default, ExpiryOnline is for those who are online now. Of a received message it is 0.
	Expiry int
	// Age is for how long the message stays, counted from Ts; then it disappears everywhere. 0 is for ever; of an outgoing
	// message it is what SetDisappearing has set for the chat.
	Age time.Duration
	// Type is the application's own, 0 to 65535; those from TypeReserved on are for messages about the chat.
	Type int
	// Ts is when the server took the message, or when its status changed: milliseconds since the Unix epoch.
	Ts uint64
	// RefID is the Mid of a related message, or any value of the application.
	RefID uint64
	// Origin says where a message handed to a listener comes from.
	Origin Origin
	// Status is the message's state.
	Status MsgStatus
	// Profile is the other party's, in a group the sender's, as GetProfile returns it when the listener is called; of
	// a user who is not known yet it holds the address and the state of the chat. The senders ignore it.
	Profile *UserProfile
	// GroupProfile is the group's, likewise; nil for one-to-one messages. The senders ignore it.
	GroupProfile *UserProfile
	// Mentions are addresses that the text names; the senders pass them on.
	Mentions []string
	// LinkPreview is what the sender has found on a page that the text links to; the senders pass it on.
	LinkPreview *LinkPreview
	// Album is a number of the application's that messages have in common which are to be shown together, such as
	// pictures that were sent at once; 0 for none.
	Album uint32
	// ForwardedFrom is, of a copy (FlagForwarded), the address of who wrote the first one, as far as it is known.
	// ForwardMessage sets it; the senders ignore it.
	ForwardedFrom string
	// Reactions are those to a message read from the database or updated.
	Reactions []Reaction
	// GroupChange is set for notices about a group (MsgStatusCustom); Peer is then who made the change.
	GroupChange *GroupChange
	// Call is set for the records of calls, see IsCall; Peer is then the other party.
	Call *CallRecord
	// Imported is set for messages that ImportMessages has stored. The senders ignore it.
	Imported *Imported
}

// Reaction is a user's reaction to a message.
type Reaction struct {
	Address string
	Emoji   string
	Ts      time.Time
}

// GroupChange is something that happened to a group.
type GroupChange struct {
	Kind    GroupChangeKind
	Name    string   // of the group at that time
	Members []string // addresses of those it is about
	// Permissions are the rights of the members after the change, of all the same.
	Permissions MemberPermissions
}

// Receipt is what is known of one recipient of an own message.
type Receipt struct {
	Address   string
	Delivered time.Time // when it reached one of their devices, the zero time when it did not
	Read      time.Time // when they read it, the zero time when they did not
}

// Message is a message with what it carries, as Messages and FindMessage give it.
type Message struct {
	MessageParams

	Data     []byte
	Location *Location // of a location message
	File     *FileInfo // of a file message
}

// rowExpiry is Expiry as the database and the server have it: 0 only to who is online now, negative the server's
// default.
func (p *MessageParams) rowExpiry() int64 {
	switch {
	case p.Expiry == ExpiryOnline:
		return 0
	case p.Expiry <= 0:
		return ExpiryDefault
	}
	return int64(p.Expiry)
}

// Reply returns the parameters of an answer to a message: to the same chat, with both receipts and the
// usual expiry, and with RefID naming the message. Those of a received message are less fit for it: they carry its
// own flags.
func (p *MessageParams) Reply() MessageParams {
	r := MessageParams{GroupID: p.GroupID, Flag: FlagDefault, Expiry: ExpiryDefault, RefID: p.Mid}
	if p.GroupID == 0 {
		r.Peer = p.Peer
	}
	return r
}

// GetSenderMessageID returns the half of Mid that the sender chose: of an own message the id given to SendMessage. It
// is the same before and after the message is sent, unlike Mid.
func (p *MessageParams) GetSenderMessageID() uint32 { return uint32(p.Mid) }

// IsIncoming reports whether another user sent the message.
func (p *MessageParams) IsIncoming() bool {
	return p.Status == MsgStatusReceivedNew || p.Status == MsgStatusReceivedRead
}

// IsOutgoing reports whether this user sent the message, here or on another device.
func (p *MessageParams) IsOutgoing() bool {
	return p.Status <= MsgStatusRead || p.Status.IsFailed()
}

// IsMessageStatusFailed reports whether the message failed; Resend tries again.
func (p *MessageParams) IsMessageStatusFailed() bool { return p.Status.IsFailed() }

// IsMessageStatusInProgress reports whether the message still waits in the outbox.
func (p *MessageParams) IsMessageStatusInProgress() bool { return p.Status == MsgStatusOutbox }

// IsLastMessage reports whether this is the last message of one Read.
func (p *MessageParams) IsLastMessage() bool { return p.Flag&FlagLastMessage != 0 }

// IsRealtimeMessage reports whether the message has just been received.
func (p *MessageParams) IsRealtimeMessage() bool { return p.Origin == OriginRealtime }

// IsDBMessage reports whether a read session found the message.
func (p *MessageParams) IsDBMessage() bool { return p.Origin == OriginDBMessage }

// IsDBSummaryMessage reports whether a summary session found the message.
func (p *MessageParams) IsDBSummaryMessage() bool { return p.Origin == OriginDBSummary }

// Compare reports whether the message belongs to the chat with peer, or to the group when groupID is not 0.
// Addresses are compared without case.
func (p *MessageParams) Compare(peer string, groupID uint32) bool {
	if p.GroupID != 0 || groupID != 0 {
		return p.GroupID == groupID
	}
	return strings.EqualFold(p.Peer, peer)
}

// IsForwarded reports whether the message is a copy of another one.
func (p *MessageParams) IsForwarded() bool { return p.Flag&FlagForwarded != 0 }

// IsModified reports whether the sender changed the message after sending it.
func (p *MessageParams) IsModified() bool { return p.Flag&FlagModify != 0 }

// IsDeleted reports whether the message was recalled; it carries nothing any more.
func (p *MessageParams) IsDeleted() bool { return p.Flag&FlagDeleted != 0 }

// IsPresence reports whether this is an activity, such as typing.
func (p *MessageParams) IsPresence() bool { return p.Flag&FlagPresence != 0 }

// IsCustom reports whether the message is only stored here: by AddCustomMessage, or as a notice about a group.
func (p *MessageParams) IsCustom() bool { return p.Status == MsgStatusCustom }

// IsSavedMessage reports whether AddCustomMessage stored the message.
func (p *MessageParams) IsSavedMessage() bool { return p.Flag&FlagSaveCustom != 0 }

// IsCall reports whether this is the record of a call.
func (p *MessageParams) IsCall() bool {
	return p.Status == MsgStatusCallMissed || p.Status == MsgStatusCallIncoming || p.Status == MsgStatusCallOutgoing
}

// IsMissedCall reports whether this is the record of a call that was not answered here.
func (p *MessageParams) IsMissedCall() bool { return p.Status == MsgStatusCallMissed }

// IsVideoCall reports whether this is the record of a call with video.
func (p *MessageParams) IsVideoCall() bool { return p.IsCall() && p.Type&1 != 0 }

// IsVoiceCall reports whether this is the record of a call without video.
func (p *MessageParams) IsVoiceCall() bool { return p.IsCall() && p.Type&1 == 0 }

// IsDBPendingMessage reports whether the message came while no listener was there. Never here: messages are stored
// before listeners are called, and read from the database.
func (p *MessageParams) IsDBPendingMessage() bool { return p.Origin == OriginDBPending }

// UserProfile is what is known of a user or a group, and of the chat with them. It is a copy: SetProfile stores
// changes to it.
type UserProfile struct {
	// Name is what people call the user or group. A name set by SetProfile stands before the published one.
	Name string
	// Address is the user's; empty for groups.
	Address string
	// GroupID is 0 for users.
	GroupID uint32
	// Status is the line that the user, or the group, has about itself.
	Status string
	// PicturePath is the file of the full picture, see GetUserProfilePicturePath. Setting it and storing the own
	// profile, or GroupProperties.PicturePath, changes the picture.
	PicturePath string
	// Picture is a thumbnail, JPEG or PNG; empty without one. Its bytes may be shared and must not be changed.
	Picture []byte
	// PictureURL is what the file handler fetches the full picture by.
	PictureURL string
	// Draft is text that was typed and not sent.
	Draft string
	// Unread counts the unread messages of the chat.
	Unread int
	// Flag says whether the chat is archived, muted or pinned, the user blocked, and so on.
	Flag UserFlag
	// MutedUntil is when UserFlagMute ends, the zero time for never.
	MutedUntil time.Time
	// Disappearing is for how long messages of the chat stay, 0 for ever; see SetDisappearing.
	Disappearing time.Duration
	// Other is the application's own; it is kept in memory.
	Other any
	// Timestamp is when the profile last changed: milliseconds since the Unix epoch.
	Timestamp uint64
	// Online reports whether the user is online, as far as they let it be seen.
	Online bool
	// LastActiveTime is the last sign of life of the user: milliseconds since the Unix epoch, 0 unknown.
	LastActiveTime uint64

	given *UserProfile // as GetProfile gave it: SetProfile stores only what was changed since
}

// GetNameOrAddress returns what to call the user or group: the name, or when it is not known the address, of a group
// its number.
func (p *UserProfile) GetNameOrAddress() string {
	switch {
	case p.Name != "":
		return p.Name
	case p.GroupID != 0:
		return strconv.FormatUint(uint64(p.GroupID), 10)
	}
	return p.Address
}

// IsMuted reports whether messages are to make no noise.
func (p *UserProfile) IsMuted() bool {
	return p.Flag&UserFlagMute != 0 && (p.MutedUntil.IsZero() || p.MutedUntil.After(time.Now()))
}

// ToggleMute mutes the chat for good, or ends that. SetProfile stores it.
func (p *UserProfile) ToggleMute() {
	if p.IsMuted() {
		p.Flag &^= UserFlagMute
	} else {
		p.Flag |= UserFlagMute
	}
	p.MutedUntil = time.Time{}
}

// IsArchived reports whether the chat is archived.
func (p *UserProfile) IsArchived() bool { return p.Flag&UserFlagArchive != 0 }

// ToggleArchive archives the chat, or brings it back. SetProfile stores it.
func (p *UserProfile) ToggleArchive() { p.Flag ^= UserFlagArchive }

// IsPinned reports whether the chat stands before the others.
func (p *UserProfile) IsPinned() bool { return p.Flag&UserFlagPinned != 0 }

// TogglePin pins the chat, or unpins it. SetProfile stores it.
func (p *UserProfile) TogglePin() { p.Flag ^= UserFlagPinned }

// IsMarkedUnread reports whether the user has marked the chat as unread.
func (p *UserProfile) IsMarkedUnread() bool { return p.Flag&UserFlagUnread != 0 }

// MarkUnread marks the chat as unread, or ends that; no message changes. SetProfile stores it.
func (p *UserProfile) MarkUnread(mark bool) { p.set(UserFlagUnread, mark) }

// IsMessageRequest reports whether the user has written to this one and waits to be accepted: see AcceptMessageRequest.
func (p *UserProfile) IsMessageRequest() bool { return p.Flag&UserFlagRequest != 0 }

// ServerAddress is the address that notices of the server come from: its operator writes to users, who can neither block
// nor answer.
const ServerAddress = wire.ServerAddress

// IsServer reports whether the profile is that of the server, which sends notices.
func (p *UserProfile) IsServer() bool { return p.GroupID == 0 && p.Address == ServerAddress }

// IsSelfProfile reports whether this is this user's own profile.
func (p *UserProfile) IsSelfProfile() bool { return p.Flag&UserFlagSelfProfile != 0 }

// IsBlocked reports whether messages of this user, or of this group, do not come through: the server refuses them,
// or they are dropped here.
func (p *UserProfile) IsBlocked() bool {
	blocks := UserFlagBlockMessages | UserFlagRemoteBlock
	if p.GroupID != 0 {
		blocks = UserFlagBlockGroupMessages
	}
	return p.Flag&blocks != 0
}

// BlockMessages makes the server refuse this user's messages, or take them again. SetProfile stores it.
func (p *UserProfile) BlockMessages(block bool) { p.set(UserFlagRemoteBlock, block) }

// BlockGroupMessages drops the group's messages on this device, or lets them in again. SetProfile stores it.
func (p *UserProfile) BlockGroupMessages(block bool) { p.set(UserFlagBlockGroupMessages, block) }

func (p *UserProfile) set(flag UserFlag, on bool) {
	p.Flag &^= flag
	if on {
		p.Flag |= flag
	}
}

// GroupSettings are the properties of a group.
type GroupSettings struct {
	Name    string
	Status  string // a line about the group
	Flags   GroupFlag
	Expiry  int       // seconds for which messages wait for members, negative the server's default
	Members int       // how many there are; set by the SDK
	Created time.Time // set by the SDK
	// PicturePath is a picture file for a new group; empty for none.
	PicturePath string
}

// GroupProperties are changes to a group; a nil field stays unchanged.
type GroupProperties struct {
	Name        *string
	Status      *string
	Flags       *GroupFlag
	Expiry      *int
	PicturePath *string // a picture file; empty removes the picture
}

// MemberPermissions are the rights of a group member.
type MemberPermissions struct {
	Flags      MemberFlag
	AdminFlags AdminFlag
}

// Member is a member of a group.
type Member struct {
	Address     string
	Permissions MemberPermissions
	Profile     *UserProfile // nil when it is not known
}

// IsOwner reports whether the group belongs to the member.
func (m Member) IsOwner() bool { return m.Permissions.AdminFlags&AdminFlagOwner != 0 }

// IsAdmin reports whether the member may change the group.
func (m Member) IsAdmin() bool { return m.Permissions.AdminFlags&AdminFlagModify != 0 }

// GroupPin lets whoever knows its code join the group.
type GroupPin struct {
	Code        string // chosen by the server
	Permissions MemberPermissions
	Expires     time.Time // the zero time for never
	Uses        int       // how often it may still be used, 0 without limit
}

// Location is a place sent as a message.
type Location struct {
	Lat, Lon float64 // degrees
	Zoom     int
	URL      string
	Title    string  // name of the place
	Message  string  // postal address
	Accuracy float64 // metres, 0 unknown
	Mid      uint64
	Update   bool // set when the map image became available later
	Data     any  // the application's own; it stays on this device
}
