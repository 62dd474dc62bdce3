package mesibo

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/parley-chat/parley/mesibo/internal/store"
	"github.com/parley-chat/parley/models"
)

// profileCache keeps the profiles of the account in memory, without their pictures, and who is online.
type profileCache struct {
	m *Mesibo // immutable

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

func newProfileCache(m *Mesibo) *profileCache {
	return &profileCache{m: m, profiles: make(map[profileKey]*entry)}
}

func keyOf(address string, group uint32) profileKey {
	if group != 0 {
		address = ""
	}
	return profileKey{strings.ToLower(address), group}
}

func (r *profileCache) load(rows []models.Profile) {
	r.mu.Lock()
	defer r.mu.Unlock()
	clear(r.profiles)
	for _, p := range rows {
		p.Picture = nil
		r.profiles[keyOf(p.Address, uint32(p.GroupID))] = &entry{row: p, active: uint64(p.LastActive)}
	}
}

// at returns the entry of a user or group, making it. Under mu.
func (r *profileCache) at(address string, group uint32) *entry {
	key := keyOf(address, group)
	e, ok := r.profiles[key]
	if !ok {
		e = &entry{row: models.Profile{Address: address, GroupID: int64(group)}}
		r.profiles[key] = e
	}
	return e
}

// publish stores what a user or group has published.
func (r *profileCache) publish(row models.Profile) {
	r.mu.Lock()
	defer r.mu.Unlock()
	e := r.at(row.Address, uint32(row.GroupID))
	e.row.Address, e.row.Name, e.row.Status, e.row.PictureURL = row.Address, row.Name, row.Status, row.PictureURL
	e.row.UpdatedAt = row.UpdatedAt
}

// set stores what this user has set of a profile.
func (r *profileCache) set(row models.Profile, other any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	e := r.at(row.Address, uint32(row.GroupID))
	e.row.LocalName, e.row.Flags, e.other = row.LocalName, row.Flags, other
}

func (r *profileCache) setFlag(address string, flag UserFlag, on bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	e := r.at(address, 0)
	e.row.Flags &^= int64(flag)
	if on {
		e.row.Flags |= int64(flag)
	}
}

func (r *profileCache) flags(address string, group uint32) UserFlag {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if e, ok := r.profiles[keyOf(address, group)]; ok {
		return UserFlag(e.row.Flags)
	}
	return 0
}

// alive notes a sign of life.
func (r *profileCache) alive(address string, ts uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if e, ok := r.profiles[keyOf(address, 0)]; ok {
		e.active = max(e.active, ts)
	}
}

// presence records the presence of a user and reports whether it changed.
func (r *profileCache) presence(address string, online bool, lastSeen uint64) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	e := r.at(address, 0)
	news := e.online != online || lastSeen > e.active
	e.online, e.active = online, max(e.active, lastSeen)
	return news
}

// offline is what is known without a connection: no user is online, and those who were had been seen until then. It
// returns their addresses.
func (r *profileCache) offline(until time.Time) (addresses []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, e := range r.profiles {
		if e.online {
			e.online, e.active = false, max(e.active, uint64(until.UnixMilli()))
			addresses = append(addresses, e.row.Address)
		}
	}
	return addresses
}

func (r *profileCache) remove(address string, group uint32) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.profiles, keyOf(address, group))
}

func (r *profileCache) get(address string, group uint32) (*UserProfile, bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	e, ok := r.profiles[keyOf(address, group)]
	if !ok {
		return nil, false
	}
	return e.profile(), true
}

// row returns what is stored of a profile, with its registration here.
func (r *profileCache) row(address string, group uint32) (models.Profile, any) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if e, ok := r.profiles[keyOf(address, group)]; ok {
		return e.row, e.other
	}
	return models.Profile{Address: address, GroupID: int64(group)}, nil
}

func (r *profileCache) all() []UserProfile {
	r.mu.RLock()
	defer r.mu.RUnlock()
	out := make([]UserProfile, 0, len(r.profiles))
	for _, e := range r.profiles {
		out = append(out, *e.profile())
	}
	return out
}

// attach sets the profiles of a message as they are now. Of a user who is not known yet there is the address, and the
// state of the chat.
func (r *profileCache) attach(p *MessageParams) {
	if p.Peer != "" {
		p.Profile = r.complete(p.Peer, 0)
	}
	if p.GroupID != 0 {
		p.GroupProfile = r.complete("", p.GroupID)
	}
}

// complete returns the profile of a user or group with the state of the chat and the thumbnail.
func (r *profileCache) complete(address string, group uint32) *UserProfile {
	both := new([2]UserProfile) // the profile, and how it is now
	p := &both[0]
	r.mu.RLock()
	if e, ok := r.profiles[keyOf(address, group)]; ok {
		e.fill(p)
	} else if p.GroupID = group; group == 0 {
		p.Address = address
	}
	r.mu.RUnlock()
	if db, target, ok := r.m.opened(address, group); ok {
		info, err := db.ChatInfo(context.Background(), target)
		if err != nil {
			r.m.log.Error("look up conversation", errAttr(err))
		}
		withChat(p, &info.Chat)
		p.Picture = info.Picture
	}
	r.m.markSelf(p)
	both[1] = *p
	p.given = &both[1]
	return p
}

// prepare looks up at once what attach needs for several messages.
func (r *profileCache) prepare(rows []models.Message) {
	db, target, ok := r.m.opened("", 0)
	if !ok {
		return
	}
	targets := make([]store.Target, 0, len(rows))
	for i := range rows {
		if group := uint32(rows[i].GroupID); group != 0 {
			targets = append(targets, store.Target{Account: target.Account, Group: group})
		}
		if p := params(&rows[i]); p.Peer != "" {
			targets = append(targets, store.Target{Account: target.Account, Peer: p.Peer})
		}
	}
	if err := db.PrepareChatInfos(context.Background(), targets); err != nil {
		r.m.log.Error("look up conversations", errAttr(err))
	}
}

func (e *entry) profile() *UserProfile {
	p := &UserProfile{}
	e.fill(p)
	return p
}

func (e *entry) fill(p *UserProfile) {
	*p = UserProfile{
		Name: e.row.Name, Address: e.row.Address, GroupID: uint32(e.row.GroupID), Status: e.row.Status,
		PictureURL: e.row.PictureURL, Flag: UserFlag(e.row.Flags) & UserFlagDBMask, Timestamp: uint64(e.row.UpdatedAt),
		Other: e.other, Online: e.online, LastActiveTime: e.active,
	}
	if e.row.LocalName != "" {
		p.Name = e.row.LocalName
	}
}
