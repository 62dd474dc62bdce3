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
	// CursorMark identifies this event: the id of a message, the negative time in ms of another event, 0 unknown.
	CursorMark int64 `gorm:"not null"`
	// Base is added to event numbers to make positions, so that order survives a new epoch.
	Base            int64 `gorm:"not null"`
	ProfileRevision int64 `gorm:"not null"`
	// Visibility is who sees when this user is online: the reference's VISIBILITY_* numbers.
	Visibility int64 `gorm:"not null"`
	// GroupAdds is who may add this user to groups, in the same numbers.
	GroupAdds int64 `gorm:"not null"`
}

// TableName is GORM's.
func (Account) TableName() string { return "accounts" }

// Chat is one chat: with a peer, or a group. Every write of a message keeps it right in the same transaction.
type Chat struct {
	ID        int64  `gorm:"primaryKey"`
	AccountID int64  `gorm:"not null"`
	Peer      string `gorm:"not null"` // empty for a group; compared without case
	GroupID   int64  `gorm:"not null"`
	// LastID and LastPosition are those of the newest message, 0 without messages.
	LastID       int64 `gorm:"not null"`
	LastPosition int64 `gorm:"not null"`
	Unread       int64 `gorm:"not null"`
	// ReadSeq is the newest event of this chat that has been read; ReadSent is what the server got.
	ReadSeq  int64  `gorm:"not null"`
	ReadSent int64  `gorm:"not null"`
	Draft    string `gorm:"not null"`
	Pinned   bool   `gorm:"not null"`
	Archived bool   `gorm:"not null"`
	// MutedUntil is ms since the Unix epoch: 0 not muted, the largest number for good.
	MutedUntil int64 `gorm:"not null"`
	// MarkedUnread says that the user has marked the chat as unread.
	MarkedUnread bool `gorm:"not null"`
	// Age is for how many seconds messages stay, 0 for ever.
	Age int64 `gorm:"not null"`
	// ClearedTs is the time of the newest message when the chat was cleared: what is as old is not stored
	// again.
	ClearedTs int64 `gorm:"not null"`
}

// TableName is GORM's.
func (Chat) TableName() string { return "chats" }

// Message is one message of one chat.
type Message struct {
	ID     int64 `gorm:"primaryKey"`
	ChatID int64 `gorm:"not null"`
	// AccountID repeats the chat's, for the unique index.
	AccountID int64 `gorm:"not null"`
	// Mid is the 64-bit id; only the low 32 bits are set while an own message waits.
	Mid int64 `gorm:"not null"`
	// Position orders the messages of a chat: by the server's log, waiting messages last.
	Position int64 `gorm:"not null"`
	// Seq is the number in this user's log, 0 while unknown.
	Seq    int64  `gorm:"not null"`
	Sender string `gorm:"not null"` // empty for own messages
	Status Status `gorm:"not null"`
	Flags  int64  `gorm:"not null"`
	Type   int64  `gorm:"not null"`
	Expiry int64  `gorm:"not null"` // seconds; 0 only to who is online now, negative the server's default
	Ts     int64  `gorm:"not null"` // ms since the Unix epoch
	Age    int64  `gorm:"not null"` // seconds after Ts at which the message disappears, 0 never
	RefID  int64  `gorm:"not null"`
	Nonce  []byte // own messages only
	Tried  bool   `gorm:"not null"` // an own message that may have reached the server
	// PendingUpload says of an own message that it waits for the upload of its file, or failed while it did.
	PendingUpload bool `gorm:"column:held;not null"`
	Data          []byte
	// Kind says what Content holds; Content is nil for KindPlain without mentions.
	Kind    int64    `gorm:"not null"`
	Content *Content `gorm:"serializer:json"`
	Peer    string   `gorm:"->;-:migration"` // joined from chats
	GroupID int64    `gorm:"->;-:migration"` // joined from chats
}

// TableName is GORM's.
func (Message) TableName() string { return "messages" }

// Profile is what is known of a user or group.
type Profile struct {
	ID        int64  `gorm:"primaryKey"`
	AccountID int64  `gorm:"not null"`
	Address   string `gorm:"not null"` // empty for a group; compared without case
	GroupID   int64  `gorm:"not null"`
	Name      string `gorm:"not null"` // as published
	LocalName string `gorm:"not null"` // as this user calls them, empty for as published
	Status    string `gorm:"not null"`
	// Picture is a thumbnail; PictureURL is where the file handler finds the full one.
	Picture    []byte
	PictureURL string `gorm:"column:picture_url;not null"`
	Flags      int64  `gorm:"not null"`                      // the reference's USERFLAG_* numbers that are stored
	LastActive int64  `gorm:"not null"`                      // ms since the Unix epoch
	UpdatedAt  int64  `gorm:"not null;autoUpdateTime:false"` // ms since the Unix epoch
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

// The kinds of messages.
const (
	KindPlain    = 0
	KindLocation = 1
	KindFile     = 2
	KindGroup    = 3 // a notice about a group
	KindCall     = 4 // the record of a call
)

// The types of messages that are about the chat, as the wire has them.
const (
	TypePin   = 0xFF01
	TypeUnpin = 0xFF02
	TypeAge   = 0xFF03
)

// The states of a file that the database asks for.
const (
	FileIdle       = 0
	FileRetryLater = 2 // it is to be fetched
)

// Content is what a message carries beside its data.
type Content struct {
	Location *Location    `json:"location,omitempty"`
	File     *File        `json:"file,omitempty"`
	Group    *GroupChange `json:"group,omitempty"`
	Call     *CallRecord  `json:"call,omitempty"`
	Mentions []string     `json:"mentions,omitempty"`
	// ForwardedFrom is the address of who wrote the message that this is a copy of.
	ForwardedFrom string `json:"forwarded_from,omitempty"`
	// Album is the same of messages that are shown together, 0 of others.
	Album uint32 `json:"album,omitempty"`
	// Imported is set for messages from another program.
	Imported *Imported `json:"imported,omitempty"`
	// Link is of a text that links to a page.
	Link *LinkPreview `json:"link,omitempty"`
}

// LinkPreview is what the sender has found on a page.
type LinkPreview struct {
	URL         string `json:"url"`
	Title       string `json:"title,omitempty"`
	Description string `json:"description,omitempty"`
	Site        string `json:"site,omitempty"`
	Thumbnail   []byte `json:"thumbnail,omitempty"`
}

// Imported is what is known of a message from another program.
type Imported struct {
	Author string `json:"author,omitempty"` // the name of who wrote it, who has no address here
	Origin string `json:"origin,omitempty"` // of a copy: the name of who wrote the first one
}

// Location is a place.
type Location struct {
	Lat      float64 `json:"lat"`
	Lon      float64 `json:"lon"`
	Zoom     int     `json:"zoom,omitempty"`
	Title    string  `json:"title,omitempty"`
	Address  string  `json:"address,omitempty"`
	URL      string  `json:"url,omitempty"`
	Accuracy float64 `json:"accuracy,omitempty"`
}

// File is a file; Path and State are this device's.
type File struct {
	URL       string `json:"url,omitempty"`
	Name      string `json:"name,omitempty"`
	Size      int64  `json:"size,omitempty"`
	MIME      string `json:"mime,omitempty"`
	Type      int    `json:"type,omitempty"`
	Thumbnail []byte `json:"thumbnail,omitempty"`
	Width     int    `json:"width,omitempty"`
	Height    int    `json:"height,omitempty"`
	Duration  int    `json:"duration,omitempty"`
	Waveform  []byte `json:"waveform,omitempty"`
	// Place is the location that goes with the file.
	Place    *Location `json:"place,omitempty"`
	Played   bool      `json:"played,omitempty"` // on this device
	Path     string    `json:"path,omitempty"`
	State    int       `json:"state,omitempty"`    // the reference's FILESTATUS_* numbers
	Length   int64     `json:"length,omitempty"`   // bytes of the file that is here, if not Size
	Modified int64     `json:"modified,omitempty"` // when the file that is here was last changed, ns
	Done     int64     `json:"done,omitempty"`     // bytes that an unfinished transfer has moved
	Failure  string    `json:"failure,omitempty"`  // why the transfer failed, a name
	Stopped  bool      `json:"stopped,omitempty"`  // its upload waits until it is started again
}

// CallRecord is a call that has ended. Times are in ms since the Unix epoch.
type CallRecord struct {
	ID       uint64 `json:"id"`
	Status   int    `json:"status"` // the reference's CALLSTATUS_* numbers
	Started  int64  `json:"started"`
	Answered int64  `json:"answered,omitempty"`
	Ended    int64  `json:"ended"`
	Declined bool   `json:"declined,omitempty"`
	People   int    `json:"people,omitempty"` // of the call of a group
}

// GroupChange is something that happened to a group.
type GroupChange struct {
	Kind    int      `json:"kind"`
	Name    string   `json:"name,omitempty"`
	Members []string `json:"members,omitempty"`
	// Flags and AdminFlags are the rights of the members after the change, as in GroupMember.
	Flags      int64 `json:"flags,omitempty"`
	AdminFlags int64 `json:"admin_flags,omitempty"`
}

// Group is what is known of a group beside its profile.
type Group struct {
	AccountID     int64 `gorm:"primaryKey;autoIncrement:false"`
	GroupID       int64 `gorm:"primaryKey;autoIncrement:false"`
	Flags         int64 `gorm:"not null"` // the reference's GROUPFLAG_* numbers
	Expiry        int64 `gorm:"not null"`
	Members       int64 `gorm:"not null"`
	OwnFlags      int64 `gorm:"not null"` // this user's rights: MEMBERFLAG_*
	OwnAdminFlags int64 `gorm:"not null"` // ADMINFLAG_*
	Joined        bool  `gorm:"not null"` // this user is a member
	Created       int64 `gorm:"not null"` // ms since the Unix epoch
}

// TableName is GORM's.
func (Group) TableName() string { return "groups" }

// Invitation asks this user to become a member of a group.
type Invitation struct {
	AccountID int64  `gorm:"primaryKey;autoIncrement:false"`
	GroupID   int64  `gorm:"primaryKey;autoIncrement:false"`
	Inviter   string `gorm:"not null"`
	Name      string `gorm:"not null"` // of the group
	Members   int64  `gorm:"not null"`
	Ts        int64  `gorm:"not null"` // ms since the Unix epoch
}

// TableName is GORM's.
func (Invitation) TableName() string { return "invitations" }

// GroupMember is a member of a group, as far as this device knows.
type GroupMember struct {
	AccountID  int64  `gorm:"primaryKey;autoIncrement:false"`
	GroupID    int64  `gorm:"primaryKey;autoIncrement:false"`
	Address    string `gorm:"primaryKey"`
	Flags      int64  `gorm:"not null"`
	AdminFlags int64  `gorm:"not null"`
}

// TableName is GORM's.
func (GroupMember) TableName() string { return "group_members" }

// Receipt says that own messages of a chat up to a position have reached a user, or were read by that user.
type Receipt struct {
	ID       int64  `gorm:"primaryKey"`
	ChatID   int64  `gorm:"not null"`
	Address  string `gorm:"not null"`
	Status   Status `gorm:"not null"` // delivered or read
	Position int64  `gorm:"not null"`
	Ts       int64  `gorm:"not null"` // ms since the Unix epoch
}

// TableName is GORM's.
func (Receipt) TableName() string { return "receipts" }

// Reaction is a user's reaction to a message.
type Reaction struct {
	AccountID int64  `gorm:"primaryKey;autoIncrement:false"`
	Mid       int64  `gorm:"primaryKey;autoIncrement:false"`
	Address   string `gorm:"primaryKey"`
	Emoji     string `gorm:"not null"`
	Ts        int64  `gorm:"not null"` // ms since the Unix epoch
}

// TableName is GORM's.
func (Reaction) TableName() string { return "reactions" }

// Operation is a request that waits to be sent to the server: an edit, a change to a group, and so on.
type Operation struct {
	ID        int64  `gorm:"primaryKey"`
	AccountID int64  `gorm:"not null"`
	Kind      int64  `gorm:"not null"`
	MessageID int64  `gorm:"not null"` // the row of the message it is about
	Body      []byte `gorm:"not null"` // an encoded request
	// Undo is what to restore when the server refuses.
	Undo *Undo `gorm:"serializer:json"`
}

// Undo holds messages, and a reaction, as they were.
type Undo struct {
	Messages []Message `json:"messages,omitempty"`
	Reaction *Reaction `json:"reaction,omitempty"` // an empty emoji: there was none
}

// The kinds of operations that matter to what the log says.
const (
	OperationOther  = 0
	OperationModify = 1
	OperationReact  = 2
)

// TableName is GORM's.
func (Operation) TableName() string { return "operations" }
