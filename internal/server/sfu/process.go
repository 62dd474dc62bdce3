package sfu

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os/exec"
	"time"
)

const (
	startMost = 10 * time.Second
	stopMost  = 5 * time.Second
	lineMost  = 64 << 10 // bytes of a line that the child logs
)

var errSlow = errors.New("the SFU has not started in time")

// settings are what the child reads from its standard input, in one line. It ends when that is closed, so that it does
// not outlive this process.
type settings struct {
	Key      string `json:"key"`
	Secret   string `json:"secret"`
	Loopback bool   `json:"loopback,omitempty"`
	NodeIP   string `json:"node_ip,omitempty"`
	UDPPort  uint16 `json:"udp_port,omitempty"`
	TCPPort  uint16 `json:"tcp_port,omitempty"`
}

// started is what the child writes when it serves.
type started struct {
	Port uint16 `json:"port"` // of 127.0.0.1
}

// launch starts a process and waits until it serves.
func launch(ctx context.Context, c *Config) (*child, error) {
	s := settings{Key: c.Key, Secret: c.Secret, Loopback: c.Loopback, UDPPort: c.UDPPort, TCPPort: c.TCPPort}
	if c.NodeIP.IsValid() {
		s.NodeIP = c.NodeIP.String()
	}
	line, err := json.Marshal(s) //nolint:gosec // for the child alone
	if err != nil {
		return nil, fmt.Errorf("start the SFU: %w", err)
	}
	cmd := exec.CommandContext(context.WithoutCancel(ctx), c.Program) //nolint:gosec // the operator names it
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("start the SFU: %w", err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start the SFU: %w", err)
	}
	stderr, err := cmd.StderrPipe()
	if err != nil {
		return nil, fmt.Errorf("start the SFU: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the SFU: %w", err)
	}
	logged := make(chan struct{})
	go func() {
		defer close(logged)
		passLog(stderr, c.Logger)
	}()
	ready, ended := make(chan started, 1), make(chan struct{})
	go func() { // until the process has ended
		defer close(ended)
		first := bufio.NewReader(io.LimitReader(stdout, lineMost))
		var st started
		if text, err := first.ReadBytes('\n'); err == nil && json.Unmarshal(text, &st) == nil {
			ready <- st
		}
		_, _ = io.Copy(io.Discard, stdout)
		<-logged
		_ = cmd.Wait()
	}()
	ch := &child{ended: ended, stop: func() {
		_ = stdin.Close()
		timer := time.NewTimer(stopMost)
		defer timer.Stop()
		select {
		case <-ended:
		case <-timer.C:
			_ = cmd.Process.Kill()
			<-ended
		}
	}}
	_, _ = stdin.Write(append(line, '\n')) // an error: it has ended already
	timer := time.NewTimer(startMost)
	defer timer.Stop()
	select {
	case st := <-ready:
		ch.base = fmt.Sprintf("http://127.0.0.1:%d", st.Port)
		return ch, nil
	case <-ended:
		err = errEnded
	case <-timer.C:
		err = errSlow
	case <-ctx.Done():
		err = fmt.Errorf("start the SFU: %w", ctx.Err())
	}
	ch.stop()
	return nil, err
}

// passLog logs the lines that the child writes.
func passLog(r io.Reader, log *slog.Logger) {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, lineMost)
	for lines.Scan() {
		log.Warn("SFU", slog.String("line", lines.Text()))
	}
	_, _ = io.Copy(io.Discard, r) // after a line that is too long
}
