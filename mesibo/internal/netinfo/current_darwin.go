package netinfo

import "strings"

// Current returns the kind of network this machine has now. Cards and radios are called en0, en1 and so on; both
// count as Wifi.
func Current() Kind {
	return byInterfaces(func(name string) bool { return strings.HasPrefix(name, "en") })
}
