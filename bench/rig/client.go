package rig

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"

	"github.com/gorilla/websocket"
	"google.golang.org/protobuf/proto"

	"github.com/parley-chat/parley/internal/wire"
)

// Client is one connected device. One goroutine reads; any may write.
type Client struct {
	ws *websocket.Conn

	mu   sync.Mutex // one write at a time
	next uint64
}

// Dial connects and says Hello. local is the address to connect from, or empty.
func Dial(ctx context.Context, addr, local string, token wire.Token) (*Client, error) {
	dialer := net.Dialer{}
	if local != "" {
		dialer.LocalAddr = &net.TCPAddr{IP: net.ParseIP(local)}
	}
	d := websocket.Dialer{
		Subprotocols: []string{wire.Subprotocol}, NetDialContext: dialer.DialContext,
		ReadBufferSize: 4096, WriteBufferSize: 2048,
	}
	ws, res, err := d.DialContext(ctx, "ws://"+addr+wire.ConnectPath,
		http.Header{"Authorization": {"Bearer " + token.String()}})
	if err != nil {
		return nil, fmt.Errorf("dial: %w", err)
	}
	_ = res.Body.Close()
	c := &Client{ws: ws}
	hello := &wire.Hello{Version: wire.Version, App: "bench"}
	if err := c.Request(&wire.Request{Op: &wire.Request_Hello{Hello: hello}}); err != nil {
		return nil, err
	}
	f, err := c.Read()
	if err != nil {
		return nil, err
	}
	if f.GetResponse().GetHello() == nil {
		return nil, fmt.Errorf("hello: refused: %v", f)
	}
	return c, nil
}

// Request sends a request.
func (c *Client) Request(r *wire.Request) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.next++
	r.Id = c.next
	return c.write(&wire.ClientFrame{Body: &wire.ClientFrame_Request{Request: r}})
}

// Ack acknowledges events.
func (c *Client) Ack(seq uint64) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.write(&wire.ClientFrame{Body: &wire.ClientFrame_Ack{Ack: &wire.Ack{Seq: seq}}})
}

func (c *Client) write(f *wire.ClientFrame) error {
	b, err := proto.Marshal(f)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if err := c.ws.WriteMessage(websocket.BinaryMessage, b); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

// Read returns the next frame. A goodbye is an error.
func (c *Client) Read() (*wire.ServerFrame, error) {
	_, b, err := c.ws.ReadMessage()
	if err != nil {
		return nil, fmt.Errorf("read: %w", err)
	}
	f, err := wire.DecodeServer(b)
	if err != nil {
		return nil, err
	}
	if bye := f.GetGoodbye(); bye != nil {
		return nil, errors.New("the server said goodbye: " + bye.GetReason())
	}
	return f, nil
}

// Close closes the connection without a goodbye.
func (c *Client) Close() error {
	if err := c.ws.Close(); err != nil {
		return fmt.Errorf("close: %w", err)
	}
	return nil
}

// Message returns the request that sends a message with a delivery receipt.
func Message(peer string, text []byte) *wire.Request {
	nonce := make([]byte, wire.NonceSize)
	_, _ = rand.Read(nonce) // never fails
	return &wire.Request{Op: &wire.Request_Send{Send: &wire.Send{
		Nonce: nonce, Id: binary.LittleEndian.Uint32(nonce) | 1, Peer: peer, Flags: wire.FlagDeliveryReceipt, Expiry: -1,
		Content: &wire.Content{Data: text},
	}}}
}
