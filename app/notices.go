package app

import (
	"fmt"
	"strings"

	"github.com/parley-chat/parley/mesibo"
)

// groupNotice describes a change of a group. name is what other users are called.
func groupNotice(c *mesibo.GroupChange, by, self string, name func(address string) string) string {
	who := name(by)
	if strings.EqualFold(by, self) {
		who = "You"
	}
	whom := listNames(c.Members, func(address string) string {
		if strings.EqualFold(address, self) {
			return "you"
		}
		return name(address)
	})
	alone := len(c.Members) == 0 || len(c.Members) == 1 && strings.EqualFold(c.Members[0], by)
	switch c.Kind {
	case mesibo.GroupCreated:
		return fmt.Sprintf("%s created the group “%s”", who, c.Name)
	case mesibo.GroupSettingsSet:
		return who + " changed the details of the group"
	case mesibo.GroupJoined:
		if alone {
			return who + " joined the group"
		}
		return who + " added " + whom
	case mesibo.GroupRemoved:
		return who + " removed " + whom
	case mesibo.GroupLeft:
		return who + " left the group"
	case mesibo.GroupPermissions:
		return who + rightsWords(c.Permissions, whom, len(c.Members))
	case mesibo.GroupDeleted:
		return who + " deleted the group"
	default:
		return who + " changed the group"
	}
}

// rightsWords says which rights members have after a change.
func rightsWords(p mesibo.MemberPermissions, whom string, count int) string {
	admin, ordinary := " an admin", " an ordinary member"
	if count > 1 {
		admin, ordinary = " admins", " ordinary members"
	}
	switch {
	case p.AdminFlags&mesibo.AdminFlagOwner != 0 && count == 1:
		return " made " + whom + " the owner"
	case p.AdminFlags&mesibo.AdminFlagModify != 0:
		return " made " + whom + admin
	case p.AdminFlags == 0 && p.Flags == mesibo.MemberFlagAll:
		return " made " + whom + ordinary
	default: // or a notice of which the rights are not known
		return " changed what " + whom + " may do"
	}
}

// listNames names the first of some users and counts the rest.
func listNames(addresses []string, name func(string) string) string {
	switch n := len(addresses); n {
	case 0:
		return "somebody"
	case 1:
		return name(addresses[0])
	case 2:
		return name(addresses[0]) + " and " + name(addresses[1])
	default:
		return fmt.Sprintf("%s and %d others", name(addresses[0]), n-1)
	}
}
