// Package models holds the rows of the local database: GORM structs with their tables, columns and indexes.
// They are storage, not API: the mesibo package converts them to its own types.
package models

// Account is one signed-in user of this database and how far its log has been stored.
type Account struct {
	ID      int64  `gorm:"primaryKey"`
	Address string `gorm:"uniqueIndex;not null"`
	Name    string `gorm:"not null"`
	UID     int64  `gorm:"column:uid;not null"`
	// Epoch and Cursor name the last event stored; Epoch is 0 before the first connection.
	Epoch  int64 `gorm:"not null"`
	Cursor int64 `gorm:"not null"`
	// Base is added to event numbers to make positions, so that order survives a new epoch.
	Base            int64 `gorm:"not null"`
	ProfileRevision int64 `gorm:"not null"`
}

// TableName is GORM's.
func (Account) TableName() string { return "accounts" }

// Chat is one conversation: with a peer, or a group. Every write of a message keeps it right in the same transaction.
type Chat struct {
	ID        int64  `gorm:"primaryKey"`
	AccountID int64  `gorm:"not null"`
	Peer      string `gorm:"not null"` // empty for a group; compared without case
	GroupID   int64  `gorm:"not null"`
	// LastID and LastPosition are those of the newest message, 0 without messages.
	LastID       int64 `gorm:"not null"`
	LastPosition int64 `gorm:"not null"`
	Unread       int64 `gorm:"not null"`
	// ReadSeq is the newest event of this conversation that has been read; ReadSent is what the server was told.
	ReadSeq  int64  `gorm:"not null"`
	ReadSent int64  `gorm:"not null"`
	Draft    string `gorm:"not null"`
}

// TableName is GORM's.
func (Chat) TableName() string { return "chats" }

// Message is one message of one conversation.
type Message struct {
	ID     int64 `gorm:"primaryKey"`
	ChatID int64 `gorm:"not null"`
	// AccountID repeats the chat's, for the unique index.
	AccountID int64 `gorm:"not null"`
	// Mid is the 64-bit id; only the low 32 bits are set while an own message waits.
	Mid int64 `gorm:"not null"`
	// Position orders the messages of a conversation: by the server's log, waiting messages last.
	Position int64 `gorm:"not null"`
	// Seq is the number in this user's log, 0 while unknown.
	Seq     int64  `gorm:"not null"`
	Sender  string `gorm:"not null"` // empty for own messages
	Status  int64  `gorm:"not null"`
	Flags   int64  `gorm:"not null"`
	Type    int64  `gorm:"not null"`
	Expiry  int64  `gorm:"not null"` // seconds, as given to the sender's function
	Ts      int64  `gorm:"not null"` // ms since the Unix epoch
	RefID   int64  `gorm:"not null"`
	Nonce   []byte // own messages only
	Tried   bool   `gorm:"not null"` // an own message that may have reached the server
	Data    []byte
	Peer    string `gorm:"->;-:migration"` // joined from chats
	GroupID int64  `gorm:"->;-:migration"` // joined from chats
}

// TableName is GORM's.
func (Message) TableName() string { return "messages" }

// Profile is what is known of a user or group.
type Profile struct {
	ID        int64  `gorm:"primaryKey"`
	AccountID int64  `gorm:"not null"`
	Address   string `gorm:"not null"` // empty for a group; compared without case
	GroupID   int64  `gorm:"not null"`
	Name      string `gorm:"not null"`
	UpdatedAt int64  `gorm:"not null;autoUpdateTime:false"` // ms since the Unix epoch
}

// TableName is GORM's.
func (Profile) TableName() string { return "profiles" }

// KeyValue is one entry of the application's own key-value store.
type KeyValue struct {
	AccountID int64  `gorm:"primaryKey;autoIncrement:false"`
	Key       string `gorm:"primaryKey"`
	Value     string `gorm:"not null"`
}

// TableName is GORM's.
func (KeyValue) TableName() string { return "key_values" }
