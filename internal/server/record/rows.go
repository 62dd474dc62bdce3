package record

// EventKind is the kind of an event of a log, for the server's own use; clients see the encoded body. The numbers are
// stored.
type EventKind int

// The kinds of events.
const (
	KindMessage EventKind = 1 // message from another user
	KindOwn     EventKind = 2 // copy of a sent message
	KindStatus  EventKind = 3
	KindRead    EventKind = 4
	KindGone    EventKind = 5 // a message that expired before any device stored it
	KindEdit    EventKind = 6 // recall, modification, reaction
	KindSetting EventKind = 7 // block, chat settings
)

// seqBits is the shift of the uid in an event key.
const seqBits = 32

// MaxSeq is the maximum number of an event.
const MaxSeq = 1<<seqBits - 1

// EventKey packs the key of the events table, so that one b-tree holds all logs, each of them contiguous.
func EventKey(uid uint32, seq uint64) int64 { return int64(uid)<<seqBits | int64(seq) }

// SplitKey is the reverse of EventKey.
func SplitKey(key int64) (uid uint32, seq uint64) {
	return uint32(key >> seqBits), uint64(key & MaxSeq)
}

// stretchBits is the shift of the number of an event in that of its stretch.
const stretchBits = 8

// Stretch returns the number of the stretch of a log in which an event is. The table stretches has those in which there
// are messages of a chat, and perhaps some in which there are none any more.
func Stretch(seq uint64) uint64 { return seq >> stretchBits }

// StretchStart returns the number of the first event of a stretch; there is none with the number 0.
func StretchStart(stretch uint64) uint64 { return stretch << stretchBits }

// PeerChat returns the number of the chat with a user in the table stretches. Numbers of groups are below 0.
func PeerChat(uid uint32) int64 { return int64(uid) }

// GroupChat returns the number of the chat of a group.
func GroupChat(gid uint32) int64 { return -int64(gid) }

// Keys of the table meta.
const (
	MetaURL        = "url"
	MetaPin        = "pin"
	MetaEpoch      = "epoch"
	MetaProfileRev = "profile_rev"
	MetaGrantKey   = "grant_key"
	MetaDirectory  = "directory"
	MetaBackup     = "backup"         // when the last one was made, in ms
	MetaLifetime   = "token_lifetime" // of new access tokens, in ms
)
