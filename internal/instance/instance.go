// Package instance lets the program that has a data folder open hear of those that are started with it later: they
// hand over what they were started with, and end.
package instance

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"time"
)

const (
	longest  = 64 << 10        // bytes of a request
	within   = 5 * time.Second // for a request and its answer
	startup  = 3 * time.Second // how long the first program may take to listen
	retry    = 50 * time.Millisecond
	most     = 8   // requests at a time
	pathMost = 100 // bytes of a socket's path that every system takes
	accepted = "ok\n"
)

// Request is what a later program hands over.
type Request struct {
	Link   string `json:"link,omitempty"`   // to open
	Hidden bool   `json:"hidden,omitempty"` // it does not want a window
	Token  string `json:"token,omitempty"`  // lets a window be raised
}

// socketPath returns where the program with a data folder listens: only its user may write there.
func socketPath(folder string) (string, error) {
	sum := sha256.Sum256([]byte(folder))
	name := "parley-" + hex.EncodeToString(sum[:8]) + ".sock"
	for _, dir := range []string{os.Getenv("XDG_RUNTIME_DIR"), folder} {
		path := filepath.Join(dir, name)
		if filepath.IsAbs(dir) && len(path) <= pathMost && private(dir) {
			return path, nil
		}
	}
	return "", errors.New("there is no folder for a socket")
}

// Listen calls handle for each request, on goroutines of its own, until stop. The caller holds the lock of the data
// folder, so a socket that is there already is left from a program that was killed.
func Listen(folder string, handle func(Request)) (stop func(), err error) {
	path, err := socketPath(folder)
	if err != nil {
		return nil, err
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("listen for later starts: %w", err)
	}
	var config net.ListenConfig
	listener, err := config.Listen(context.Background(), "unix", path)
	if err != nil {
		return nil, fmt.Errorf("listen for later starts: %w", err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("listen for later starts: %w", err), listener.Close())
	}
	slots := make(chan struct{}, most)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return // it was closed
			}
			slots <- struct{}{}
			go func() {
				defer func() { <-slots }()
				serve(conn, handle)
			}()
		}
	}()
	return func() { _ = listener.Close() }, nil // the process ends
}

func serve(conn net.Conn, handle func(Request)) {
	defer func() { _ = conn.Close() }() // all was written
	if err := conn.SetDeadline(time.Now().Add(within)); err != nil {
		return
	}
	line, err := bufio.NewReader(io.LimitReader(conn, longest)).ReadBytes('\n')
	if err != nil {
		return
	}
	var r Request
	if err := json.Unmarshal(line, &r); err != nil {
		return
	}
	if _, err := io.WriteString(conn, accepted); err == nil {
		handle(r)
	}
}

// Send hands a request to the program that has a data folder open. It waits a moment for one that is just starting.
func Send(ctx context.Context, folder string, r Request) error {
	path, err := socketPath(folder)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, startup)
	defer cancel()
	var dialer net.Dialer
	for {
		conn, err := dialer.DialContext(ctx, "unix", path)
		if err == nil {
			return send(conn, r)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("hand over to the program that is open: %w", err)
		case <-time.After(retry):
		}
	}
}

func send(conn net.Conn, r Request) (err error) {
	defer func() { err = errors.Join(err, conn.Close()) }()
	if err := conn.SetDeadline(time.Now().Add(within)); err != nil {
		return fmt.Errorf("hand over to the program that is open: %w", err)
	}
	line, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("hand over to the program that is open: %w", err)
	}
	if _, err := conn.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("hand over to the program that is open: %w", err)
	}
	answer := make([]byte, len(accepted))
	if _, err := io.ReadFull(conn, answer); err != nil || string(answer) != accepted {
		return fmt.Errorf("the program that is open does not answer: %w", err)
	}
	return nil
}
