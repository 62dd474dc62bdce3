package app

import (
	"strings"

	"github.com/parley-chat/parley/app/contacts"
	"github.com/parley-chat/parley/app/sheet"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/widgets"
)

// invitationsBackend is what invitations to groups need of the SDK.
type invitationsBackend interface {
	GetGroupInvitations() []mesibo.GroupInvitation
	// AnswerInvitation joins the group, or declines its invitation.
	AnswerInvitation(groupID uint32, accept bool) error
	// GetGroupPrivacy is who may add this user to groups, SetGroupPrivacy changes it.
	GetGroupPrivacy() mesibo.Visibility
	SetGroupPrivacy(v mesibo.Visibility) error
}

// AnswerInvitation implements invitationsBackend.
func (c client) AnswerInvitation(groupID uint32, accept bool) error {
	g := c.GetGroupProfile(groupID)
	if accept {
		return g.AcceptInvitation()
	}
	return g.DeclineInvitation()
}

// showInvitations shows the newest invitation above the list of chats.
func (h *home) showInvitations() {
	list := h.session.Client.GetGroupInvitations()
	if len(list) == 0 {
		h.contacts.SetInvitation(widgets.BannerData{})
		return
	}
	v := list[0]
	h.contacts.SetInvitation(widgets.BannerData{
		Text:   tr.L("{{.Name}} invites you to {{.Group}}", "Name", h.name(v.From.Address), "Group", v.Name),
		Tapped: func() { h.showInvitation(&v) },
		Actions: []widgets.Action{
			{Text: tr.L("Join"), Tapped: func() { h.answerInvitation(v.GroupID, true) }},
			{Text: tr.L("Decline"), Tapped: func() { h.answerInvitation(v.GroupID, false) }},
		},
	})
}

// showInvitation shows all of an invitation.
func (h *home) showInvitation(v *mesibo.GroupInvitation) {
	text := tr.L("{{.Name}} invites you to the group “{{.Group}}”. Its members will see that you joined.",
		"Name", h.name(v.From.Address), "Group", v.Name)
	h.app.sheet.Show(sheet.Content{
		Title: tr.L("Join a group?"), Body: sheet.NewParagraph(text), Verb: tr.L("Join"),
		Do: func() bool {
			h.answerInvitation(v.GroupID, true)
			return true
		},
		Extra: &widgets.Action{Text: tr.L("Decline"), Tapped: func() {
			h.app.sheet.Close()
			h.answerInvitation(v.GroupID, false)
		}},
	})
}

func (h *home) answerInvitation(groupID uint32, accept bool) {
	if err := h.session.Client.AnswerInvitation(groupID, accept); err != nil {
		h.failed(err)
		return
	}
	if accept {
		h.joining = true
		h.notifyOffline(tr.L("You will join the group as soon as there is a connection."))
	}
	h.showInvitations()
}

// invited implements groupEvents.
func (h *home) invited() { h.showInvitations() }

// membersInvited implements groupEvents.
func (h *home) membersInvited(id contacts.ID, addresses []string) {
	h.app.notify(tr.L("Invited: {{.Names}}. They are in the group once they accept.",
		"Names", strings.Join(h.names(addresses), ", ")))
	h.groupChanged(id)
}
