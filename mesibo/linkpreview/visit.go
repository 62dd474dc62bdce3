package linkpreview

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"unicode"

	"golang.org/x/net/idna"
)

// agent is what servers learn of this program.
const agent = "Mozilla/5.0 (compatible; LinkPreview)"

// dialing is what tests change of how connections are made: the servers of a test have other ports, and names of their
// own.
type dialing struct {
	resolver *net.Resolver
	anyPort  bool
}

// visit is the opening of one page.
type visit struct {
	f      *Fetcher
	server string // the host of the messages, in lower case
	homes  []netip.Addr
	looked bool // the addresses of the server were looked up
}

func (f *Fetcher) newVisit(server string) *visit {
	if host, _, err := net.SplitHostPort(server); err == nil {
		server = host
	}
	v := &visit{f: f, server: strings.ToLower(strings.Trim(server, "[]"))}
	if ip, err := netip.ParseAddr(v.server); err == nil {
		v.homes, v.looked = []netip.Addr{ip.Unmap()}, true
	}
	return v
}

// lookUp finds the addresses of the server, once. A proxy looks names up in place of this device.
func (v *visit) lookUp(ctx context.Context) {
	if v.looked || v.server == "" {
		return
	}
	v.looked = true
	r := v.f.dialing.resolver
	if r == nil {
		r = net.DefaultResolver
	}
	list, err := r.LookupNetIP(ctx, "ip", v.server)
	if err != nil {
		return // it is refused by its name
	}
	for _, ip := range list {
		v.homes = append(v.homes, ip.Unmap())
	}
}

// get requests an address and follows redirections.
func (v *visit) get(ctx context.Context, link, accept string) (*http.Response, error) {
	at, err := url.Parse(link)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrRefused, err)
	}
	for range mostHops + 1 {
		resp, err := v.hop(ctx, at, accept)
		if err != nil {
			return nil, err
		}
		if resp.StatusCode == http.StatusOK {
			return resp, nil
		}
		_ = resp.Body.Close() // nothing of it is wanted
		to := resp.Header.Get("Location")
		switch resp.StatusCode {
		case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect,
			http.StatusPermanentRedirect:
		default:
			return nil, fmt.Errorf("%w: the server answers %s", ErrNothing, resp.Status)
		}
		if at, err = at.Parse(to); err != nil || to == "" {
			return nil, fmt.Errorf("%w: a redirection to %q", ErrRefused, to)
		}
	}
	return nil, fmt.Errorf("%w: too many redirections", ErrRefused)
}

// hop makes one request.
func (v *visit) hop(ctx context.Context, at *url.URL, accept string) (*http.Response, error) {
	to := *at
	to.User, to.Fragment = nil, ""
	if err := plainHost(&to); err != nil {
		return nil, err
	}
	if err := v.check(&to); err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, to.String(), http.NoBody)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrRefused, err)
	}
	r.Header.Set("User-Agent", agent)
	r.Header.Set("Accept", accept)
	t := &http.Transport{DisableKeepAlives: true, MaxResponseHeaderBytes: mostHeader}
	var proxy *url.URL
	if v.f.Proxy != nil {
		if proxy, err = v.f.Proxy(r); err != nil {
			return nil, fmt.Errorf("choose proxy: %w", err)
		}
	}
	if proxy != nil {
		t.Proxy = http.ProxyURL(proxy)
	} else {
		v.lookUp(ctx)
		t.DialContext = (&net.Dialer{Resolver: v.f.dialing.resolver, Control: v.control}).DialContext
	}
	resp, err := t.RoundTrip(r)
	if err != nil {
		return nil, fmt.Errorf("open page: %w", err)
	}
	return resp, nil
}

// plainHost replaces a name in other letters by what is looked up for it: some of them stand for digits and dots.
func plainHost(u *url.URL) error {
	if !strings.ContainsFunc(u.Host, func(r rune) bool { return r > unicode.MaxASCII }) {
		return nil
	}
	host, err := idna.Lookup.ToASCII(u.Hostname())
	if err != nil {
		return fmt.Errorf("%w: %w", ErrRefused, err)
	}
	if port := u.Port(); port != "" {
		host = net.JoinHostPort(host, port)
	}
	u.Host = host
	return nil
}

// check refuses addresses by how they are written. Where a name leads is checked when the connection is made, by control
// or, if there is one, by the proxy alone.
func (v *visit) check(u *url.URL) error {
	if u.Scheme != "http" && u.Scheme != "https" {
		return fmt.Errorf("%w: the scheme %q", ErrRefused, u.Scheme)
	}
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	number, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return fmt.Errorf("%w: the port %q", ErrRefused, port)
	}
	host := strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
	if v.server != "" && host == v.server {
		return fmt.Errorf("%w: the server of the messages", ErrRefused)
	}
	if ip, err := netip.ParseAddr(host); err == nil {
		return v.allow(netip.AddrPortFrom(ip, uint16(number)))
	}
	if !v.f.dialing.anyPort && !usualPort(uint16(number)) {
		return fmt.Errorf("%w: the port %s", ErrRefused, port)
	}
	return checkName(host)
}

// control is called before each connection, with the address that a name has led to.
func (v *visit) control(_, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrRefused, err)
	}
	return v.allow(to)
}

func (v *visit) allow(to netip.AddrPort) error {
	for _, home := range v.homes {
		if home == to.Addr().Unmap() {
			return fmt.Errorf("%w: the server of the messages", ErrRefused)
		}
	}
	allow := v.f.Allow
	if allow == nil {
		allow = Public
	}
	return allow(to)
}
