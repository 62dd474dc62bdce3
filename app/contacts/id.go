package contacts

import (
	"strconv"
	"strings"

	"github.com/parley-chat/parley/mesibo"
)

// ID identifies a chat: with a user, or in a group when Group is not 0; then Peer is empty.
type ID struct {
	Peer  string
	Group uint32
}

// IDOf identifies the chat that a message belongs to.
func IDOf(p *mesibo.MessageParams) ID {
	if p.GroupID != 0 {
		return ID{Group: p.GroupID}
	}
	return ID{Peer: p.Peer}
}

// IDOfProfile identifies the chat with a user or in a group.
func IDOfProfile(p *mesibo.UserProfile) ID {
	if p.GroupID != 0 {
		return ID{Group: p.GroupID}
	}
	return ID{Peer: p.Address}
}

const (
	userKey  = "user:"
	groupKey = "group:"
)

// Key is the ID as a string, for rows of lists and for the preferences.
func (id ID) Key() string {
	switch {
	case id.Group != 0:
		return groupKey + strconv.FormatUint(uint64(id.Group), 10)
	case id.Peer == "":
		return ""
	default:
		return userKey + id.Peer
	}
}

// ParseID parses a Key. Any other string counts as the address of a user.
func ParseID(key string) ID {
	if digits, ok := strings.CutPrefix(key, groupKey); ok {
		if group, err := strconv.ParseUint(digits, 10, 32); err == nil {
			return ID{Group: uint32(group)}
		}
	}
	return ID{Peer: strings.TrimPrefix(key, userKey)}
}

// IsZero reports whether the ID identifies no chat.
func (id ID) IsZero() bool { return id == ID{} }

// Is reports whether both identify the same chat. The case of addresses does not matter.
func (id ID) Is(other ID) bool {
	return id.Group == other.Group && strings.EqualFold(id.Peer, other.Peer)
}

// Folded is the same ID for all spellings of an address.
func (id ID) Folded() ID { return ID{Peer: fold(id.Peer), Group: id.Group} }

// Params are the parameters for a message to the chat.
func (id ID) Params() mesibo.MessageParams {
	return mesibo.MessageParams{Peer: id.Peer, GroupID: id.Group, Flag: mesibo.FlagDefault, Expiry: mesibo.ExpiryDefault}
}

// FaceKey decides the colour of the chat's avatar.
func (id ID) FaceKey() string {
	if id.Group != 0 {
		return id.Key()
	}
	return fold(id.Peer)
}

// fold makes addresses comparable: their case does not matter.
func fold(peer string) string { return strings.ToLower(peer) }
