package rtc

import (
	"fmt"
	"time"

	"github.com/parley-chat/parley/mesibo/internal/netinfo"
)

const watchEvery = 500 * time.Millisecond

// watch looks at the link and at the addresses of this machine until the end.
func (p *Peer) watch() {
	ticker := time.NewTicker(watchEvery)
	defer ticker.Stop()
	last, counted, measured := p.addresses(), counters{}, time.Now()
	for {
		select {
		case <-p.stopped:
			return
		case now := <-ticker.C:
			current := p.addresses()
			up := p.look(now, current != last)
			last = current
			if passed := now.Sub(measured); passed >= statsEvery {
				counted, measured = p.measure(counted, passed, up), now
			}
		}
	}
}

// look reports whether there is a connection.
func (p *Peer) look(now time.Time, moved bool) (up bool) {
	p.linkMu.Lock()
	defer p.linkMu.Unlock()
	if moved {
		p.tell(p.link.moved(now))
	}
	p.tell(p.link.tick(now))
	return p.link.state == linkUp
}

// addresses lists the addresses of this machine as one string, to see changes.
func addresses() string {
	list, err := netinfo.Addresses()
	if err != nil {
		return ""
	}
	return fmt.Sprint(list)
}
