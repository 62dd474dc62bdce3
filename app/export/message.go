package export

import "time"

// Chat is what the messages belong to.
type Chat struct {
	Title   string    `json:"title"`
	Address string    `json:"address,omitempty"` // of the other user
	Group   uint32    `json:"group,omitempty"`
	Own     Person    `json:"own"` // who exports
	Time    time.Time `json:"exported"`
}

// Person is a user.
type Person struct {
	Address string `json:"address,omitempty"`
	Name    string `json:"name"`
}

// The kinds of entries.
const (
	KindMessage = "message"
	KindNotice  = "notice" // about the group, what is pinned, and how long messages stay
	KindCall    = "call"
)

// Message is an entry of the chat.
type Message struct {
	ID        string     `json:"id"` // the same as in RefID of its replies
	Kind      string     `json:"kind"`
	Time      time.Time  `json:"time"`
	From      Person     `json:"from"`
	Own       bool       `json:"own"`
	Text      string     `json:"text,omitempty"` // with its marks; of notices and calls what the window shows
	RefID     string     `json:"reply_to,omitempty"`
	Edited    bool       `json:"edited,omitempty"`
	Deleted   bool       `json:"deleted,omitempty"`
	Forwarded bool       `json:"forwarded,omitempty"`
	Origin    *Person    `json:"forwarded_from,omitempty"`
	Unsent    bool       `json:"unsent,omitempty"`
	Reactions []Reaction `json:"reactions,omitempty"`
	File      *File      `json:"file,omitempty"`
	Place     *Place     `json:"location,omitempty"`
	Poll      *Poll      `json:"poll,omitempty"`
	Page      *Page      `json:"link_preview,omitempty"`

	quoted string // the beginning of the message that this one answers
}

// Reaction is what a user has put under a message.
type Reaction struct {
	Emoji string `json:"emoji"`
	From  Person `json:"from"`
}

// File is the file of a message.
type File struct {
	Name string `json:"name"`
	Size int64  `json:"size,omitempty"`
	MIME string `json:"mime,omitempty"`
	// Path is where the copy is, in the folder of the export; empty when the file is not on the computer.
	Path string `json:"path,omitempty"`
	// Source is the file to copy, empty for none.
	Source string `json:"-"`
}

// Place is a place.
type Place struct {
	Lat     float64 `json:"lat"`
	Lon     float64 `json:"lon"`
	Title   string  `json:"title,omitempty"`
	Address string  `json:"address,omitempty"`
}

// Page is what a message says about a page that its text links to.
type Page struct {
	URL         string `json:"url"`
	Title       string `json:"title"`
	Description string `json:"description,omitempty"`
	Site        string `json:"site,omitempty"`
}

// Poll is a question with options.
type Poll struct {
	Question string   `json:"question"`
	Options  []Option `json:"options"`
}

// Option is one of them.
type Option struct {
	Text  string   `json:"text"`
	Votes []Person `json:"votes,omitempty"`
}
