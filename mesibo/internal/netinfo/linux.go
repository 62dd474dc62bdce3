package netinfo

import (
	"bufio"
	"bytes"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"
)

// This file reads what Linux shows of its network in files. It is compiled, and tested, everywhere.

const (
	classNet    = "sys/class/net"
	routes4     = "proc/net/route"
	routes6     = "proc/net/ipv6_route"
	routeUp     = 0x1
	routeReject = 0x200

	typeEthernet = "1"
	typeLoopback = "772"
	typeRawIP    = "519" // mobile modems
)

// linux returns the kind of network that the files below root describe.
func linux(root fs.FS) (Kind, error) {
	entries, err := fs.ReadDir(root, classNet)
	if err != nil {
		return Unknown, fmt.Errorf("list network interfaces: %w", err)
	}
	ways := defaultRoutes(root)
	var links []link
	for _, e := range entries {
		metric, routed := ways[e.Name()]
		dir := path.Join(classNet, e.Name())
		if file(root, dir, "type") == typeLoopback || !isUp(root, dir, routed) {
			continue
		}
		links = append(links, link{medium: linuxMedium(root, dir, routed), routed: routed, metric: metric})
	}
	return decide(links), nil
}

// file returns what a small file holds, without the line's end; nothing when it cannot be read.
func file(root fs.FS, dir, name string) string {
	data, err := fs.ReadFile(root, path.Join(dir, name))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(data))
}

// isUp reports whether an interface works. Tunnels and modems have no state of their own: for them a route or a
// carrier counts.
func isUp(root fs.FS, dir string, routed bool) bool {
	switch file(root, dir, "operstate") {
	case "up":
		return true
	case "unknown":
		return routed || file(root, dir, "carrier") == "1"
	}
	return false
}

func linuxMedium(root fs.FS, dir string, routed bool) medium {
	has := func(name string) bool {
		_, err := fs.Stat(root, path.Join(dir, name))
		return err == nil
	}
	kind := file(root, dir, "type")
	switch {
	case has("wireless") || has("phy80211"):
		return local
	case strings.Contains(file(root, dir, "uevent"), "DEVTYPE=wwan") || kind == typeRawIP:
		return mobile
	case has("tun_flags"):
		return virtual
	// also what a container or a virtual machine has instead of a card
	case kind == typeEthernet && (has("device") || routed):
		return local
	}
	return virtual
}

// defaultRoutes returns the interfaces through which the way out goes, with the lowest metric of each.
func defaultRoutes(root fs.FS) map[string]uint32 {
	ways := make(map[string]uint32)
	add := func(name string, metric, flags uint64) {
		if flags&routeUp == 0 || flags&routeReject != 0 {
			return
		}
		if known, ok := ways[name]; !ok || uint32(metric) < known {
			ways[name] = uint32(metric)
		}
	}
	lines(root, routes4, func(f []string) { // Iface Destination Gateway Flags RefCnt Use Metric Mask …
		if len(f) >= 8 && zero(f[1]) && zero(f[7]) {
			add(f[0], number(f[6], 10), number(f[3], 16))
		}
	})
	// destination length source length gateway metric references use flags device
	lines(root, routes6, func(f []string) {
		if len(f) >= 10 && zero(f[0]) && zero(f[1]) {
			add(f[9], number(f[5], 16), number(f[8], 16))
		}
	})
	return ways
}

func lines(root fs.FS, name string, f func(fields []string)) {
	data, err := fs.ReadFile(root, name)
	if err != nil {
		return // no such protocol on this machine
	}
	for s := bufio.NewScanner(bytes.NewReader(data)); s.Scan(); {
		f(strings.Fields(s.Text()))
	}
}

func zero(digits string) bool { return digits != "" && strings.Trim(digits, "0") == "" }

// number reads a number; what is none is 0, which for flags means that the route does not count.
func number(digits string, base int) uint64 {
	n, err := strconv.ParseUint(digits, base, 32)
	if err != nil {
		return 0
	}
	return n
}
