package netinfo

import "net"

// byInterfaces decides by the interfaces that the standard library knows. isLocal reports which names belong to cards
// and radios; nil means that names say nothing.
func byInterfaces(isLocal func(name string) bool) Kind {
	all, err := net.Interfaces()
	if err != nil {
		return Unknown
	}
	var links []link
	for _, i := range all {
		const up = net.FlagUp | net.FlagRunning
		if i.Flags&up != up || i.Flags&net.FlagLoopback != 0 || !hasAddress(i) {
			continue
		}
		l := link{medium: virtual}
		if isLocal != nil && isLocal(i.Name) {
			l.medium = local
		}
		links = append(links, l)
	}
	return decide(links)
}

// hasAddress reports whether an interface has an address that reaches beyond its own link.
func hasAddress(i net.Interface) bool {
	addresses, err := i.Addrs()
	if err != nil {
		return false
	}
	for _, a := range addresses {
		if n, ok := a.(*net.IPNet); ok && n.IP.IsGlobalUnicast() {
			return true
		}
	}
	return false
}
