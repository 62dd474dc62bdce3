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
		return who + " changed what " + whom + " may do"
	case mesibo.GroupDeleted:
		return who + " deleted the group"
	default:
		return who + " changed the group"
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
