package linkpreview

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
)

// special are the blocks of addresses that are not public hosts, of the registries of RFC 6890.
var special = prefixes( //nolint:gochecknoglobals // a table
	"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
	"192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
	"224.0.0.0/4", "240.0.0.0/4",
	"2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
)

// Blocks of IPv6: the public hosts, and those that stand for hosts of IPv4.
var (
	global = netip.MustParsePrefix("2000::/3")     //nolint:gochecknoglobals // a constant
	nat64  = netip.MustParsePrefix("64:ff9b::/96") //nolint:gochecknoglobals // a constant
)

func prefixes(list ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(list))
	for i, s := range list {
		out[i] = netip.MustParsePrefix(s)
	}
	return out
}

// Public refuses what is not the port 80 or 443 of a public address: private, loopback, link-local, multicast and reserved
// ones, those of carriers, and those of this machine.
func Public(to netip.AddrPort) error {
	ip := to.Addr().Unmap()
	if ip.Is6() && nat64.Contains(ip) {
		b := ip.As16()
		ip = netip.AddrFrom4([4]byte(b[12:]))
	}
	switch {
	case !usualPort(to.Port()):
		return fmt.Errorf("%w: the port %d", ErrRefused, to.Port())
	case ip.Zone() != "", ip.Is6() && !global.Contains(ip),
		slices.ContainsFunc(special, func(p netip.Prefix) bool { return p.Contains(ip) }):
		return fmt.Errorf("%w: %s is not public", ErrRefused, ip)
	case ofThisMachine(ip):
		return fmt.Errorf("%w: %s is this machine", ErrRefused, ip)
	}
	return nil
}

func usualPort(port uint16) bool { return port == 80 || port == 443 }

func ofThisMachine(ip netip.Addr) bool {
	list, err := net.InterfaceAddrs()
	if err != nil {
		return false
	}
	return slices.ContainsFunc(list, func(a net.Addr) bool {
		n, ok := a.(*net.IPNet)
		return ok && n.IP.Equal(ip.AsSlice())
	})
}

// checkName refuses names of hosts that no public one has: those without a dot, those of local networks, and numbers
// that some programs take for addresses, such as 127.1 and 0x7f000001.
func checkName(host string) error {
	dot := strings.LastIndexByte(host, '.')
	last := host[dot+1:]
	switch {
	case dot < 0:
		return fmt.Errorf("%w: %q is not a public name", ErrRefused, host)
	case strings.Trim(last, "0123456789") == "", strings.HasPrefix(last, "0x"):
		return fmt.Errorf("%w: %q is a number", ErrRefused, host)
	}
	switch last {
	case "localhost", "local", "internal", "lan", "home", "corp", "test", "invalid":
		return fmt.Errorf("%w: %q is not a public name", ErrRefused, host)
	}
	if strings.HasSuffix(host, ".home.arpa") {
		return fmt.Errorf("%w: %q is not a public name", ErrRefused, host)
	}
	return nil
}
