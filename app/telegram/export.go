package telegram

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Errors of this package.
var (
	// ErrNoExport: the folder has no result.json.
	ErrNoExport = errors.New("there is no result.json in the folder")
	// ErrFormat: result.json is not one of Telegram's, or is damaged.
	ErrFormat = errors.New("result.json is not what Telegram exports")
	// ErrTooLarge: one part of result.json is larger than a message can be.
	ErrTooLarge = errors.New("a part of result.json is too large")
	// ErrFile: what a message names is no file of the export.
	ErrFile = fmt.Errorf("no file of the export: %w", fs.ErrInvalid)
)

const resultName = "result.json"

// Export is a folder that was exported. Close it.
type Export struct{ root *os.Root }

// Open opens the folder of an export.
func Open(folder string) (*Export, error) {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, fmt.Errorf("open export: %w", err)
	}
	e := &Export{root: root}
	if err := e.regular(resultName); err != nil {
		return nil, errors.Join(ErrNoExport, err, root.Close())
	}
	return e, nil
}

// Close ends the use of an export.
func (e *Export) Close() error {
	if err := e.root.Close(); err != nil {
		return fmt.Errorf("close export: %w", err)
	}
	return nil
}

// Size is the size of result.json in bytes.
func (e *Export) Size() int64 {
	info, err := e.root.Stat(resultName)
	if err != nil {
		return 0
	}
	return info.Size()
}

// regular checks that a regular file is there: opening others might wait, and reading them might not end.
func (e *Export) regular(name string) error {
	info, err := e.root.Stat(name)
	if err != nil {
		return fmt.Errorf("look up file: %w", err)
	}
	if !info.Mode().IsRegular() {
		return ErrFile
	}
	return nil
}

// File opens a file of a message. Its path leads nowhere but into the folder, also not by symbolic links. The error wraps
// fs.ErrNotExist or fs.ErrInvalid when there is no such file.
func (e *Export) File(path string) (*os.File, error) {
	name := filepath.FromSlash(path)
	if path == "" || strings.ContainsRune(path, 0) || !filepath.IsLocal(name) {
		return nil, ErrFile
	}
	err := e.regular(name)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrInvalid), errors.Is(err, fs.ErrPermission):
		return nil, err
	case err != nil: // the path is too long, leads out of the folder, and so on
		return nil, errors.Join(ErrFile, err)
	}
	f, err := e.root.Open(name)
	if err != nil {
		return nil, fmt.Errorf("open file: %w", err)
	}
	return f, nil
}

// Chat is a chat of an export.
type Chat struct {
	Name string // empty for what Telegram has no name for, such as saved messages
	Type string // as Telegram has it, such as personal_chat
	ID   int64
	// Messages counts those that can be imported, Service notices such as that a member joined, Files the files of messages
	// that the export names, and Unknown what this package does not know.
	Messages, Service, Files, Unknown int
	First, Last                       time.Time // of messages
	// Senders are those who wrote, the most diligent first, at most MostSenders.
	Senders []Sender
	// Own is the ID of the sender who exported, empty when the export does not say.
	Own string
}

// MostSenders bounds the senders of a chat.
const MostSenders = 200

// Sender is someone who wrote in a chat.
type Sender struct {
	ID, Name string
	Messages int
}

// Kinds of chats.
const (
	TypeSaved    = "saved_messages"
	typePersonal = "personal_chat"
	typeBot      = "bot_chat"
)

// IsPersonal reports whether the chat is with one other user.
func (c *Chat) IsPersonal() bool { return c.Type == typePersonal || c.Type == typeBot }

// Peer is the ID of the other sender of a personal chat, empty for others.
func (c *Chat) Peer() string {
	if !c.IsPersonal() {
		return ""
	}
	return userID(c.ID)
}

func userID(n int64) string { return "user" + strconv.FormatInt(n, 10) }

// Source names a message for good.
func (c *Chat) Source(message int64) string {
	kind := "user"
	switch {
	case c.Type == "private_group":
		kind = "chat"
	case strings.HasSuffix(c.Type, "group"), strings.HasSuffix(c.Type, "channel"):
		kind = "channel"
	}
	return fmt.Sprintf("telegram:%s%d:%d", kind, c.ID, message)
}

// IsOwn reports whether the user who exported sent a message. own is the sender's ID, when it is known.
func (c *Chat) IsOwn(m *Message, own string) bool {
	if c.IsPersonal() {
		return m.FromID != c.Peer()
	}
	return own != "" && m.FromID == own
}

// Message is a message of a chat.
type Message struct {
	ID           int64
	Time         time.Time
	From, FromID string
	Text         string // with marks of Markdown
	ReplyTo      int64
	Edited       bool
	Forwarded    bool
	Origin       string // of a copy: the name of who wrote the first one
	Place        *Place
	File         *File
}

// Place is a location.
type Place struct {
	Lat, Lon       float64
	Title, Address string
}

// Kind is what a file is.
type Kind int

// The kinds.
const (
	KindDocument Kind = iota
	KindPhoto
	KindSticker
	KindVoice
	KindVideo
	KindAnimation
	KindAudio
)

// File is a file of a message.
type File struct {
	Kind          Kind
	Path          string // in the folder, empty when it was not exported
	Name          string // empty when only the path has one
	MIME          string
	Width, Height int
	Duration      time.Duration
}
