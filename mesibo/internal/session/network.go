package session

import (
	"net"
	"strings"
)

// networkAddresses lists this machine's addresses as one string, to see changes.
func networkAddresses() string {
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return ""
	}
	var b strings.Builder
	for _, a := range addrs {
		b.WriteString(a.String())
		b.WriteByte(' ')
	}
	return b.String()
}

// networkUp tells whether any interface but the loopback has an address. When in doubt it says yes.
func networkUp() bool {
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return true
	}
	for _, a := range addrs {
		if n, ok := a.(*net.IPNet); !ok || (!n.IP.IsLoopback() && !n.IP.IsLinkLocalUnicast()) {
			return true
		}
	}
	return false
}
