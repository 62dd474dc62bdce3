package app

import (
	"strings"

	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/mesibo"
)

// noticeParties are who did something in a group, and to whom. Sentences about this user are texts of their own: other
// languages have other verbs in them.
type noticeParties struct {
	who, whom   string
	own, toSelf bool // who, and whom alone, is this user
	count       int  // of whom
}

// of returns one of the sentences about what this user did to others, what others did to this user, and what others did
// to others.
func (p noticeParties) of(own, toSelf, others string) string {
	switch {
	case p.own:
		return own
	case p.toSelf:
		return toSelf
	default:
		return others
	}
}

// groupNotice describes a change of a group. name is what other users are called.
func groupNotice(c *mesibo.GroupChange, by, self string, name func(address string) string) string {
	own := strings.EqualFold(by, self)
	p := noticeParties{who: name(by), own: own, count: len(c.Members)}
	p.toSelf = p.count == 1 && strings.EqualFold(c.Members[0], self)
	p.whom = listNames(c.Members, func(address string) string {
		if strings.EqualFold(address, self) {
			return tr.X("you", "added, removed or made something")
		}
		return name(address)
	})
	who, whom := p.who, p.whom
	alone := p.count == 0 || p.count == 1 && strings.EqualFold(c.Members[0], by)
	switch {
	case c.Kind == mesibo.GroupCreated && own:
		return tr.L("You created the group “{{.Group}}”", "Group", c.Name)
	case c.Kind == mesibo.GroupCreated:
		return tr.L("{{.Who}} created the group “{{.Group}}”", "Who", who, "Group", c.Name)
	case c.Kind == mesibo.GroupJoined && !alone:
		return p.of(tr.L("You added {{.Whom}}", "Whom", whom), tr.L("{{.Who}} added you", "Who", who),
			tr.L("{{.Who}} added {{.Whom}}", "Who", who, "Whom", whom))
	case c.Kind == mesibo.GroupRemoved:
		return p.of(tr.L("You removed {{.Whom}}", "Whom", whom), tr.L("{{.Who}} removed you", "Who", who),
			tr.L("{{.Who}} removed {{.Whom}}", "Who", who, "Whom", whom))
	case c.Kind == mesibo.GroupPermissions:
		return rightsNotice(c.Permissions, p)
	case own:
		return ownNotice(c.Kind)
	default:
		return othersNotice(c.Kind, who)
	}
}

// othersNotice describes what another user did to a group or to themselves.
func othersNotice(kind mesibo.GroupChangeKind, who string) string {
	switch kind {
	case mesibo.GroupSettingsSet:
		return tr.L("{{.Who}} changed the details of the group", "Who", who)
	case mesibo.GroupJoined:
		return tr.L("{{.Who}} joined the group", "Who", who)
	case mesibo.GroupLeft:
		return tr.L("{{.Who}} left the group", "Who", who)
	case mesibo.GroupDeleted:
		return tr.L("{{.Who}} deleted the group", "Who", who)
	default:
		return tr.L("{{.Who}} changed the group", "Who", who)
	}
}

// ownNotice describes what this user did to a group or to themselves.
func ownNotice(kind mesibo.GroupChangeKind) string {
	switch kind {
	case mesibo.GroupSettingsSet:
		return tr.L("You changed the details of the group")
	case mesibo.GroupJoined:
		return tr.L("You joined the group")
	case mesibo.GroupLeft:
		return tr.L("You left the group")
	case mesibo.GroupDeleted:
		return tr.L("You deleted the group")
	default:
		return tr.L("You changed the group")
	}
}

// rightsNotice says which rights members have after a change.
func rightsNotice(r mesibo.MemberPermissions, p noticeParties) string {
	who, whom, n := p.who, p.whom, p.count
	switch {
	case r.AdminFlags&mesibo.AdminFlagOwner != 0 && n == 1:
		return p.of(tr.L("You made {{.Whom}} the owner", "Whom", whom), tr.L("{{.Who}} made you the owner", "Who", who),
			tr.L("{{.Who}} made {{.Whom}} the owner", "Who", who, "Whom", whom))
	case r.AdminFlags&mesibo.AdminFlagModify != 0:
		return p.of(tr.N("You made {{.Whom}} an admin", "You made {{.Whom}} admins", n, "Whom", whom),
			tr.L("{{.Who}} made you an admin", "Who", who),
			tr.N("{{.Who}} made {{.Whom}} an admin", "{{.Who}} made {{.Whom}} admins", n, "Who", who, "Whom", whom))
	case r.AdminFlags == 0 && r.Flags == mesibo.MemberFlagAll:
		return p.of(tr.N("You made {{.Whom}} an ordinary member", "You made {{.Whom}} ordinary members", n, "Whom", whom),
			tr.L("{{.Who}} made you an ordinary member", "Who", who),
			tr.N("{{.Who}} made {{.Whom}} an ordinary member", "{{.Who}} made {{.Whom}} ordinary members", n,
				"Who", who, "Whom", whom))
	default: // or a notice of which the rights are not known
		return p.of(tr.L("You changed what {{.Whom}} may do", "Whom", whom),
			tr.L("{{.Who}} changed what you may do", "Who", who),
			tr.L("{{.Who}} changed what {{.Whom}} may do", "Who", who, "Whom", whom))
	}
}

// listNames names the first of some users and counts the rest.
func listNames(addresses []string, name func(string) string) string {
	switch n := len(addresses); n {
	case 0:
		return tr.X("somebody", "added, removed or made something")
	case 1:
		return name(addresses[0])
	case 2:
		return tr.L("{{.One}} and {{.Other}}", "One", name(addresses[0]), "Other", name(addresses[1]))
	default:
		return tr.N("{{.Name}} and {{.N}} other", "{{.Name}} and {{.N}} others", n-1, "Name", name(addresses[0]))
	}
}
