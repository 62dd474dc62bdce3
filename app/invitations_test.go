package app_test

import (
	"testing"

	"github.com/parley-chat/parley/mesibo"
)

// invitation reports to the program that this user is invited to a group, or that an invitation is over.
func (f *fixture) invitation(v *mesibo.GroupInvitation, over bool) {
	f.t.Helper()
	l, ok := f.backend.Listeners[0].(mesibo.InvitationListener)
	if !ok {
		f.t.Fatal("the program does not listen to invitations")
	}
	l.OnGroupInvitation(v, over)
	f.queue.Drain()
}

// TestInvitation: an invitation stands above the list until it is answered, here or elsewhere.
func TestInvitation(t *testing.T) {
	f := prepare(t)
	team := mesibo.GroupInvitation{GroupID: 8, Name: "Team", From: &mesibo.UserProfile{Address: "bob"}, Members: 3}
	f.backend.Invitations = []mesibo.GroupInvitation{team}
	f.start()
	f.Wants("Join", "Decline")
	f.Press("Bob Keller invites")
	f.Wants("Join a group?", "Bob Keller invites you to the group")
	f.Press("Cancel")
	f.Press("Decline")
	f.WantsNot("Decline")
	f.wantCalls("answer invitation to 8: false")

	f.backend.Invitations = []mesibo.GroupInvitation{team}
	f.invitation(&team, false)
	f.Press("Join")
	f.WantsNot("Decline")
	f.wantCalls("answer invitation to 8: false", "answer invitation to 8: true")
	f.backend.AddGroup(8, "Team", "bob")
	f.group().OnGroupJoined(f.groupProfile(8))
	f.queue.Drain()
	f.Wants("2 members") // the group is open

	f.backend.Invitations = []mesibo.GroupInvitation{team}
	f.invitation(&team, false)
	f.Wants("Decline")
	f.backend.Invitations = nil
	f.invitation(&mesibo.GroupInvitation{GroupID: 8}, true)
	f.WantsNot("Decline")
}

// TestInvitation_instead_of_adding: who wanted a member is told that the user was asked.
func TestInvitation_instead_of_adding(t *testing.T) {
	f := club(t)
	l, _ := f.backend.Listeners[0].(mesibo.InvitationListener)
	l.OnGroupMembersInvited(f.groupProfile(7), []*mesibo.UserProfile{{Address: "alice"}, {Address: "bob"}})
	f.queue.Drain()
	f.Wants("Invited: Alice Martin, Bob Keller.")
}
