package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

type healthCmd struct {
	Addr   string `help:"Address that the server listens on, as for serve." default:"127.0.0.1:8080"`
	Domain string `hidden:"" help:"As for serve."`
}

// Run asks the server on this machine whether it works. It is what a container's or a monitor's health check runs.
func (c *healthCmd) Run(ctx context.Context, std streams) error {
	addr := c.Addr
	if c.Domain != "" && addr == defaultAddr {
		addr = ":443"
	}
	answer, err := askHealth(ctx, addr, c.Domain)
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintln(std.out, answer)
	return nil
}

// askHealth asks the server that listens on an address of this machine; name is that of its certificate, if known.
func askHealth(ctx context.Context, addr, name string) (string, error) {
	const patience, most = 10 * time.Second, 1 << 10
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return "", fmt.Errorf("--addr: %w", err)
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	client := &http.Client{Transport: &http.Transport{
		// Its certificate is for another name than that of this machine's loopback address.
		TLSClientConfig: &tls.Config{ServerName: name, InsecureSkipVerify: true}, //nolint:gosec // nothing secret is said
	}}
	defer client.CloseIdleConnections()
	var errs []error
	for _, scheme := range []string{"http", "https"} {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, scheme+"://"+net.JoinHostPort(host, port)+"/healthz",
			http.NoBody)
		if err != nil {
			return "", fmt.Errorf("--addr: %w", err)
		}
		res, err := client.Do(req)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		body, err := io.ReadAll(io.LimitReader(res.Body, most))
		_ = res.Body.Close() // it was read
		text := strings.TrimSpace(string(body))
		switch {
		case err == nil && res.StatusCode == http.StatusOK:
			return text, nil
		case err == nil && strings.Contains(text, "HTTP request to an HTTPS server"):
			continue
		}
		errs = append(errs, fmt.Errorf("%s: %s", res.Status, text))
	}
	return "", fmt.Errorf("the server on %s does not work: %w", addr, errors.Join(errs...))
}
