package contacts

import (
	"strconv"
	"strings"

	"github.com/parley-chat/parley/mesibo"
)

// ID names a conversation: the one with a person, or the one in a group when Group is not 0; Peer is then empty.
type ID struct {
	Peer  string
	Group uint32
}

// IDOf names the conversation that a message belongs to.
func IDOf(p *mesibo.MessageParams) ID {
	if p.GroupID != 0 {
		return ID{Group: p.GroupID}
	}
	return ID{Peer: p.Peer}
}

// IDOfProfile names the conversation with a user or in a group.
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

// Key is the ID as one word, for rows of lists and for what is remembered between starts.
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

// ParseID reads a Key. Any other word is taken for the address of a person.
func ParseID(key string) ID {
	if digits, ok := strings.CutPrefix(key, groupKey); ok {
		if group, err := strconv.ParseUint(digits, 10, 32); err == nil {
			return ID{Group: uint32(group)}
		}
	}
	return ID{Peer: strings.TrimPrefix(key, userKey)}
}

// IsZero tells whether no conversation is named.
func (id ID) IsZero() bool { return id == ID{} }

// Is tells whether both name the same conversation: addresses are the same whatever their case.
func (id ID) Is(other ID) bool {
	return id.Group == other.Group && strings.EqualFold(id.Peer, other.Peer)
}

// Folded is the ID that all spellings of an address share.
func (id ID) Folded() ID { return ID{Peer: fold(id.Peer), Group: id.Group} }

// Params address a message to the conversation.
func (id ID) Params() mesibo.MessageParams {
	return mesibo.MessageParams{Peer: id.Peer, GroupID: id.Group, Flag: mesibo.FlagDefault, Expiry: mesibo.ExpiryDefault}
}

// FaceKey decides the colour of the conversation's picture.
func (id ID) FaceKey() string {
	if id.Group != 0 {
		return id.Key()
	}
	return fold(id.Peer)
}

// fold makes addresses comparable: they are the same whatever their case.
func fold(peer string) string { return strings.ToLower(peer) }
