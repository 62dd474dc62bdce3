package mesibo

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"

	"github.com/parley-chat/parley/internal/wire"
	"github.com/parley-chat/parley/mesibo/internal/store"
	"github.com/parley-chat/parley/models"
)

// registry keeps the profiles of the account in memory.
type registry struct {
	mu       sync.RWMutex
	profiles map[profileKey]models.Profile
}

type profileKey struct {
	address string // lower case
	group   uint32
}

func newRegistry() *registry { return &registry{profiles: make(map[profileKey]models.Profile)} }

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
		r.profiles[keyOf(p.Address, uint32(p.GroupID))] = p
	}
}

func (r *registry) put(row models.Profile) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.profiles[keyOf(row.Address, uint32(row.GroupID))] = row
}

func (r *registry) remove(address string, group uint32) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.profiles, keyOf(address, group))
}

func (r *registry) get(address string, group uint32) (*UserProfile, bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	row, ok := r.profiles[keyOf(address, group)]
	if !ok {
		return nil, false
	}
	return profileOf(row), true
}

func (r *registry) all() []UserProfile {
	r.mu.RLock()
	defer r.mu.RUnlock()
	out := make([]UserProfile, 0, len(r.profiles))
	for _, row := range r.profiles {
		out = append(out, *profileOf(row))
	}
	return out
}

// attach sets the profiles of a message.
func (r *registry) attach(p *MessageParams) {
	if p.Peer != "" {
		p.Profile, _ = r.get(p.Peer, 0)
	}
	if p.GroupID != 0 {
		p.GroupProfile, _ = r.get("", p.GroupID)
	}
}

func profileOf(row models.Profile) *UserProfile {
	return &UserProfile{
		Name: row.Name, Address: row.Address, GroupID: uint32(row.GroupID), Timestamp: uint64(row.UpdatedAt),
	}
}

// GetProfile gives what is known of a user (groupID 0) or of a group, with its draft and unread count; false when nothing is
// (mesibo-api 1.5).
func (m *Mesibo) GetProfile(peer string, groupID uint32) (*UserProfile, bool) {
	p, known := m.profiles.get(peer, groupID)
	if db, target, err := m.open(peer, groupID); err == nil {
		chat, err := db.Chat(context.Background(), target)
		switch {
		case err == nil:
			if p == nil {
				p = &UserProfile{Address: chat.Peer, GroupID: groupID}
			}
			p.Draft, p.Unread = chat.Draft, int(chat.Unread)
			return p, true
		case !errors.Is(err, store.ErrNotFound):
			m.log.Error("look up conversation", errAttr(err))
		}
	}
	return p, known
}

// GetProfiles gives all profiles known, this user's own excepted, without drafts and counts (mesibo-api 1.5).
func (m *Mesibo) GetProfiles() []UserProfile {
	self := m.GetAddress()
	return slices.DeleteFunc(m.profiles.all(), func(p UserProfile) bool {
		return p.GroupID == 0 && strings.EqualFold(p.Address, self)
	})
}

// GetSortedUserProfiles gives all profiles known, sorted by name (mesibo-api 1.5).
func (m *Mesibo) GetSortedUserProfiles() []UserProfile {
	all := m.GetProfiles()
	slices.SortFunc(all, func(a, b UserProfile) int {
		return cmp.Or(cmp.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)), cmp.Compare(a.Address, b.Address))
	})
	return all
}

// GetSelfProfile gives this user's profile; nil before a token is set (mesibo-api 1.5).
func (m *Mesibo) GetSelfProfile() *UserProfile {
	address := m.GetAddress()
	if address == "" {
		return nil
	}
	if p, ok := m.profiles.get(address, 0); ok {
		return p
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return &UserProfile{Address: address, Name: m.account.Name}
}

// SetProfile stores what this device knows of a user or group: the name and the draft (mesibo-api 1.5).
// ProfileListeners are told.
func (m *Mesibo) SetProfile(p *UserProfile) error {
	const op = "SetProfile"
	if p == nil {
		return opError(op, ResultBadRequest, errors.New("profile is nil"))
	}
	if p.GroupID == 0 {
		if err := wire.ValidAddress(p.Address); err != nil {
			return opError(op, ResultBadRequest, err)
		}
	}
	db, target, err := m.open(p.Address, p.GroupID)
	if err != nil {
		return opError(op, ResultFail, err)
	}
	if err := db.SetDraft(target, p.Draft); err != nil {
		return opError(op, ResultFail, err)
	}
	known, _ := m.profiles.get(p.Address, p.GroupID)
	if p.Name != "" && (known == nil || known.Name != p.Name) {
		row := models.Profile{Address: target.Peer, GroupID: int64(p.GroupID), Name: p.Name, UpdatedAt: int64(now())}
		if err := db.PutProfiles(target.Account, []models.Profile{row}, 0); err != nil {
			return opError(op, ResultFail, err)
		}
		m.profiles.put(row)
	}
	told := *p
	m.calls.post(context.Background(), func(l *listeners) { l.profileUpdated(&told) })
	return nil
}

// DeleteUserProfile forgets a user or group. Messages stay (mesibo-api 1.5).
func (m *Mesibo) DeleteUserProfile(peer string, groupID uint32) error {
	const op = "DeleteUserProfile"
	db, target, err := m.open(peer, groupID)
	if err != nil {
		return opError(op, ResultFail, err)
	}
	if err := db.DeleteProfile(target); err != nil {
		return opError(op, ResultFail, err)
	}
	m.profiles.remove(peer, groupID)
	m.calls.post(context.Background(), func(l *listeners) { l.profileUpdated(nil) })
	return nil
}
