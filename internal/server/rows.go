package server

// userRow and tokenRow are the tables that GORM writes. The log's tables are written by the writer in SQL.
type userRow struct {
	UID      uint32 `gorm:"column:uid;primaryKey"`
	Address  string
	Folded   string
	Name     string
	Disabled bool
	Created  int64
	Rev      uint64
}

func (userRow) TableName() string { return "users" }

type tokenRow struct {
	Hash    []byte `gorm:"primaryKey"`
	ID      string `gorm:"column:id"`
	UID     uint32 `gorm:"column:uid"`
	App     string
	Label   string
	Created int64
	Expires int64
	Revoked bool
}

func (tokenRow) TableName() string { return "tokens" }

// eventKind says what an entry of the log is, for the server's own use; clients see the encoded body.
type eventKind int

const (
	kindMessage eventKind = 1 // received from somebody else
	kindOwn     eventKind = 2 // copy of a message sent
	kindStatus  eventKind = 3
	kindRead    eventKind = 4
	kindGone    eventKind = 5
	kindEdit    eventKind = 6 // recalled, modified, reaction
	kindSetting eventKind = 7 // block, chat settings
)

// seqBits is how far a uid is shifted in the key of an event.
const seqBits = 32

// eventKey packs the key of the events table: one b-tree holds all logs, each of them in one piece.
func eventKey(uid uint32, seq uint64) int64 { return int64(uid)<<seqBits | int64(seq) }

func splitKey(key int64) (uid uint32, seq uint64) {
	return uint32(key >> seqBits), uint64(key & (1<<seqBits - 1))
}
