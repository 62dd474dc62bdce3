package info

import (
	"fmt"
	"strings"

	"fyne.io/fyne/v2"

	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/widgets"
)

func groupKey(group uint32) string { return fmt.Sprintf("group:%d", group) }

func (s *Screen) groupParts() []fyne.CanvasObject {
	m := s.model
	rights := m.Rights()
	p := m.Profile()
	parts := []fyne.CanvasObject{s.head}
	switch {
	case rights.Modify:
		s.name.SetValue(p.Name)
		s.name.SetOptional(false)
		s.about.SetValue(m.Status())
		parts = append(parts, s.name, s.about)
	case m.Status() != "":
		s.line.SetValue(m.Status())
		parts = append(parts, s.line)
	}
	parts = append(parts, widgets.NewInfoSection(""), s.sharedAction())
	parts = append(parts, s.settings(&p)...)
	parts = append(parts, s.codeParts(rights)...)
	parts = append(parts, s.memberParts(rights)...)
	parts = append(parts, widgets.NewInfoSection(""), s.exportAction(), s.clearAction())
	if rights.Member {
		parts = append(parts, widgets.NewInfoDanger(assets.IconLeave, tr.L("Leave group…"), s.askLeave))
	}
	if rights.Member && rights.Delete {
		parts = append(parts, widgets.NewInfoDanger(assets.IconDelete, tr.L("Delete group…"), s.askDelete))
	}
	return parts
}

func (s *Screen) codeParts(rights Rights) []fyne.CanvasObject {
	m := s.model
	if !rights.Pins {
		return nil
	}
	parts := []fyne.CanvasObject{widgets.NewInfoSection(tr.L("Joining"))}
	if m.Code() == "" {
		create := widgets.NewInfoAction(assets.IconKey, tr.L("Create a join code"), func() { s.try(m.MakeCode()) })
		return append(parts, create)
	}
	s.code.SetValue(m.Code())
	return append(parts, s.code,
		widgets.NewInfoAction(assets.IconCopy, tr.L("Copy the code"), func() {
			s.on.Copy(m.Code())
			s.on.Notify(tr.L("Copied. Whoever has this code can join the group."))
		}),
		widgets.NewInfoDanger(assets.IconDelete, tr.L("Remove the code"), func() { s.try(m.RemoveCode()) }))
}

func (s *Screen) memberParts(rights Rights) []fyne.CanvasObject {
	m := s.model
	members := m.Members()
	if len(members) == 0 {
		return nil
	}
	list := make([]widgets.Member, len(members))
	for i, x := range members {
		list[i] = s.memberRow(x)
	}
	s.members.SetMembers(list)
	parts := []fyne.CanvasObject{widgets.NewInfoSection(CountWords(m.memberCount()))}
	if rights.AddMembers {
		parts = append(parts, widgets.NewInfoAction(assets.IconUserPlus, tr.L("Add members"), func() {
			s.on.PickMembers(members, func(addresses []string) { s.try(m.Add(addresses)) })
		}))
		if s.on.MayInvite() {
			parts = append(parts, widgets.NewInfoAction(assets.IconLink, tr.L("Invite with a link"), func() {
				s.on.Invite(m.GroupID(), m.Title())
			}))
		}
	}
	return append(parts, s.members)
}

// sharedParts lists the groups that both users are members of.
func (s *Screen) sharedParts() []fyne.CanvasObject {
	groups := s.model.Shared()
	if len(groups) == 0 {
		return nil
	}
	rows := make([]widgets.Member, len(groups))
	for i, g := range groups {
		key := groupKey(g.GroupID)
		rows[i] = widgets.Member{
			Key: key, Name: g.Name,
			Face: widgets.Face{Key: key, Name: g.Name, Group: true, Picture: s.on.Picture("", g.GroupID)},
		}
	}
	s.shared.SetMembers(rows)
	s.shared.OnTapped = func(key string) {
		for _, g := range groups {
			if groupKey(g.GroupID) == key {
				s.on.OpenGroup(g.GroupID)
			}
		}
	}
	return []fyne.CanvasObject{widgets.NewInfoSection(tr.L("Groups you share")), s.shared}
}

func (s *Screen) memberRow(x mesibo.Member) widgets.Member {
	name := s.model.cfg.Name(x.Address)
	row := widgets.Member{
		Key: x.Address, Name: name, Role: RoleWords(x),
		Face: widgets.Face{Key: strings.ToLower(x.Address), Name: name, Picture: s.on.Picture(x.Address, 0)},
	}
	if strings.EqualFold(x.Address, s.model.cfg.Backend.GetAddress()) {
		if self := s.model.cfg.Backend.GetSelfProfile(); self != nil && self.Name != "" {
			row.Face.Name = self.Name
		}
		return row
	}
	if p, ok := s.model.cfg.Backend.GetProfile(x.Address, 0); ok {
		row.Status, row.Active = PresenceWords(p, s.clock.Now()), p.Online
		row.Face.Online = p.Online
	}
	return row
}

func (s *Screen) memberTapped(address string) {
	if !strings.EqualFold(address, s.model.cfg.Backend.GetAddress()) {
		s.on.Person(address)
	}
}

// memberMenu offers what can be done with a member.
func (s *Screen) memberMenu(address string, at fyne.Position) {
	m := s.model
	x, ok := m.Member(address)
	if !ok || strings.EqualFold(address, m.cfg.Backend.GetAddress()) {
		return
	}
	rights := m.Rights()
	name := m.cfg.Name(address)
	items := []*widgets.MenuItem{
		widgets.NewMenuItem(tr.L("Write a message"), func() { s.on.Open(address) }).With(assets.IconChat),
		widgets.NewMenuItem(tr.L("View profile"), func() { s.on.Person(address) }).With(assets.IconUser),
	}
	switch {
	case x.IsOwner():
	case x.IsAdmin() && rights.RemoveAdmins:
		ordinary := widgets.NewMenuItem(tr.L("Make an ordinary member"), func() { s.try(m.SetAdmin(address, false)) })
		items = append(items, ordinary.With(assets.IconUsers))
	case !x.IsAdmin() && rights.AddAdmins:
		admin := widgets.NewMenuItem(tr.L("Make an admin"), func() { s.try(m.SetAdmin(address, true)) })
		items = append(items, admin.With(assets.IconShield))
	}
	if rights.RemoveMembers && !x.IsOwner() {
		items = append(items, widgets.NewMenuItem(tr.L("Remove from the group…"), func() {
			s.on.Confirm(tr.L("Remove {{.Name}}?", "Name", name),
				tr.L("{{.Name}} gets no more messages of this group and keeps those received so far.", "Name", name),
				tr.L("Remove"), func() { s.try(m.Remove(address)) })
		}).With(assets.IconBlock).Dangerous())
	}
	widgets.ShowMenu(s.window, at, items...)
}

func (s *Screen) askLeave() {
	m := s.model
	words := tr.L("You get no more messages of this group. What is here stays.")
	if m.Rights().Owner {
		words += " " + tr.L("The group goes to one of its admins.")
	}
	s.on.Confirm(tr.L("Leave {{.Name}}?", "Name", m.Title()), words, tr.X("Leave", "group"), func() {
		s.try(m.Leave())
		s.on.Left()
	})
}

func (s *Screen) askDelete() {
	m := s.model
	s.on.Confirm(tr.L("Delete {{.Name}} for everyone?", "Name", m.Title()),
		tr.L("No one can write in the group any more. This can't be undone."), tr.L("Delete for everyone"),
		func() {
			s.try(m.Delete())
			s.on.Left()
		})
}
