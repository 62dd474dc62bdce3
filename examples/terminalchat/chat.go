package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/term"

	"github.com/parley-chat/parley/mesibo"
)

const (
	history        = 20    // messages that are shown when a chat is opened
	typingInterval = 3_000 // ms between two signs that the user is typing
)

// chat is the terminal with the chat that is open.
type chat struct {
	m    *mesibo.Mesibo
	term *term.Terminal // safe for concurrent use

	mu      sync.Mutex // listeners are called on a goroutine of their own
	peer    string
	group   uint32
	session *mesibo.ReadDbSession // until it is stopped, messages that arrive in this chat are reported as read
	typing  bool                  // the peer was seen typing
}

func newChat(m *mesibo.Mesibo, screen io.ReadWriter) *chat {
	c := &chat{m: m, term: term.NewTerminal(screen, "")}
	c.term.AutoCompleteCallback = func(line string, _ int, key rune) (string, int, bool) { // called for each key
		if !strings.HasPrefix(line+string(key), "/") {
			_ = c.m.SendActivity(c.params(), 0, mesibo.ActivityTyping, typingInterval) // fails when offline
		}
		return "", 0, false
	}
	return c
}

// read returns the lines that are entered, until the input ends. After the end of ctx it waits for one more line.
func (c *chat) read(ctx context.Context) <-chan string {
	lines := make(chan string)
	go func() {
		defer close(lines)
		for {
			line, err := c.term.ReadLine()
			if err != nil {
				return
			}
			select {
			case lines <- line:
			case <-ctx.Done():
				return
			}
		}
	}()
	return lines
}

func (c *chat) say(format string, args ...any) { _, _ = fmt.Fprintf(c.term, format+"\n", args...) }

// params are those of a message to the open chat.
func (c *chat) params() mesibo.MessageParams {
	c.mu.Lock()
	defer c.mu.Unlock()
	p := mesibo.NewMessageParams(c.peer, mesibo.FlagDefault)
	p.GroupID = c.group
	return p
}

// enter sends a line, or carries out a command.
func (c *chat) enter(line string) error {
	command, rest, _ := strings.Cut(line, " ")
	words := strings.Fields(rest)
	switch {
	case line == "":
		return nil
	case command == "/chat" && len(words) == 1:
		if id, err := strconv.ParseUint(strings.TrimPrefix(words[0], "#"), 10, 32); err == nil && words[0][0] == '#' {
			return c.open("", uint32(id))
		}
		return c.open(words[0], 0)
	case command == "/group" && len(words) > 1:
		return c.m.CreateGroup(mesibo.GroupSettings{Name: words[0]}, words[1:], c.m.Random())
	case strings.HasPrefix(line, "/"):
		c.say("/chat USER, /chat #NUMBER, /group NAME USER…; Ctrl+D ends")
		return nil
	default:
		return c.m.SendMessageString(c.params(), c.m.Random(), line)
	}
}

// open shows the history of a chat; from then on, lines are sent to it.
func (c *chat) open(peer string, group uint32) error {
	session := c.m.NewReadDbSession(peer, group, "", nil)
	session.EnableReadReceipt(true)
	c.mu.Lock()
	if c.session != nil {
		c.session.Stop()
	}
	c.peer, c.group, c.session, c.typing = peer, group, session, false
	c.mu.Unlock()
	if group != 0 {
		peer = fmt.Sprintf("#%d", group)
	}
	c.term.SetPrompt(c.m.GetAddress() + " → " + peer + "> ")
	var messages []*mesibo.Message
	for msg, err := range session.Messages(history) { // the newest first
		if err != nil {
			return err
		}
		messages = append(messages, msg)
	}
	for _, msg := range slices.Backward(messages) {
		c.show(&msg.MessageParams, string(msg.Data))
	}
	return nil
}

// show writes a message as one line.
func (c *chat) show(p *mesibo.MessageParams, text string) {
	switch {
	case p.IsCustom() || p.IsDeleted(): // a notice about the group, or a recalled message: without text
	case p.IsOutgoing():
		c.say("%s %s", ticks(p.Status), text)
	case p.GroupID != 0:
		c.say("%s in #%d: %s", p.Peer, p.GroupID, text)
	default:
		c.say("%s: %s", p.Peer, text)
	}
}

func ticks(s mesibo.MsgStatus) string {
	switch {
	case s.IsFailed():
		return "✗ (" + s.String() + ")"
	case s == mesibo.MsgStatusRead:
		return "✓✓ (read)"
	case s == mesibo.MsgStatusDelivered:
		return "✓✓"
	case s == mesibo.MsgStatusSent:
		return "✓"
	default:
		return "…"
	}
}

func (c *chat) messages() *mesibo.ListenerFuncs {
	return &mesibo.ListenerFuncs{
		ConnectionStatus: func(s mesibo.ConnectionStatus) { c.say("-- %v", s) },
		Message: func(p *mesibo.MessageParams, data []byte) {
			c.mu.Lock()
			c.typing = false
			c.mu.Unlock()
			c.show(p, string(data))
		},
		File: func(p *mesibo.MessageParams, f *mesibo.FileInfo) { c.show(p, "["+f.Title+"] "+f.Message) },
		MessageStatus: func(p *mesibo.MessageParams) {
			if msg, err := c.m.FindMessage(p.Mid); err == nil {
				c.show(p, string(msg.Data))
			}
		},
		Activity: func(p *mesibo.MessageParams, activity mesibo.Activity) {
			c.mu.Lock()
			news := activity == mesibo.ActivityTyping && !c.typing && p.Compare(c.peer, c.group)
			c.typing = c.typing || news
			c.mu.Unlock()
			if news {
				c.say("%s is typing…", p.Peer)
			}
		},
	}
}

func (c *chat) groups() *mesibo.GroupFuncs {
	return &mesibo.GroupFuncs{
		Created: func(g *mesibo.UserProfile, _ uint32) {
			if err := c.open("", g.GroupID); err != nil {
				c.say("! %v", err)
				return
			}
			c.say("-- you made the group %s", g.Name)
		},
		Joined: func(g *mesibo.UserProfile) { c.say("-- you are in the group %s: /chat #%d", g.Name, g.GroupID) },
		Error:  func(_ *mesibo.UserProfile, err mesibo.GroupError) { c.say("! %v", err) },
	}
}
