package main

import (
	"context"
	"encoding/binary"
	"net"
	"os"
	"sync"
)

// counter counts in a file, so that the count survives any end of the process.
type counter struct {
	mu   sync.Mutex
	file *os.File
	n    uint64
}

func openCounter(path string) (*counter, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	n, err := readCounter(path)
	return &counter{file: f, n: uint64(n)}, err
}

// readCounter returns 0 for a file that does not exist yet.
func readCounter(path string) (int64, error) {
	b, err := os.ReadFile(path)
	if os.IsNotExist(err) || err == nil && len(b) == 0 {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return int64(binary.LittleEndian.Uint64(b)), nil
}

func (c *counter) add(n int) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n += uint64(n)
	_, err := c.file.WriteAt(binary.LittleEndian.AppendUint64(nil, c.n), 0)
	return err
}

func (c *counter) dial(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return &counted{conn, c}, nil
}

// counted counts the bytes written to a connection.
type counted struct {
	net.Conn

	c *counter
}

// Write counts before it writes: a kill in between counts too much, never too little.
func (c *counted) Write(b []byte) (int, error) {
	if err := c.c.add(len(b)); err != nil {
		return 0, err
	}
	return c.Conn.Write(b)
}

type countedListener struct {
	net.Listener

	c *counter
}

func (l *countedListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &counted{conn, l.c}, nil
}
