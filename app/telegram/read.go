package telegram

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// mostChats bounds the chats of an export.
const mostChats = 20_000

// Progress is called with how many bytes of result.json were read.
type Progress func(bytes int64)

// Chats lists the chats of an export that have messages, in its order. It reads the whole file.
func (e *Export) Chats(ctx context.Context, progress Progress) ([]Chat, error) {
	var chats []Chat
	own := ""
	err := e.walk(ctx, progress, &walker{
		self: func(id string) { own = id },
		chat: func(*Chat) bool { return true },
		end: func(c *Chat, senders map[string]*Sender) error {
			if len(chats) == mostChats {
				return fmt.Errorf("%w: it has too many chats", ErrFormat)
			}
			if c.Messages > 0 {
				c.Senders = diligent(senders)
				chats = append(chats, *c)
			}
			return nil
		},
		message: func(*Chat, *Message) error { return nil },
	})
	for i := range chats {
		chats[i].Own = own
		if chats[i].Type == TypeSaved && own == "" {
			chats[i].Own = userID(chats[i].ID)
		}
	}
	return chats, err
}

func diligent(senders map[string]*Sender) []Sender {
	list := make([]Sender, 0, len(senders))
	for _, s := range senders {
		list = append(list, *s)
	}
	slices.SortFunc(list, func(a, b Sender) int {
		return cmp.Or(cmp.Compare(b.Messages, a.Messages), cmp.Compare(a.ID, b.ID))
	})
	return list[:min(len(list), MostSenders)]
}

// Messages calls each with the messages of the chats that wanted returns true for, in the order of the file.
func (e *Export) Messages(ctx context.Context, wanted func(c *Chat) bool, progress Progress,
	each func(c *Chat, m *Message) error,
) error {
	return e.walk(ctx, progress, &walker{
		self: func(string) {}, chat: wanted, message: each,
		end: func(*Chat, map[string]*Sender) error { return nil },
	})
}

// walker is called with what is read.
type walker struct {
	self    func(id string)
	chat    func(c *Chat) bool // before its messages; it reports whether they are wanted
	message func(c *Chat, m *Message) error
	end     func(c *Chat, senders map[string]*Sender) error

	stream   *stream
	progress Progress
}

func (e *Export) walk(ctx context.Context, progress Progress, w *walker) (err error) {
	f, err := e.root.Open(resultName)
	if err != nil {
		return fmt.Errorf("open export: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	w.stream, w.progress = newStream(ctx, f), progress
	return w.export()
}

// export reads the whole file: one chat, or lists of chats.
func (w *walker) export() error {
	t, err := w.stream.token()
	if err != nil {
		return err
	}
	if t != delim('{') {
		return ErrFormat
	}
	one := newChatReader(w)
	for w.stream.more() {
		t, err := w.stream.token()
		if err != nil {
			return err
		}
		switch key, _ := t.(string); key {
		case "personal_information":
			err = w.personal()
		case "chats", "left_chats":
			err = w.list()
		default:
			err = one.member(key)
		}
		if err != nil {
			return err
		}
	}
	if _, err := w.stream.token(); err != nil {
		return err
	}
	return one.end()
}

func (w *walker) personal() error {
	var about struct {
		ID number `json:"user_id"`
	}
	err := w.stream.value(&about)
	if err == nil && about.ID != 0 {
		w.self(userID(int64(about.ID)))
	}
	return err
}

func (w *walker) list() error {
	return w.stream.object(func(key string) error {
		if key != "list" {
			return w.stream.skip()
		}
		return w.stream.array(func() error {
			c := newChatReader(w)
			if err := w.stream.object(c.member); err != nil {
				return err
			}
			return c.end()
		})
	})
}

// chatReader reads one chat.
type chatReader struct {
	*walker

	chat    Chat
	senders map[string]*Sender
	begun   bool
}

func newChatReader(w *walker) *chatReader {
	return &chatReader{walker: w, senders: map[string]*Sender{}}
}

func (c *chatReader) member(key string) (err error) {
	var name words
	var id number
	switch key {
	case "name":
		err = c.stream.value(&name)
		c.chat.Name = clean(string(name))
	case "type":
		err = c.stream.value(&name)
		c.chat.Type = string(name)
	case "id":
		err = c.stream.value(&id)
		c.chat.ID = int64(id)
	case "messages":
		if c.begun = true; !c.walker.chat(&c.chat) {
			return c.stream.skip()
		}
		return c.stream.array(c.one)
	default:
		return c.stream.skip()
	}
	return err
}

// one reads a message.
func (c *chatReader) one() error {
	var raw rawMessage
	if err := c.stream.value(&raw); err != nil {
		return err
	}
	if c.progress != nil {
		c.progress(c.stream.in.read)
	}
	if raw.Type == "service" {
		c.chat.Service++
		return nil
	}
	m, ok := raw.message()
	if !ok {
		c.chat.Unknown++
		return nil
	}
	c.count(m)
	return c.message(&c.chat, m)
}

func (c *chatReader) count(m *Message) {
	c.chat.Messages++
	if m.File != nil && m.File.Path != "" {
		c.chat.Files++
	}
	if c.chat.First.IsZero() || m.Time.Before(c.chat.First) {
		c.chat.First = m.Time
	}
	if m.Time.After(c.chat.Last) {
		c.chat.Last = m.Time
	}
	s := c.senders[m.FromID]
	if s == nil {
		if len(c.senders) == 10*MostSenders {
			maps.DeleteFunc(c.senders, func(_ string, s *Sender) bool { return s.Messages == 1 })
		}
		if len(c.senders) == 10*MostSenders {
			return
		}
		s = &Sender{ID: m.FromID, Name: m.From}
		c.senders[m.FromID] = s
	}
	s.Messages++
}

func (c *chatReader) end() error {
	if !c.begun {
		return nil
	}
	return c.walker.end(&c.chat, c.senders)
}
