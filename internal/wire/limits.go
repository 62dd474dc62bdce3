package wire

import "time"

// What both ends must agree on. docs/protocol.md lists them.
const (
	// Version is the protocol version in Hello.
	Version = 1
	// Subprotocol is the WebSocket subprotocol.
	Subprotocol = "parley.v1"
	// ConnectPath is the path of the WebSocket below the server's URL.
	ConnectPath = "/v1/connect"
	// FilesPath is the path below which files are uploaded, and downloaded by their ids.
	FilesPath = "/v1/files/"
	// GrantsPath is the path at which a device gets grants.
	GrantsPath = "/v1/grants"
	// GrantPrefix begins every grant.
	GrantPrefix = "parleygrant_"

	// MaxFrame is the largest frame in bytes, either way.
	MaxFrame = 256 << 10
	// MaxText is the largest Content.data in bytes.
	MaxText = 64 << 10
	// MaxAddress is the longest address in bytes.
	MaxAddress = 63
	// NonceSize is the length of Send.nonce in bytes.
	NonceSize = 16
	// MaxInFlight is how many requests may wait for their response on one connection.
	MaxInFlight = 64
	// MaxUnacked is how many events the server sends ahead of the client's Ack.
	MaxUnacked = 512
	// MaxBatch is how many events one Events frame holds.
	MaxBatch = 256

	// PingInterval is how often the server pings. The ping's payload is the user's head, a decimal number.
	PingInterval = 25 * time.Second
	// DeadAfter is how long either side waits for any frame before it gives the connection up.
	DeadAfter = 60 * time.Second
	// WriteTimeout bounds one write to the socket.
	WriteTimeout = 10 * time.Second
	// HelloTimeout is how long an upgraded connection may wait with its Hello.
	HelloTimeout = 10 * time.Second

	// DefaultExpiry replaces a negative expiry.
	DefaultExpiry = 7 * 24 * time.Hour
	// MaxThumbnail is the largest small picture in bytes: of a file, a profile or a group.
	MaxThumbnail = 24 << 10
	// MaxWaveform is the longest waveform of a sound in bytes.
	MaxWaveform = 64
	// MaxContent is the largest encoded Content in bytes.
	MaxContent = MaxText + MaxThumbnail + 16<<10
	// MaxName is the longest name of a user, group, file or place in bytes.
	MaxName = 255
	// MaxStatusText is the longest line about a user or group in bytes.
	MaxStatusText = 512
	// MaxURL is the longest URL in bytes.
	MaxURL = 2048
	// MaxEmoji is the longest reaction in bytes.
	MaxEmoji = 32
	// MaxMentions is how many addresses a message may name.
	MaxMentions = 100
	// MaxRecall is how many messages one Recall takes back.
	MaxRecall = 100
	// MaxWatch is how many users one connection may watch.
	MaxWatch = 1000
	// MaxHistory is how many messages one History brings.
	MaxHistory = 200
	// MaxGroupEdit is how many members one request adds or removes, and one GroupMembersReply holds.
	MaxGroupEdit = 1000
	// MaxGroup is how many members a group may have.
	MaxGroup = 5000
	// MaxPins is how many pins a group may have.
	MaxPins = 100

	// DedupWindow is how long the server remembers a nonce.
	DedupWindow = 7 * 24 * time.Hour
)

// Results of Response.result: the reference's RESULT_* numbers.
const (
	ResultOK           = 0
	ResultFail         = 0x80
	ResultGenError     = 0x81
	ResultNoSuchUser   = 0x83
	ResultInboxFull    = 0x84
	ResultBadRequest   = 0x85
	ResultOverCapacity = 0x86
	ResultRetryLater   = 0x87
	ResultRateLimit    = 0x8C
	ResultAuthFail     = 0xC0
	ResultDenied       = 0xC1
)

// Message statuses of SendReply.status and Status.status: the reference's MSGSTATUS_* numbers.
const (
	StatusSent        = 1
	StatusDelivered   = 2
	StatusRead        = 3
	StatusFail        = 0x80
	StatusUserOffline = 0x81
	StatusInboxFull   = 0x82
	StatusInvalidDest = 0x83
	StatusExpired     = 0x84
	StatusBlocked     = 0x88
	StatusGroupPaused = 0x90
	StatusNotMember   = 0x91
)

// Message flags of Send.flags that the server acts on: the reference's FLAG_* numbers.
const (
	FlagDeliveryReceipt = 0x1
	FlagReadReceipt     = 0x2
	FlagTransient       = 0x4
	FlagForwarded       = 0x80
)

// Group flags of GroupInfo.flags that the server acts on: the reference's GROUPFLAG_* numbers. 0: members send and receive.
const (
	GroupSendBySelected = 0x1
	GroupSendByAnyone   = 0x2
	GroupRecvBySelected = 0x10
	GroupRoundRobin     = 0x20
	GroupNoStorage      = 0x40
	GroupLoopback       = 0x80
	GroupListBySelected = 0x10000
	GroupListByAnyone   = 0x20000
	GroupNoSelfDelete   = 0x40000
	GroupPause          = 0x8000000
)

// Member flags of Permissions.flags: the reference's MEMBERFLAG_* numbers.
const (
	MemberSend         = 0x1
	MemberRecv         = 0x2
	MemberPublish      = 0x4
	MemberSubscribe    = 0x8
	MemberList         = 0x10
	MemberNoSelfDelete = 0x800
	MemberAll          = 0x1F
)

// Admin flags of Permissions.admin_flags: the reference's ADMINFLAG_* numbers.
const (
	AdminModify     = 0x1
	AdminAddUser    = 0x10
	AdminRemoveUser = 0x20
	AdminAddAdmin   = 0x40
	AdminRemAdmin   = 0x80
	AdminRemOwner   = 0x100
	AdminRemGroup   = 0x200
	AdminOwner      = 0x1000
	AdminAddPin     = 0x2000
	AdminRemovePin  = 0x4000
	AdminListPin    = 0x8000
	AdminOwnerAll   = 0xFFFF
	AdminAll        = AdminOwnerAll &^ AdminOwner
)

// Errors of GroupReply.error: the reference's GROUPERROR_* numbers.
const (
	GroupErrorNotMember  = 1
	GroupErrorPermission = 2
	GroupErrorBadPin     = 3
	GroupErrorDenied     = 4
	GroupErrorGeneral    = 10
	GroupErrorDeleted    = 11
)

// Visibility of SetSelf: the reference's VISIBILITY_* numbers.
const (
	VisibilityNone    = 0
	VisibilityPublic  = 1
	VisibilityContact = 2
)

// Activities of Activity.activity: the reference's ACTIVITY_* numbers. Those up to ActivityReserved are the protocol's.
const (
	ActivityTyping        = 3
	ActivityTypingCleared = 4
	ActivityJoined        = 10
	ActivityLeft          = 11
	ActivityReserved      = 1000
)

// Connection statuses of Goodbye.status: the reference's STATUS_* numbers.
const (
	ConnOffline  = 2
	ConnSignOut  = 3
	ConnAuthFail = 4
	ConnShutdown = 22
)

// idEpoch is where the high half of a message id begins to count seconds.
var idEpoch = time.Date(2020, time.January, 1, 0, 0, 0, 0, time.UTC)

// MessageID makes the 64-bit id of a message taken at t whose caller chose low.
func MessageID(t time.Time, low uint32) uint64 {
	return uint64(max(0, t.Unix()-idEpoch.Unix()))<<32 | uint64(low)
}
