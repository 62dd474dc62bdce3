package mesibo

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"
	"google.golang.org/protobuf/proto"

	"github.com/parley-chat/parley/internal/wire"
	"github.com/parley-chat/parley/mesibo/internal/store"
	"github.com/parley-chat/parley/models"
)

// GetProfile returns what is known of a user (groupID 0) or of a group, with its picture, draft, unread count and
// how the chat is treated; false when nothing is. The result is a copy: SetProfile stores changes to it.
func (m *Mesibo) GetProfile(peer string, groupID uint32) (*UserProfile, bool) {
	p, known := m.profiles.get(peer, groupID)
	db, target, err := m.open(peer, groupID)
	if err != nil {
		return p, known
	}
	chat, err := db.Chat(context.Background(), target)
	switch {
	case errors.Is(err, store.ErrNotFound):
	case err != nil:
		m.log.Error("look up conversation", errAttr(err))
	default:
		if p == nil {
			p = &UserProfile{Address: chat.Peer, GroupID: groupID}
		}
		withChat(p, &chat)
	}
	if p == nil {
		return nil, false
	}
	m.markSelf(p)
	if p.Picture, err = db.Picture(context.Background(), target); err != nil {
		m.log.Error("look up picture", errAttr(err))
	}
	p.remember()
	return p, true
}

// markSelf sets the flag of this user's own profile.
func (m *Mesibo) markSelf(p *UserProfile) {
	if p.GroupID == 0 && strings.EqualFold(p.Address, m.GetAddress()) {
		p.Flag |= UserFlagSelfProfile
	}
}

// withChat adds what is known of the chat.
func withChat(p *UserProfile, chat *models.Chat) {
	p.Draft, p.Unread = chat.Draft, int(chat.Unread)
	p.set(UserFlagPinned, chat.Pinned)
	p.set(UserFlagArchive, chat.Archived)
	p.set(UserFlagUnread, chat.MarkedUnread)
	p.set(UserFlagMute, chat.MutedUntil != 0)
	p.Disappearing = time.Duration(chat.Age) * time.Second
	p.MutedUntil = time.Time{}
	if chat.MutedUntil != math.MaxInt64 {
		p.MutedUntil = moment(chat.MutedUntil)
	}
}

// remember notes how the profile is, so that SetProfile knows what was changed.
func (p *UserProfile) remember() {
	given := *p
	given.given = nil
	p.given = &given
}

// CreateUserProfile makes a profile object of a user (groupID 0) or group. It is not registered before SetProfile.
func (m *Mesibo) CreateUserProfile(peer string, groupID uint32) *UserProfile {
	return &UserProfile{Address: peer, GroupID: groupID}
}

// GetProfiles returns all known profiles but this user's own, each as GetProfile returns it. The bytes of the
// pictures may be shared and must not be changed.
func (m *Mesibo) GetProfiles() []UserProfile {
	self := m.GetAddress()
	all := slices.DeleteFunc(m.profiles.all(), func(p UserProfile) bool {
		return p.GroupID == 0 && strings.EqualFold(p.Address, self)
	})
	db, target, err := m.open("", 0)
	if err != nil {
		return all
	}
	infos, err := db.AllChatInfos(context.Background(), target.Account)
	if err != nil {
		m.log.Error("list conversations", errAttr(err))
	}
	for i := range all {
		p := &all[i]
		info := infos[store.Target{Account: target.Account, Peer: strings.ToLower(p.Address), Group: p.GroupID}]
		withChat(p, &info.Chat)
		p.Picture = info.Picture
		p.remember()
	}
	return all
}

// GetSortedUserProfiles is GetProfiles sorted by name, as people sort names: Ärger and Émile stand before Zoé, and
// case does not matter.
func (m *Mesibo) GetSortedUserProfiles() []UserProfile {
	type keyed struct {
		name    []byte
		profile UserProfile
	}
	names, buf := collate.New(language.Und), &collate.Buffer{}
	all := m.GetProfiles()
	sorted := make([]keyed, len(all))
	for i := range all {
		sorted[i] = keyed{name: names.KeyFromString(buf, all[i].Name), profile: all[i]}
	}
	slices.SortFunc(sorted, func(a, b keyed) int {
		return cmp.Or(bytes.Compare(a.name, b.name), cmp.Compare(a.profile.Address, b.profile.Address),
			cmp.Compare(a.profile.GroupID, b.profile.GroupID))
	})
	for i := range sorted {
		all[i] = sorted[i].profile
	}
	return all
}

// mostRecent is how many profiles GetRecentProfiles returns.
const mostRecent = 100

// GetRecentProfiles returns the users and groups of the last 100 chats, the newest first.
func (m *Mesibo) GetRecentProfiles() []UserProfile {
	db, target, err := m.open("", 0)
	if err != nil {
		return nil
	}
	chats, err := db.Recent(context.Background(), target.Account, mostRecent)
	if err != nil {
		m.log.Error("list conversations", errAttr(err))
	}
	targets := make([]store.Target, 0, len(chats))
	for _, c := range chats {
		targets = append(targets, store.Target{Account: target.Account, Peer: c.Peer, Group: uint32(c.GroupID)})
	}
	if err := db.PrepareChatInfos(context.Background(), targets); err != nil {
		m.log.Error("list conversations", errAttr(err))
	}
	out := make([]UserProfile, 0, len(chats))
	for _, c := range chats {
		p := m.profiles.complete(c.Peer, uint32(c.GroupID))
		out = append(out, *p)
	}
	return out
}

// GetSelfProfile returns this user's profile; nil before a token is set.
func (m *Mesibo) GetSelfProfile() *UserProfile {
	address := m.GetAddress()
	if address == "" {
		return nil
	}
	p, ok := m.GetProfile(address, 0)
	if !ok {
		p = &UserProfile{Address: address}
	}
	if p.Name == "" {
		m.mu.Lock()
		p.Name = m.account.Name
		m.mu.Unlock()
	}
	p.Flag |= UserFlagSelfProfile
	p.remember()
	return p
}

// SetProfile stores what this user sets of a user, a group, or the chat with them: Name (here only, until
// it is set empty or to the published one), Draft, Other, and Flag with MutedUntil. Pinned, archived, muted and
// UserFlagRemoteBlock hold on all devices of this user; the last is sent to the server, which then refuses the
// user's messages.
//
// Only what was changed since this package returned the profile is stored; of one that it did not return, what is not
// zero. ProfileListeners are called. Errors: ResultBadRequest for a wrong address.
func (m *Mesibo) SetProfile(p *UserProfile) error {
	const op = "SetProfile"
	if p == nil {
		return opError(op, ResultBadRequest, errors.New("profile is nil"))
	}
	if p.GroupID == 0 {
		if err := wire.ValidAddress(p.Address); err != nil {
			return opError(op, ResultBadRequest, err)
		}
		if strings.EqualFold(p.Address, m.GetAddress()) {
			if err := m.SetSelfProfile(p); err != nil {
				return err
			}
		}
	}
	db, target, err := m.open(p.Address, p.GroupID)
	if err != nil {
		return opError(op, ResultFail, err)
	}
	given := p.given
	if given == nil {
		given = &UserProfile{Address: p.Address, GroupID: p.GroupID}
	}
	steps := []func() error{
		func() error { return m.setDraft(db, target, p, given) },
		func() error { return m.setOwnPart(db, target, p, given) },
		func() error { return m.setTreatment(db, target, p, given) },
		func() error { return m.setBlock(db, target, p, given) },
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return opError(op, ResultFail, err)
		}
	}
	p.remember()
	m.listeners.post(context.Background(), func(l *snapshot) { m.notifyProfile(l, p.Address, p.GroupID) })
	return nil
}

func (m *Mesibo) setDraft(db *store.Store, target store.Target, p, given *UserProfile) error {
	if p.Draft == given.Draft {
		return nil
	}
	return db.SetDraft(target, p.Draft)
}

// setOwnPart stores the local name and the flags that are of this device.
func (m *Mesibo) setOwnPart(db *store.Store, target store.Target, p, given *UserProfile) error {
	const elsewhere = UserFlagArchive | UserFlagMute | UserFlagPinned | UserFlagUnread | UserFlagRemoteBlock |
		UserFlagSelfProfile
	row, other := m.profiles.row(target.Peer, target.Group)
	before := row
	if p.Name != given.Name && !strings.EqualFold(p.Address, m.GetAddress()) {
		row.LocalName = p.Name
		if p.Name == row.Name {
			row.LocalName = ""
		}
	}
	if changed := (p.Flag ^ given.Flag) & UserFlagDBMask &^ elsewhere; changed != 0 {
		row.Flags = row.Flags&^int64(changed) | int64(p.Flag&changed)
	}
	if p.Other != nil {
		other = p.Other
	}
	known := row.ID != 0 || row.Name != ""
	if row.LocalName != before.LocalName || row.Flags != before.Flags || !known {
		row.AccountID = target.Account
		if err := db.SetProfile(row); err != nil {
			return err
		}
	}
	m.profiles.set(row, other)
	return nil
}

// setTreatment stores whether the chat is pinned, archived, muted or marked as unread, and sends it to the user's other
// devices.
func (m *Mesibo) setTreatment(db *store.Store, target store.Target, p, given *UserProfile) error {
	const flags = UserFlagArchive | UserFlagMute | UserFlagPinned | UserFlagUnread
	changed := (p.Flag ^ given.Flag) & flags
	if changed == 0 && p.MutedUntil.Equal(given.MutedUntil) {
		return nil
	}
	chat, err := db.Chat(context.Background(), target)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	c := store.ChatSettings{
		Peer: target.Peer, Group: target.Group, Pinned: chat.Pinned, Archived: chat.Archived,
		MutedUntil: uint64(chat.MutedUntil), Unread: chat.MarkedUnread,
	}
	if changed&UserFlagPinned != 0 {
		c.Pinned = p.IsPinned()
	}
	if changed&UserFlagArchive != 0 {
		c.Archived = p.IsArchived()
	}
	if changed&UserFlagUnread != 0 {
		c.Unread = p.IsMarkedUnread()
	}
	if changed&UserFlagMute != 0 || !p.MutedUntil.Equal(given.MutedUntil) {
		switch {
		case p.Flag&UserFlagMute == 0:
			c.MutedUntil = 0
		case p.MutedUntil.IsZero():
			c.MutedUntil = math.MaxInt64
		default:
			c.MutedUntil = millis(p.MutedUntil)
		}
	}
	body, err := operation(&wire.Request{Op: &wire.Request_ChatSettings{ChatSettings: &wire.ChatSettings{
		Peer: c.Peer, GroupId: c.Group, Pinned: c.Pinned, Archived: c.Archived, MutedUntil: c.MutedUntil,
		Unread: c.Unread,
	}}})
	if err != nil {
		return err
	}
	if err := db.SetChat(target, c, body); err != nil {
		return err
	}
	m.wakeOperations()
	return nil
}

// setBlock has the server refuse a user's messages, or take them again.
func (m *Mesibo) setBlock(db *store.Store, target store.Target, p, given *UserProfile) error {
	if (p.Flag^given.Flag)&UserFlagRemoteBlock == 0 || p.GroupID != 0 {
		return nil
	}
	blocked := p.Flag&UserFlagRemoteBlock != 0
	body, err := operation(
		&wire.Request{Op: &wire.Request_Block{Block: &wire.Block{Address: p.Address, Blocked: blocked}}})
	if err != nil {
		return err
	}
	if err := db.SetBlock(target.Account, store.Block{Address: p.Address, Blocked: blocked}, body); err != nil {
		return err
	}
	m.profiles.setFlag(p.Address, UserFlagRemoteBlock, blocked)
	m.wakeOperations()
	return nil
}

// operation encodes a request that is stored until it is answered.
func operation(r *wire.Request) ([]byte, error) {
	body, err := proto.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errText, err) // nothing else can fail
	}
	return body, nil
}

// SetSelfProfile changes this user's own profile and publishes it: Name, Status and PicturePath, a picture file or
// empty for none. The address of p does not matter. Only what was changed since GetSelfProfile is published; of a
// profile that it did not give, what is not empty. Others learn it as soon as there is a connection. Errors:
// ResultBadRequest when a text is too long or the file is no picture.
func (m *Mesibo) SetSelfProfile(p *UserProfile) error {
	const op = "SetSelfProfile"
	if p == nil {
		return opError(op, ResultBadRequest, errors.New("profile is nil"))
	}
	self := m.GetSelfProfile()
	if self == nil {
		return opError(op, ResultFail, errors.New("no access token is set"))
	}
	given := p.given
	if given == nil {
		given = &UserProfile{}
	}
	set, err := m.changesOfSelf(p, given, self)
	if err != nil {
		return opError(op, ResultBadRequest, err)
	}
	if set.Name == nil && set.Status == nil && set.Picture == nil {
		return nil
	}
	if err := m.publishSelf(self, set); err != nil {
		return opError(op, ResultFail, err)
	}
	p.remember()
	if set.Picture != nil && p.PicturePath != "" {
		m.uploadPicture(p.PicturePath, func(url string) error { return m.publishPictureURL(url) })
	}
	return nil
}

// changesOfSelf finds what is to be published, and makes self so.
func (m *Mesibo) changesOfSelf(p, given, self *UserProfile) (*wire.SetSelf, error) {
	set := &wire.SetSelf{}
	if len(p.Name) > wire.MaxName || len(p.Status) > wire.MaxStatusText {
		return nil, fmt.Errorf("%w: a name has up to %d bytes, a status up to %d", ErrTooLarge, wire.MaxName,
			wire.MaxStatusText)
	}
	if p.Name != given.Name && p.Name != self.Name {
		set.Name = &p.Name
		self.Name = p.Name
	}
	if p.Status != given.Status && p.Status != self.Status {
		set.Status = &p.Status
		self.Status = p.Status
	}
	if p.PicturePath != given.PicturePath {
		picture, err := m.pictureOf(p.PicturePath)
		if err != nil {
			return nil, err
		}
		set.Picture, self.Picture = picture, picture
		self.PictureURL = ""
		set.PictureUrl = &self.PictureURL
	}
	return set, nil
}

// pictureOf makes the thumbnail of a file; an empty slice for none.
func (m *Mesibo) pictureOf(path string) ([]byte, error) {
	if path == "" {
		return []byte{}, nil
	}
	return m.smallPicture(path)
}

func (m *Mesibo) publishPictureURL(url string) error {
	self := m.GetSelfProfile()
	if self == nil {
		return nil
	}
	self.PictureURL = url
	return m.publishSelf(self, &wire.SetSelf{PictureUrl: &url})
}

// publishSelf stores the own profile and has it published.
func (m *Mesibo) publishSelf(self *UserProfile, set *wire.SetSelf) error {
	db, target, err := m.open(self.Address, 0)
	if err != nil {
		return err
	}
	body, err := operation(&wire.Request{Op: &wire.Request_SetSelf{SetSelf: set}})
	if err != nil {
		return err
	}
	row := models.Profile{
		Address: self.Address, Name: self.Name, Status: self.Status, Picture: self.Picture, PictureURL: self.PictureURL,
		UpdatedAt: int64(now()),
	}
	if err := db.SetSelf(target.Account, row, body); err != nil {
		return err
	}
	m.profiles.publish(row)
	m.wakeOperations()
	m.listeners.post(context.Background(), func(l *snapshot) { m.notifyProfile(l, self.Address, 0) })
	return nil
}

// DeleteUserProfile forgets a user or group. Messages stay.
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
	m.listeners.post(context.Background(), func(l *snapshot) { l.profileUpdated(nil) })
	return nil
}

// GetLastProfileUpdateTimestamp returns when a profile last changed: the newest Timestamp of all, ms since the Unix
// epoch, 0 without any.
func (m *Mesibo) GetLastProfileUpdateTimestamp() uint64 {
	var newest uint64
	for _, p := range m.profiles.all() {
		newest = max(newest, p.Timestamp)
	}
	return newest
}
