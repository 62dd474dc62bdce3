//go:build linux || windows

package watch

// network is why folders on other machines are not watched.
const network = "it is on a network drive"
