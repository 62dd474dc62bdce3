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
	// DevicesPath is the path at which a device gets the list of its user's devices, and below which it signs them out.
	DevicesPath = "/v1/devices"
	// GrantPrefix starts every grant.
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

	// PingInterval is how often the server pings. The ping's payload is the number of the user's newest event, in decimal.
	PingInterval = 25 * time.Second
	// DeadAfter is how long either side waits for any frame before it closes the connection.
	DeadAfter = 60 * time.Second
	// WriteTimeout bounds one write to the socket.
	WriteTimeout = 10 * time.Second
	// HelloTimeout is how long the Hello of an upgraded connection may take.
	HelloTimeout = 10 * time.Second

	// DefaultExpiry replaces a negative expiry.
	DefaultExpiry = 7 * 24 * time.Hour
	// MaxThumbnail is the largest thumbnail in bytes: of a file, a profile or a group.
	MaxThumbnail = 24 << 10
	// MaxWaveform is the longest waveform of a sound in bytes.
	MaxWaveform = 64
	// MaxContent is the largest encoded Content in bytes.
	MaxContent = MaxText + MaxThumbnail + 16<<10
	// MaxName is the longest name of a user, group, file or place in bytes.
	MaxName = 255
	// MaxStatusText is the longest status line of a user or group in bytes.
	MaxStatusText = 512
	// MaxURL is the longest URL in bytes.
	MaxURL = 2048
	// MaxLinkText is the longest title, description or site of a link preview in bytes.
	MaxLinkText = 1024
	// MaxEmoji is the longest reaction in bytes.
	MaxEmoji = 32
	// MaxMentions is how many addresses a message may mention.
	MaxMentions = 100
	// MaxAge is the longest Send.age in seconds.
	MaxAge = 10 * 366 * 24 * 3600
	// MaxRecall is how many messages one Recall recalls.
	MaxRecall = 100
	// MaxWatch is how many users one connection may watch.
	MaxWatch = 1000
	// MaxHistory is how many messages one History returns.
	MaxHistory = 200
	// MaxGroupEdit is how many members one request adds or removes, and how many one GroupMembersReply holds.
	MaxGroupEdit = 1000
	// MaxGroup is how many members a group may have.
	MaxGroup = 5000
	// MaxPins is how many pins a group may have.
	MaxPins = 100

	// MaxSDP is the longest session description of a call in bytes.
	MaxSDP = 64 << 10
	// MaxCandidates is how many ICE candidates one CallChange holds, MaxCandidate the longest one in bytes.
	MaxCandidates = 32
	MaxCandidate  = 1024
	// MaxMesh is how many devices take part in the call of a group in which they are connected each with each.
	MaxMesh = 4
	// MaxGroupCall is how many take part in one that goes through an SFU, whatever the server allows.
	MaxGroupCall = 200
	// CallKeySize is the length of a CallKey in bytes, CallKeys how many indexes there are.
	CallKeySize = 16
	CallKeys    = 16
	// RingTimeout is how long a call rings.
	RingTimeout = 45 * time.Second
	// ResumeTimeout is how long a call goes on while both devices are disconnected.
	ResumeTimeout = 60 * time.Second

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
	StatusNotAccepted = 0x92 // beside the reference's: the recipient has not accepted the sender's first message yet
)

// Message flags of Send.flags that the server acts on: the reference's FLAG_* numbers.
const (
	FlagDeliveryReceipt = 0x1
	FlagReadReceipt     = 0x2
	FlagTransient       = 0x4
	FlagForwarded       = 0x80
	FlagSilent          = 0x100000 // passed on: the recipient's device makes no noise
)

// Message types of Send.type that are about the chat, from TypeReserved on; applications use the numbers below.
const (
	TypeReserved = 0xFF00
	TypePin      = 0xFF01 // the message ref_id is pinned
	TypeUnpin    = 0xFF02 // and is not any more
	TypePoll     = 0xFF04 // the first line of data is a question, each further one an option; anyone may send it
	TypeAge      = 0xFF03 // data is for how many seconds messages of the chat stay, in decimal; 0 for ever
)

// Group flags of GroupInfo.flags that the server acts on: the reference's GROUPFLAG_* numbers. 0: members send and
// receive.
const (
	GroupSendBySelected = 0x1
	GroupSendByAnyone   = 0x2
	GroupRecvBySelected = 0x10
	GroupRoundRobin     = 0x20
	GroupNoStorage      = 0x40
	GroupLoopback       = 0x80
	GroupPubBySelected  = 0x100
	GroupPubByAnyone    = 0x200
	GroupSubBySelected  = 0x1000
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
	AdminCall       = 0x400
	AdminHangup     = 0x800
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

// Activities of Activity.activity: the reference's ACTIVITY_* numbers. Those up to ActivityReserved are reserved for
// the protocol.
const (
	ActivityTyping        = 3
	ActivityTypingCleared = 4
	ActivityJoined        = 10
	ActivityLeft          = 11
	ActivityReserved      = 1000
)

// Call statuses of CallChange.status and CallReply.status: the reference's CALLSTATUS_* numbers. Those with CallEnded
// end the call.
const (
	CallIncoming     = 1
	CallInProgress   = 2
	CallRinging      = 3
	CallAnswer       = 5
	CallUpdate       = 6
	CallDTMF         = 7
	CallSDP          = 8
	CallMute         = 9
	CallUnmute       = 0xA
	CallHold         = 0xB
	CallUnhold       = 0xC
	CallPublish      = 0xD
	CallInfo         = 0x23
	CallEnded        = 0x40
	CallComplete     = 0x40
	CallCancel       = 0x41
	CallNoAnswer     = 0x42
	CallBusy         = 0x43
	CallUnreachable  = 0x44
	CallInvalidDest  = 0x46
	CallNotAllowed   = 0x4A
	CallBlocked      = 0x4B
	CallSwitched     = 0x4D
	CallIncompatible = 0x53
	CallBadID        = 0x54
	CallMaxStatus    = 0x7F
)

// Bits of CallChange.mute: the reference's MUTESTATUS_* numbers.
const (
	MuteAudio = 0x1
	MuteVideo = 0x2
	MuteAll   = 0x7 // with hold
)

// MaxProfileGet is the maximum number of addresses in a ProfileGet.
const MaxProfileGet = 20

// Reasons of Report.reason.
const (
	ReportSpam    = 1
	ReportAbuse   = 2
	ReportIllegal = 3
	ReportOther   = 4
)

// MaxReportText is the maximum length of Report.text in bytes.
const MaxReportText = 1000

// ServerAddress is the address that notices of the server come from. No user has it.
const ServerAddress = "@server"

// Connection statuses of Goodbye.status: the reference's STATUS_* numbers.
const (
	ConnOffline  = 2
	ConnSignOut  = 3
	ConnAuthFail = 4
	ConnSuspend  = 10
	ConnShutdown = 22
)

// idEpoch is the time from which the high half of a message id counts seconds.
var idEpoch = time.Date(2020, time.January, 1, 0, 0, 0, 0, time.UTC)

// MessageID returns the 64-bit id of a message that the server accepted at t, with the caller's id low.
func MessageID(t time.Time, low uint32) uint64 {
	return uint64(max(0, t.Unix()-idEpoch.Unix()))<<32 | uint64(low)
}

// MessageTime returns the time in the 64-bit id of a message.
func MessageTime(id uint64) time.Time { return idEpoch.Add(time.Duration(id>>32) * time.Second) }
