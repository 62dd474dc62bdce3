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
)

// Message flags of Send.flags that the server acts on: the reference's FLAG_* numbers.
const (
	FlagDeliveryReceipt = 0x1
	FlagReadReceipt     = 0x2
	FlagTransient       = 0x4
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
