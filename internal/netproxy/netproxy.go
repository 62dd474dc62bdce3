// Package netproxy is the proxy through which the program reaches its servers: the one of the environment, none, or one
// that the user has given.
package netproxy

import (
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
)

// The settings that are no URL.
const (
	Environment = ""       // the proxy that the environment names
	None        = "direct" // no proxy
)

// ErrURL is returned for a text that is no setting.
var ErrURL = errors.New("not the address of a proxy")

// Proxy is the proxy now. The zero value is that of the environment. Its methods may be called on any goroutine.
type Proxy struct{ choice atomic.Pointer[choice] }

type choice struct{ proxy *url.URL } // nil for none

// Parse checks a setting and returns it in full: a host and port alone get the scheme http.
func Parse(setting string) (string, error) {
	setting = strings.TrimSpace(setting)
	if setting == Environment || setting == None {
		return setting, nil
	}
	if !strings.Contains(setting, "://") {
		setting = "http://" + setting
	}
	u, err := url.Parse(setting)
	if err != nil || u.Hostname() == "" || u.Path != "" && u.Path != "/" || u.RawQuery != "" {
		return "", ErrURL
	}
	switch u.Scheme {
	case "http", "https", "socks5", "socks5h":
	default:
		return "", ErrURL
	}
	if u.Port() == "" && strings.HasPrefix(u.Scheme, "socks5") {
		u.Host = net.JoinHostPort(u.Hostname(), "1080")
	}
	return u.String(), nil
}

// Set sets the proxy of connections that are made from now on.
func (p *Proxy) Set(setting string) error {
	full, err := Parse(setting)
	switch {
	case err != nil:
		return err
	case full == Environment:
		p.choice.Store(nil)
		return nil
	case full == None:
		p.choice.Store(&choice{})
		return nil
	}
	u, err := url.Parse(full)
	if err != nil {
		return ErrURL
	}
	p.choice.Store(&choice{u})
	return nil
}

// For chooses the proxy of a request. This machine is reached without.
func (p *Proxy) For(r *http.Request) (*url.URL, error) {
	now := p.choice.Load()
	switch host := r.URL.Hostname(); {
	case now == nil:
		return http.ProxyFromEnvironment(r) //nolint:wrapcheck // the caller's own
	case now.proxy == nil, host == "localhost", net.ParseIP(host).IsLoopback():
		return nil, nil //nolint:nilnil // no proxy, as http.Transport wants it
	}
	return now.proxy, nil
}
