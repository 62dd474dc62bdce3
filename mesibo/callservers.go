package mesibo

import (
	"net/netip"
	"net/url"
	"time"

	"github.com/parley-chat/parley/internal/wire"
	"github.com/parley-chat/parley/mesibo/call"
	"github.com/parley-chat/parley/mesibo/internal/session"
)

// callServers are the servers through which calls of the account may go.
type callServers struct {
	list  []call.ICEServer
	until time.Time // when they have to be asked for again
}

// servers returns the servers through which a call may go. It waits for the server's answer, not for long: most calls
// work without.
func (cs *calls) servers(s *session.Session) []call.ICEServer {
	cs.mu.Lock()
	known, run := cs.known, cs.run
	cs.mu.Unlock()
	if time.Now().Before(known.until) {
		return known.list
	}
	answered := make(chan *wire.Response, 1)
	request := &wire.Request{Op: &wire.Request_CallServers{CallServers: &wire.CallServers{}}}
	if !s.Ask(request, func(res *wire.Response) { answered <- res }) {
		return known.list
	}
	timer := time.NewTimer(cs.times.servers)
	defer timer.Stop()
	select {
	case res := <-answered:
		if res.GetResult() != wire.ResultOK || res == nil {
			return known.list
		}
		known = iceServers(res.GetCallServers(), time.Now())
	case <-timer.C:
		return known.list
	}
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if cs.run == run { // otherwise they may be another account's
		cs.known = known
	}
	return known.list
}

// iceServers returns what the server has answered. The credentials are used for half of their time at most, so that
// they do not expire between the start of a call and their use.
func iceServers(reply *wire.CallServersReply, now time.Time) callServers {
	out := callServers{until: now.Add(time.Duration(reply.GetTtl()) * time.Second / 2)}
	for _, s := range reply.GetServers() {
		out.list = append(out.list, call.ICEServer{
			URLs: s.GetUrls(), Username: s.GetUsername(), Credential: s.GetCredential(),
		})
	}
	return out
}

// isLocal reports whether only this machine reaches the server.
func (cs *calls) isLocal() bool {
	cs.m.mu.Lock()
	token := cs.m.token
	cs.m.mu.Unlock()
	if token == nil {
		return false
	}
	u, err := url.Parse(token.URL)
	if err != nil {
		return false
	}
	addr, err := netip.ParseAddr(u.Hostname())
	return u.Hostname() == "localhost" || err == nil && addr.IsLoopback()
}
