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

// Keys of the table meta.
const (
	MetaURL        = "url"
	MetaPin        = "pin"
	MetaEpoch      = "epoch"
	MetaProfileRev = "profile_rev"
	MetaGrantKey   = "grant_key"
	MetaDirectory  = "directory"
)
