package netinfo

import (
	"fmt"
	"net"
	"net/netip"
)

// Addresses lists the addresses of this machine at which others may reach it: not those of the loopback, nor of what is
// switched off or has no cable, which keeps its addresses.
func Addresses() (list []netip.Addr, err error) {
	all, err := net.Interfaces()
	if err != nil {
		return nil, fmt.Errorf("list network interfaces: %w", err)
	}
	for _, i := range all {
		const up = net.FlagUp | net.FlagRunning
		if i.Flags&up != up || i.Flags&net.FlagLoopback != 0 {
			continue
		}
		addresses, err := i.Addrs()
		if err != nil {
			continue // it has just disappeared
		}
		for _, a := range addresses {
			if n, ok := a.(*net.IPNet); ok {
				addr, _ := netip.AddrFromSlice(n.IP)
				list = append(list, addr.Unmap())
			}
		}
	}
	return list, nil
}
