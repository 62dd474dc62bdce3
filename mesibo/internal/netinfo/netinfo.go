// Package netinfo finds what kind of network this machine has, as far as a program without special rights may know.
package netinfo

// Kind is a kind of network: the reference's CONNECTIVITY_* numbers.
type Kind int

// The kinds. Which generation a mobile network is of cannot be known without asking its modem, so it is Unknown.
const (
	Unknown      Kind = -1
	Wifi         Kind = 0 // or a cable
	Disconnected Kind = 0xFF
)

// medium is what a link goes through.
type medium int

const (
	virtual medium = iota // a tunnel, a bridge without route and so on: what is below cannot be seen
	local                 // radio of this place, or a cable
	mobile
)

// link is a network interface that is up, other than the loopback.
type link struct {
	medium medium
	routed bool // the way out of the local network goes through it
	metric uint32
}

// decide chooses among the links of a machine. The one with the way out counts, and of several the one with the
// lowest metric. When that is a tunnel, or there is no way out, those count that can be seen.
func decide(links []link) Kind {
	if len(links) == 0 {
		return Disconnected
	}
	way := -1
	for i, l := range links {
		if l.routed && (way < 0 || l.metric < links[way].metric) {
			way = i
		}
	}
	if way >= 0 && links[way].medium != virtual {
		return links[way].medium.kind()
	}
	seen := virtual
	for _, l := range links {
		switch {
		case l.medium == virtual:
		case seen != virtual && seen != l.medium:
			return Unknown
		default:
			seen = l.medium
		}
	}
	return seen.kind()
}

func (m medium) kind() Kind {
	if m == local {
		return Wifi
	}
	return Unknown
}
