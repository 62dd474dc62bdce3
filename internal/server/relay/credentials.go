package relay

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // the mechanism prescribes it
	"encoding/base64"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/pion/stun/v4"
	"github.com/pion/turn/v5"
)

// What is known of users is kept for askEvery, of askedMost at a time.
const (
	askEvery  = 10 * time.Second
	askedMost = 10_000
)

// answer is whether a user is active, and since when that is known.
type answer struct {
	active bool
	at     time.Time
}

// Validity is how long credentials are valid for a new call. Calls that run go on.
const Validity = time.Hour

// ICEServer is a STUN or TURN server with credentials for one user.
type ICEServer struct {
	URLs                 []string
	Username, Credential string
}

// Servers returns what a user's device needs to be reached.
func (s *Server) Servers(uid uint32) []ICEServer {
	host := s.c.Host
	if host == "" {
		host = s.c.PublicIP.String()
	}
	host = net.JoinHostPort(host, s.port)
	urls := []string{"turn:" + host + "?transport=udp", "turn:" + host + "?transport=tcp"}
	if s.c.TLS != nil {
		urls = append(urls, "turns:"+host+"?transport=tcp")
	}
	return []ICEServer{{URLs: []string{"stun:" + host}}, Credentials(s.c.Key, urls, uid, s.c.Clock())}
}

// Credentials returns the credentials of a user for TURN servers that have the key, this one or others.
func Credentials(key []byte, urls []string, uid uint32, now time.Time) ICEServer {
	username := strconv.FormatInt(now.Add(Validity).Unix(), 10) + ":" + strconv.FormatUint(uint64(uid), 10)
	return ICEServer{URLs: urls, Username: username, Credential: sign(key, username)}
}

func sign(key []byte, username string) string {
	mac := hmac.New(sha1.New, key)
	mac.Write([]byte(username))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// authenticate returns the user of a request and the key of its signature. Credentials that have expired are good for
// the allocation that they were used for: a call may take longer than an hour.
func (s *Server) authenticate(r *turn.RequestAttributes) (user string, key []byte, ok bool) {
	expiry, user, found := strings.Cut(r.Username, ":")
	until, err := strconv.ParseInt(expiry, 10, 64)
	switch {
	case !found || err != nil:
		s.refused("relay_credentials")
		return "", nil, false
	case until < s.c.Clock().Unix() && (r.Method == stun.MethodAllocate || !s.relays.has(r.SrcAddr, user)):
		s.refused("relay_expired")
		return "", nil, false
	case (r.Method == stun.MethodAllocate || r.Method == stun.MethodRefresh) && !s.mayUse(user):
		s.refused("relay_user")
		return "", nil, false
	}
	return user, turn.GenerateAuthKey(r.Username, realm, sign(s.c.Key, r.Username)), true
}

// mayUse reports whether a user may still use the relay. A number is not asked for more than once in askEvery.
func (s *Server) mayUse(user string) bool {
	if s.c.Active == nil {
		return true
	}
	now := s.c.Clock()
	s.askedMu.Lock()
	defer s.askedMu.Unlock()
	if a, ok := s.asked[user]; ok && now.Sub(a.at) < askEvery {
		return a.active
	}
	uid, err := strconv.ParseUint(user, 10, 32)
	active := err == nil && s.c.Active(uint32(uid))
	if len(s.asked) >= askedMost {
		clear(s.asked)
	}
	s.asked[user] = answer{active, now}
	return active
}

// CheckUsers ends the relayed traffic of users who are not active any more. It is called when users or their tokens
// have changed.
func (s *Server) CheckUsers() {
	s.askedMu.Lock()
	clear(s.asked)
	s.askedMu.Unlock()
	s.relays.closeRefused(s.mayUse)
}

func (s *Server) refused(reason string) {
	if s.c.Metrics != nil {
		s.c.Metrics.Refused(reason)
	}
}
