package door

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// shareBits is the length of the prefix of IPv6 addresses that count as one: the smallest network that is given out.
const shareBits = 64

// shareOf returns the address that stands for all of its network.
func shareOf(addr netip.Addr) netip.Addr {
	addr = addr.Unmap().WithZone("")
	if !addr.Is6() {
		return addr
	}
	p, err := addr.Prefix(shareBits)
	if err != nil {
		return addr
	}
	return p.Addr()
}

// parseRemote returns the address of host:port; the zero Addr, which counts as one address, of anything else.
func parseRemote(remote string) netip.Addr {
	ap, err := netip.ParseAddrPort(remote)
	if err != nil {
		return netip.Addr{}
	}
	return ap.Addr().Unmap()
}

// ShareOf returns the address that stands for the network of Request.RemoteAddr.
func ShareOf(remote string) netip.Addr { return shareOf(parseRemote(remote)) }

// addrOf returns the address of the other side of a socket.
func addrOf(a net.Addr) netip.Addr {
	if tcp, ok := a.(*net.TCPAddr); ok {
		return tcp.AddrPort().Addr().Unmap()
	}
	return parseRemote(a.String())
}

// Trusts reports whether an address is one of a proxy that is believed.
func (d *Door) Trusts(addr netip.Addr) bool {
	addr = addr.Unmap().WithZone("")
	for _, p := range d.c.TrustedProxies {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}

// clientOf returns the address of a request's client. Each trusted proxy has appended the address that it saw to
// X-Forwarded-For, so the client's is the last one that is not a trusted proxy's; what is before it can be made up.
func (d *Door) clientOf(r *http.Request) netip.AddrPort {
	seen, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.AddrPort{}
	}
	seen = netip.AddrPortFrom(seen.Addr().Unmap(), seen.Port())
	if !d.Trusts(seen.Addr()) {
		return seen
	}
	list := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, text := range slices.Backward(list) {
		addr, err := netip.ParseAddr(strings.TrimSpace(text))
		if err != nil {
			break
		}
		seen = netip.AddrPortFrom(addr.Unmap(), 0)
		if !d.Trusts(addr) {
			break
		}
	}
	return seen
}

// HostOf returns the address of a client without its port.
func HostOf(remote string) string {
	if host, _, err := net.SplitHostPort(remote); err == nil {
		return host
	}
	return remote
}
