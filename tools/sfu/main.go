// Parley-sfu is a LiveKit server, through which parleyd lets the sound and video of calls of groups go. Parleyd starts
// it and ends it. It reads its settings from standard input, as one line of JSON, writes the port that it serves at
// 127.0.0.1 to standard output, and ends when its standard input is closed.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/go-logr/logr"
	"github.com/livekit/livekit-server/pkg/config"
	"github.com/livekit/livekit-server/pkg/routing"
	"github.com/livekit/livekit-server/pkg/service"
	"github.com/livekit/livekit-server/pkg/telemetry/prometheus"
	"github.com/livekit/protocol/logger"
)

const (
	startMost = 10 * time.Second
	stopMost  = 3 * time.Second
	pollEvery = 5 * time.Millisecond

	// noSTUN is where no STUN server is. Without any, LiveKit lets clients ask Google's, which none needs to reach a
	// server. To find out its own address it has to ask one.
	noSTUN = "127.0.0.1:9"
)

// settings are those of internal/server/sfu in the main module.
type settings struct {
	Key      string `json:"key"`
	Secret   string `json:"secret"`
	Loopback bool   `json:"loopback"` // serve this machine only
	NodeIP   string `json:"node_ip"`  // that clients reach; empty: found out
	UDPPort  int    `json:"udp_port"` // 0: a free one, as with TCPPort
	TCPPort  int    `json:"tcp_port"`
}

func main() {
	if err := run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "parley-sfu:", err)
		os.Exit(1)
	}
}

func run(in io.Reader, out io.Writer) error {
	input := bufio.NewReader(in)
	line, err := input.ReadBytes('\n')
	if err != nil {
		return errors.New("it is started by parleyd; see parleyd serve --help")
	}
	var s settings
	if err := json.Unmarshal(line, &s); err != nil {
		return fmt.Errorf("read settings: %w", err)
	}
	end := make(chan struct{})
	go func() {
		defer close(end)
		_, _ = io.Copy(io.Discard, input)
	}()
	signal.Ignore(syscall.SIGINT) // of a terminal, which is also for parleyd
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM)
	server, port, err := open(&s)
	if err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Start() }()
	if err := await(server, ended); err != nil {
		return err
	}
	if _, err := fmt.Fprintf(out, "{\"port\":%d}\n", port); err != nil {
		return fmt.Errorf("say the port: %w", err)
	}
	select {
	case err := <-ended:
		return err
	case <-end:
	case <-stop:
	}
	server.Stop(true)
	select {
	case err := <-ended:
		return err
	case <-time.After(stopMost):
		return nil // the end of the process ends the rest
	}
}

// open makes a server.
func open(s *settings) (server *service.LivekitServer, port int, err error) {
	log := slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})
	logger.SetLogger(logger.LogRLogger(logr.FromSlogHandler(log)), "livekit")
	text, port, err := configuration(s)
	if err != nil {
		return nil, 0, err
	}
	conf, err := config.NewConfig(text, true, nil, nil)
	if err != nil {
		return nil, 0, fmt.Errorf("configure: %w", err)
	}
	if err := conf.ValidateKeys(); err != nil {
		return nil, 0, fmt.Errorf("configure: %w", err)
	}
	node, err := routing.NewLocalNode(conf)
	if err != nil {
		return nil, 0, fmt.Errorf("make node: %w", err)
	}
	if err := prometheus.Init(string(node.NodeID()), node.NodeType()); err != nil {
		return nil, 0, fmt.Errorf("make metrics: %w", err)
	}
	server, err = service.InitializeServer(conf, node)
	if err != nil {
		return nil, 0, fmt.Errorf("make server: %w", err)
	}
	return server, port, nil
}

// configuration returns that of LiveKit. JSON is YAML.
func configuration(s *settings) (text string, port int, err error) {
	port, err = freePort("tcp4", "127.0.0.1:0")
	if err != nil {
		return "", 0, err
	}
	rtc := map[string]any{"use_external_ip": false}
	if s.Loopback || s.NodeIP != "" {
		rtc["stun_servers"] = []string{noSTUN}
	}
	host := "0.0.0.0:0"
	if s.Loopback {
		host = "127.0.0.1:0"
		rtc["node_ip"], rtc["enable_loopback_candidate"] = "127.0.0.1", true
		rtc["interfaces"] = map[string]any{"includes": []string{"lo", "lo0"}}
	} else if s.NodeIP != "" {
		rtc["node_ip"] = s.NodeIP
		// LiveKit names this address in place of each of this machine's, and then uses any of them: also that of a link
		// which is down or of a bridge for containers.
		local, err := localFor(s.NodeIP)
		if err != nil {
			return "", 0, err
		}
		rtc["ips"] = map[string]any{"includes": []string{local.String()}}
	}
	for _, p := range []struct {
		name, network string
		port          int
	}{{"udp_port", "udp4", s.UDPPort}, {"tcp_port", "tcp4", s.TCPPort}} {
		if p.port == 0 {
			if p.port, err = freePort(p.network, host); err != nil {
				return "", 0, err
			}
		}
		rtc[p.name] = p.port
	}
	b, err := json.Marshal(map[string]any{
		"port": port, "bind_addresses": []string{"127.0.0.1"}, "keys": map[string]string{s.Key: s.Secret}, "rtc": rtc,
		"room":    map[string]any{"auto_create": false},
		"logging": map[string]any{"level": "warn", "pion_level": "error"},
	})
	if err != nil {
		return "", 0, fmt.Errorf("configure: %w", err)
	}
	return string(b), port, nil
}

// localFor returns the address of this machine, as a network, from which packets to an address go. It sends none.
func localFor(addr string) (netip.Prefix, error) {
	conn, err := net.Dial("udp", net.JoinHostPort(addr, "9"))
	if err != nil {
		return netip.Prefix{}, fmt.Errorf("find the way to %s: %w", addr, err)
	}
	defer func() { _ = conn.Close() }()
	local := conn.LocalAddr().(*net.UDPAddr).AddrPort().Addr().Unmap()
	return netip.PrefixFrom(local, local.BitLen()), nil
}

// freePort returns a port that is free now. LiveKit cannot say which one it has found by itself; when another program
// takes it meanwhile, it does not start, and parleyd tries again.
func freePort(network, address string) (int, error) {
	if network == "tcp4" {
		l, err := net.Listen(network, address)
		if err != nil {
			return 0, fmt.Errorf("find a port: %w", err)
		}
		defer l.Close()
		return l.Addr().(*net.TCPAddr).Port, nil
	}
	c, err := net.ListenPacket(network, address)
	if err != nil {
		return 0, fmt.Errorf("find a port: %w", err)
	}
	defer c.Close()
	return c.LocalAddr().(*net.UDPAddr).Port, nil
}

// await waits until the server serves: before, it could not be stopped.
func await(s *service.LivekitServer, ended <-chan error) error {
	limit := time.After(startMost)
	for !s.IsRunning() {
		select {
		case err := <-ended:
			return errors.Join(errors.New("it has ended"), err)
		case <-limit:
			return errors.New("it has not started in time")
		case <-time.After(pollEvery):
		}
	}
	return nil
}
