package localserver

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/parley-chat/parley/internal/certificate"
)

const (
	// networkFile holds the address at which others reach the server, and whether they do.
	networkFile = "network.json"
	// usualPort is chosen where it is free, so that a firewall can have a rule for it.
	usualPort = "8446"
	// retryEvery is how often the address is tried that the machine did not have, as after it was in another network.
	retryEvery = 10 * time.Second
)

// Network says how others on the network reach the server.
type Network struct {
	// Open reports whether the user has opened it.
	Open bool
	// Host is the address of this machine, an IP address, and Port the TCP port.
	Host string
	Port int
	// Err is why no one else can connect at present; nil: they can.
	Err error
}

// opening is the network while it is open.
type opening struct {
	address string // immutable, like conf
	conf    *tls.Config
	stop    context.CancelFunc
	ended   sync.WaitGroup

	mu  sync.Mutex
	err error // of listening; nil while it works
}

// saved is the content of networkFile.
type saved struct {
	Address string `json:"address"`
	Open    bool   `json:"open"`
}

// Addresses lists the addresses of this machine at which others may reach it, those of private networks first.
func Addresses() (list []string, err error) {
	all, err := net.InterfaceAddrs()
	if err != nil {
		return nil, fmt.Errorf("list addresses: %w", err)
	}
	var found []netip.Addr
	for _, a := range all {
		n, ok := a.(*net.IPNet)
		if !ok || !n.IP.IsGlobalUnicast() {
			continue
		}
		if ip, ok := netip.AddrFromSlice(n.IP); ok {
			found = append(found, ip.Unmap())
		}
	}
	rank := func(ip netip.Addr) (n int) {
		if !ip.IsPrivate() {
			n++
		}
		if !ip.Is4() {
			n += 2
		}
		return n
	}
	slices.SortStableFunc(found, func(a, b netip.Addr) int { return rank(a) - rank(b) })
	for _, ip := range found {
		list = append(list, ip.String())
	}
	return list, nil
}

// Network returns how others reach the server.
func (w *Workspace) Network() Network {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.open == nil {
		return Network{}
	}
	w.open.mu.Lock()
	defer w.open.mu.Unlock()
	host, port, _ := net.SplitHostPort(w.open.address)
	n, _ := strconv.Atoi(port)
	return Network{Open: true, Host: host, Port: n, Err: w.open.err}
}

// OpenNetwork lets others on the network reach the server at an address of this machine, from now on and after the next
// start. They know it by the pin of its own certificate, which is in new invites. The port stays the same when the host
// changes. owner is the user who may invite others.
func (w *Workspace) OpenNetwork(ctx context.Context, host, owner string) error {
	if err := w.openNetwork(ctx, host, owner); err != nil {
		return fmt.Errorf("open to the network: %w", err)
	}
	return nil
}

func (w *Workspace) openNetwork(ctx context.Context, host, owner string) error {
	if _, err := netip.ParseAddr(host); err != nil {
		return err //nolint:wrapcheck // wrapped by OpenNetwork
	}
	if err := w.srv.SetAdmin(ctx, owner, true); err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	port := ""
	before, _ := w.readNetwork() // a damaged file is replaced
	if before.Address != "" {
		_, port, _ = net.SplitHostPort(before.Address)
	}
	w.endNetwork()
	ln, err := listenOn(ctx, host, port)
	if err != nil {
		if before.Open {
			err = errors.Join(err, w.startNetwork(ctx, before.Address, nil)) // it goes on as before
		}
		return err
	}
	address := ln.Addr().String()
	if err := w.writeNetwork(saved{Address: address, Open: true}); err != nil {
		_ = ln.Close()
		return err
	}
	return w.startNetwork(ctx, address, ln)
}

// listenOn listens on the port that the address has had before; else on the usual one, or if that is not free, on any.
func listenOn(ctx context.Context, host, port string) (net.Listener, error) {
	var lc net.ListenConfig
	if port != "" {
		return lc.Listen(ctx, "tcp", net.JoinHostPort(host, port)) //nolint:wrapcheck // wrapped by OpenNetwork
	}
	if ln, err := lc.Listen(ctx, "tcp", net.JoinHostPort(host, usualPort)); err == nil {
		return ln, nil
	}
	return lc.Listen(ctx, "tcp", net.JoinHostPort(host, "0")) //nolint:wrapcheck // wrapped by OpenNetwork
}

// CloseNetwork cuts the connections of others at once and lets no more in, now and after the next start. The address is
// kept for the next time.
func (w *Workspace) CloseNetwork(ctx context.Context) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.endNetwork()
	s, err := w.readNetwork()
	if err != nil {
		return err
	}
	s.Open = false
	return errors.Join(w.writeNetwork(s), w.srv.SetPublicURL(ctx, w.url, nil))
}

// resumeNetwork opens the network again if it was open at the end of the run before.
func (w *Workspace) resumeNetwork(ctx context.Context) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	s, err := w.readNetwork()
	if err != nil || !s.Open {
		return err
	}
	return w.startNetwork(ctx, s.Address, nil)
}

// startNetwork serves others at an address; without a listener it makes one as soon as that is possible. The caller
// holds mu.
func (w *Workspace) startNetwork(ctx context.Context, address string, ln net.Listener) error {
	cert, err := certificate.Own(w.dir)
	var pins []byte
	if err == nil {
		pins, err = certificate.Pins(w.dir)
	}
	if err == nil {
		err = w.srv.SetPublicURL(ctx, "https://"+address, pins)
	}
	if err != nil {
		if ln != nil {
			_ = ln.Close()
		}
		return err
	}
	serving, stop := context.WithCancel(context.WithoutCancel(ctx))
	o := &opening{address: address, conf: certificate.Config(cert), stop: stop}
	if ln == nil {
		ln, o.err = (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	}
	w.open = o
	o.ended.Go(func() { w.serveOthers(serving, o, ln) })
	return nil
}

// serveOthers serves until ctx ends.
func (w *Workspace) serveOthers(ctx context.Context, o *opening, ln net.Listener) {
	again := time.NewTicker(retryEvery)
	defer again.Stop()
	for {
		if ln != nil {
			err := w.srv.ServeTLS(ctx, ln, o.conf)
			if err == nil { // ctx has ended, or the server
				return
			}
			w.log.Warn("others cannot connect", slog.Any("error", err))
			o.note(err)
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return
		}
		var err error
		if ln, err = (&net.ListenConfig{}).Listen(ctx, "tcp", o.address); err != nil {
			ln = nil
		}
		o.note(err)
	}
}

func (o *opening) note(err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.err = err
}

// endNetwork cuts the connections of others. The caller holds mu.
func (w *Workspace) endNetwork() {
	if w.open != nil {
		w.open.stop()
		w.open.ended.Wait()
		w.open = nil
	}
}

// readNetwork returns the zero value where the server has never been open.
func (w *Workspace) readNetwork() (s saved, err error) {
	b, err := os.ReadFile(filepath.Join(w.dir, networkFile))
	if errors.Is(err, fs.ErrNotExist) {
		return saved{}, nil
	}
	if err == nil {
		err = json.Unmarshal(b, &s)
	}
	if err == nil {
		_, err = netip.ParseAddrPort(s.Address)
	}
	if err != nil {
		return saved{}, fmt.Errorf("read the address of the network: %w", err)
	}
	return s, nil
}

func (w *Workspace) writeNetwork(s saved) error {
	b, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("remember the address: %w", err)
	}
	file := filepath.Join(w.dir, networkFile)
	if err := errors.Join(os.WriteFile(file+".part", b, 0o600), os.Rename(file+".part", file)); err != nil {
		return fmt.Errorf("remember the address: %w", err)
	}
	return nil
}
