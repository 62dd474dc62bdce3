package netinfo

import (
	"errors"
	"unsafe"

	"golang.org/x/sys/windows"
)

// Kinds of adapters that x/sys does not name: mobile modems (WWANPP, WWANPP2).
const (
	ifTypeMobile  = 243
	ifTypeMobile2 = 244
)

// Current returns the kind of network this machine has now: from its adapters, of which those with a gateway are
// the way out.
func Current() Kind {
	adapters, err := adapters()
	if err != nil {
		return byInterfaces(nil)
	}
	var links []link
	for a := adapters; a != nil; a = a.Next {
		if a.OperStatus != windows.IfOperStatusUp || a.IfType == windows.IF_TYPE_SOFTWARE_LOOPBACK {
			continue
		}
		l := link{routed: a.FirstGatewayAddress != nil, metric: min(a.Ipv4Metric, a.Ipv6Metric)}
		switch a.IfType {
		case windows.IF_TYPE_ETHERNET_CSMACD, windows.IF_TYPE_IEEE80211:
			l.medium = local
		case ifTypeMobile, ifTypeMobile2:
			l.medium = mobile
		}
		links = append(links, l)
	}
	return decide(links)
}

// adapters asks for the list of adapters, with more room until it fits.
func adapters() (*windows.IpAdapterAddresses, error) {
	const flags = windows.GAA_FLAG_INCLUDE_GATEWAYS | windows.GAA_FLAG_SKIP_ANYCAST | windows.GAA_FLAG_SKIP_MULTICAST |
		windows.GAA_FLAG_SKIP_DNS_SERVER
	size := uint32(16 << 10)
	for {
		room := make([]byte, size)
		first := (*windows.IpAdapterAddresses)(unsafe.Pointer(&room[0]))
		err := windows.GetAdaptersAddresses(windows.AF_UNSPEC, flags, 0, first, &size)
		switch {
		case err == nil && size == 0:
			return nil, nil
		case err == nil:
			return first, nil
		case !errors.Is(err, windows.ERROR_BUFFER_OVERFLOW) || size <= uint32(len(room)):
			return nil, err //nolint:wrapcheck // only asked whether there is one
		}
	}
}
