package interop

import (
	"net"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/parley-chat/parley/mesibo/internal/rtc/badnet"
)

const pathDelay = 10 * time.Millisecond // each way

// path is a bad network between the two sides: each sends to an address of the path, which it takes for the other's.
type path struct {
	near, far    *badnet.Conn // what our side and the other talk with
	ours, theirs atomic.Pointer[net.UDPAddr]
}

func newPath(t *testing.T) *path {
	t.Helper()
	p := &path{}
	var running sync.WaitGroup
	t.Cleanup(running.Wait) // after the sockets are closed
	p.near, p.far = badnet.Listen(t, pathDelay), badnet.Listen(t, pathDelay)
	running.Go(func() { carry(p.near, &p.ours, p.far, &p.theirs) })
	running.Go(func() { carry(p.far, &p.theirs, p.near, &p.ours) })
	return p
}

// carry sends on what comes from one side to the other.
func carry(in net.PacketConn, from *atomic.Pointer[net.UDPAddr], out net.PacketConn, to *atomic.Pointer[net.UDPAddr]) {
	buf := make([]byte, 1<<16)
	for {
		n, source, err := in.ReadFrom(buf)
		if err != nil {
			return // it is closed
		}
		sender, receiver := from.Load(), to.Load()
		if sender == nil || receiver == nil || source.String() != sender.String() {
			continue
		}
		if _, err := out.WriteTo(buf[:n], receiver); err != nil {
			return
		}
	}
}

// Fields of a candidate.
const (
	candidateProtocol = 2
	candidateAddress  = 4
	candidatePort     = 5
)

// through notes the address in the first candidate of a side that has one in IPv4, and returns that candidate with the
// path's instead. Of the others nothing is returned.
func (p *path) through(candidate string, side *atomic.Pointer[net.UDPAddr], conn net.PacketConn) string {
	fields := strings.Fields(candidate)
	if len(fields) <= candidatePort || !strings.EqualFold(fields[candidateProtocol], "udp") {
		return ""
	}
	port, err := strconv.Atoi(fields[candidatePort])
	ip := net.ParseIP(fields[candidateAddress]).To4()
	if err != nil || ip == nil || !side.CompareAndSwap(nil, &net.UDPAddr{IP: ip, Port: port}) {
		return ""
	}
	address := conn.LocalAddr().(*net.UDPAddr)
	fields[candidateAddress], fields[candidatePort] = address.IP.String(), strconv.Itoa(address.Port)
	return strings.Join(fields, " ")
}
