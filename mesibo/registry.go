package mesibo

import (
	"strings"
	"sync"

	"github.com/parley-chat/parley/models"
)

// registry keeps the profiles of the account in memory, without their pictures, and who is there.
type registry struct {
	mu       sync.RWMutex
	profiles map[profileKey]*entry
}

type entry struct {
	row    models.Profile
	other  any
	online bool
	active uint64 // last sign of life, ms
}

type profileKey struct {
	address string // lower case
	group   uint32
}

func newRegistry() *registry { return &registry{profiles: make(map[profileKey]*entry)} }

func keyOf(address string, group uint32) profileKey {
	if group != 0 {
		address = ""
	}
	return profileKey{strings.ToLower(address), group}
}

func (r *registry) load(rows []models.Profile) {
	r.mu.Lock()
	defer r.mu.Unlock()
	clear(r.profiles)
	for _, p := range rows {
		p.Picture = nil
		r.profiles[keyOf(p.Address, uint32(p.GroupID))] = &entry{row: p, active: uint64(p.LastActive)}
	}
}

// at gives the entry of a user or group, making it. Under mu.
func (r *registry) at(address string, group uint32) *entry {
	key := keyOf(address, group)
	e, ok := r.profiles[key]
	if !ok {
		e = &entry{row: models.Profile{Address: address, GroupID: int64(group)}}
		r.profiles[key] = e
	}
	return e
}

// publish takes what a user or group has published.
func (r *registry) publish(row models.Profile) {
	r.mu.Lock()
	defer r.mu.Unlock()
	e := r.at(row.Address, uint32(row.GroupID))
	e.row.Address, e.row.Name, e.row.Status, e.row.PictureURL = row.Address, row.Name, row.Status, row.PictureURL
	e.row.UpdatedAt = row.UpdatedAt
}

// set takes what this user has set of a profile.
func (r *registry) set(row models.Profile, other any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	e := r.at(row.Address, uint32(row.GroupID))
	e.row.LocalName, e.row.Flags, e.other = row.LocalName, row.Flags, other
}

func (r *registry) setFlag(address string, flag UserFlag, on bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	e := r.at(address, 0)
	e.row.Flags &^= int64(flag)
	if on {
		e.row.Flags |= int64(flag)
	}
}

func (r *registry) flags(address string, group uint32) UserFlag {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if e, ok := r.profiles[keyOf(address, group)]; ok {
		return UserFlag(e.row.Flags)
	}
	return 0
}

// alive notes a sign of life.
func (r *registry) alive(address string, ts uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if e, ok := r.profiles[keyOf(address, 0)]; ok {
		e.active = max(e.active, ts)
	}
}

// presence notes whether a user is there; it tells whether that is news.
func (r *registry) presence(address string, online bool, lastSeen uint64) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	e := r.at(address, 0)
	news := e.online != online || lastSeen > e.active
	e.online, e.active = online, max(e.active, lastSeen)
	return news
}

// nobodyOnline is what is known without a connection.
func (r *registry) nobodyOnline() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, e := range r.profiles {
		e.online = false
	}
}

func (r *registry) remove(address string, group uint32) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.profiles, keyOf(address, group))
}

func (r *registry) get(address string, group uint32) (*UserProfile, bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	e, ok := r.profiles[keyOf(address, group)]
	if !ok {
		return nil, false
	}
	return e.profile(), true
}

// row gives what is stored of a profile, with its registration here.
func (r *registry) row(address string, group uint32) (models.Profile, any) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if e, ok := r.profiles[keyOf(address, group)]; ok {
		return e.row, e.other
	}
	return models.Profile{Address: address, GroupID: int64(group)}, nil
}

func (r *registry) all() []UserProfile {
	r.mu.RLock()
	defer r.mu.RUnlock()
	out := make([]UserProfile, 0, len(r.profiles))
	for _, e := range r.profiles {
		out = append(out, *e.profile())
	}
	return out
}

// attach sets the profiles of a message. Of somebody not known yet there is only the address.
func (r *registry) attach(p *MessageParams) {
	if p.Peer != "" {
		var known bool
		if p.Profile, known = r.get(p.Peer, 0); !known {
			p.Profile = &UserProfile{Address: p.Peer}
		}
	}
	if p.GroupID != 0 {
		var known bool
		if p.GroupProfile, known = r.get("", p.GroupID); !known {
			p.GroupProfile = &UserProfile{GroupID: p.GroupID}
		}
	}
}

func (e *entry) profile() *UserProfile {
	p := &UserProfile{
		Name: e.row.Name, Address: e.row.Address, GroupID: uint32(e.row.GroupID), Status: e.row.Status, PictureURL: e.row.PictureURL,
		Flag: UserFlag(e.row.Flags) & UserFlagDBMask, Timestamp: uint64(e.row.UpdatedAt), Other: e.other,
		Online: e.online, LastActiveTime: e.active,
	}
	if e.row.LocalName != "" {
		p.Name = e.row.LocalName
	}
	return p
}
