package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"

	"github.com/parley-chat/parley/bench/pairs"
)

// host is the domain of the XMPP servers.
const host = "localhost"

// xmpp is one signed-in client (RFC 6120), without TLS. It knows as much of the protocol as it needs, and looks for
// words in place of parsing XML, so that it takes little of the processors.
type xmpp struct {
	conn net.Conn
	in   *bufio.Scanner
	mu   sync.Mutex // one write at a time
}

func dialXMPP(ctx context.Context, addr string, i int) (*xmpp, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("dial: %w", err)
	}
	c := &xmpp{conn: conn}
	if err := c.signIn(i); err != nil {
		_ = conn.Close()
		return nil, fmt.Errorf("sign %s in: %w", user(i), err)
	}
	return c, nil
}

func (c *xmpp) signIn(i int) error {
	const open = "<?xml version='1.0'?><stream:stream to='" + host +
		"' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>"
	secret := base64.StdEncoding.EncodeToString([]byte("\x00" + user(i) + "\x00" + password))
	r := bufio.NewReader(c.conn)
	for _, step := range []struct{ say, wait string }{
		{open, "</stream:features>"},
		{"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>" + secret + "</auth>", "<success"},
		{open, "</stream:features>"},
		{"<iq type='set' id='bind1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>bench</resource></bind></iq>", "</iq>"},
		{"<presence/>", "<presence"},
	} {
		if err := c.write(step.say); err != nil {
			return err
		}
		var got strings.Builder
		for !strings.Contains(got.String(), step.wait) {
			b, err := r.ReadByte()
			if err != nil {
				return fmt.Errorf("wait for %s: %w: %s", step.wait, err, got.String())
			}
			_ = got.WriteByte(b)
			if s := got.String(); strings.HasSuffix(s, "</failure>") || strings.HasSuffix(s, "</stream:error>") {
				return errors.New(s)
			}
		}
	}
	c.in = bufio.NewScanner(r)
	c.in.Buffer(make([]byte, 16<<10), 1<<20)
	c.in.Split(toMessageEnd)
	return nil
}

func (c *xmpp) write(text string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, err := c.conn.Write([]byte(text)); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

var messageEnd = []byte("</message>")

// toMessageEnd splits before what follows a message.
func toMessageEnd(data []byte, _ bool) (advance int, token []byte, err error) {
	if i := bytes.Index(data, messageEnd); i >= 0 {
		i += len(messageEnd)
		return i, data[:i], nil
	}
	return 0, nil, nil
}

// message reads the next message, and whatever stands before it.
func (c *xmpp) message() (string, error) {
	if c.in.Scan() {
		return c.in.Text(), nil
	}
	if err := c.in.Err(); err != nil {
		return "", fmt.Errorf("read: %w", err)
	}
	return "", errors.New("read: the stream has ended")
}

// attribute returns the value of an attribute of the last message in a text.
func attribute(text, name string) string {
	text = text[max(0, strings.LastIndex(text, "<message")):]
	text, _, _ = strings.Cut(text, ">")
	for _, quote := range []string{"'", "\""} {
		if _, rest, found := strings.Cut(text, " "+name+"="+quote); found {
			value, _, _ := strings.Cut(rest, quote)
			return value
		}
	}
	return ""
}

// xmppLink sends messages with receipts of XEP-0184.
type xmppLink struct {
	a, b *xmpp
	head string // of a message before its id
	tail string // after it
	next int
}

func newXMPPLink(ctx context.Context, addr string, from, to int, text string) (pairs.Link, error) {
	a, err := dialXMPP(ctx, addr, from)
	if err != nil {
		return nil, err
	}
	b, err := dialXMPP(ctx, addr, to)
	if err != nil {
		return nil, err
	}
	return &xmppLink{
		a: a, b: b, head: "<message type='chat' to='" + user(to) + "@" + host + "' id='m",
		tail: "'><body>" + text + "</body><request xmlns='urn:xmpp:receipts'/></message>",
	}, nil
}

func (l *xmppLink) Send() error {
	l.next++
	return l.a.write(l.head + strconv.Itoa(l.next) + l.tail)
}

func (l *xmppLink) Receipts(done func(int)) error {
	for {
		text, err := l.a.message()
		if err != nil {
			return err
		}
		if attribute(text, "type") == "error" {
			return errors.New("refused: " + text)
		}
		if strings.Contains(text, "<received ") {
			done(1)
		}
	}
}

func (l *xmppLink) Answer() error {
	for {
		text, err := l.b.message()
		if err != nil {
			return err
		}
		if !strings.Contains(text, "<request ") {
			continue
		}
		id := attribute(text, "id")
		err = l.b.write("<message type='chat' to='" + attribute(text, "from") + "' id='r" + id +
			"'><received xmlns='urn:xmpp:receipts' id='" + id + "'/></message>")
		if err != nil {
			return err
		}
	}
}

func (l *xmppLink) Close() {
	_ = l.a.conn.Close()
	_ = l.b.conn.Close()
}

func xmppOnline(ctx context.Context, addr string, i int) (func(), error) {
	c, err := dialXMPP(ctx, addr, i)
	if err != nil {
		return nil, err
	}
	go read(func() error { _, err := c.message(); return err })
	return func() { _ = c.conn.Close() }, nil
}
