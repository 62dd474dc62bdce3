package app

import (
	"sync"

	"github.com/parley-chat/parley/app/contacts"
	"github.com/parley-chat/parley/mesibo"
)

// events are what an inbox delivers, called on the user interface's goroutine.
type events interface {
	groupEvents
	connectionChanged(status mesibo.ConnectionStatus)
	received(m *mesibo.Message)
	edited(m *mesibo.Message)
	statusChanged(p *mesibo.MessageParams)
	active(p *mesibo.MessageParams, a mesibo.Activity)
	unreadChanged(id contacts.ID, unread int)
	fileProgress(f *mesibo.FileInfo)
	folderFile(f *mesibo.FolderFile)
	disappeared(p *mesibo.MessageParams)
	profileChanged(id contacts.ID) // the zero ID: anybody's
}

// groupEvents are those about groups.
type groupEvents interface {
	groupCreated(id contacts.ID, requestID uint32)
	groupJoined(id contacts.ID)
	groupChanged(id contacts.ID)
	groupMembers(id contacts.ID, members []mesibo.Member, more bool)
	groupPins(id contacts.ID, pins []mesibo.GroupPin)
	groupFailed(id contacts.ID, err mesibo.GroupError)
	invited() // there are other invitations to groups
	membersInvited(id contacts.ID, addresses []string)
}

// inbox is the application's listener: it collects the callbacks of the SDK and delivers them in order on the UI's
// goroutine. A burst is delivered in one go.
type inbox struct {
	post  func(func())
	batch func(func()) // surrounds a delivery
	to    events

	mu      sync.Mutex // guards what follows
	waiting []func()
}

var (
	_ mesibo.ConnectionListener    = (*inbox)(nil)
	_ mesibo.MessageListener       = (*inbox)(nil)
	_ mesibo.MessageReceiver       = (*inbox)(nil)
	_ mesibo.MessageUpdateListener = (*inbox)(nil)
	_ mesibo.ReadListener          = (*inbox)(nil)
	_ mesibo.DisappearListener     = (*inbox)(nil)
	_ mesibo.ProfileListener       = (*inbox)(nil)
	_ mesibo.PresenceListener      = (*inbox)(nil)
	_ mesibo.GroupListener         = (*inbox)(nil)
	_ mesibo.InvitationListener    = (*inbox)(nil)
	_ mesibo.FileTransferListener  = (*inbox)(nil)
	_ mesibo.SendFolderListener    = (*inbox)(nil)
)

func (b *inbox) put(deliver func()) {
	b.mu.Lock()
	first := len(b.waiting) == 0
	b.waiting = append(b.waiting, deliver)
	b.mu.Unlock()
	if first {
		b.post(b.deliver)
	}
}

func (b *inbox) deliver() {
	b.mu.Lock()
	waiting := b.waiting
	b.waiting = nil
	b.mu.Unlock()
	b.batch(func() {
		for _, deliver := range waiting {
			deliver()
		}
	})
}

// OnConnectionStatus implements mesibo.ConnectionListener.
func (b *inbox) OnConnectionStatus(status mesibo.ConnectionStatus) {
	b.put(func() { b.to.connectionChanged(status) })
}

// OnReceived implements mesibo.MessageReceiver.
func (b *inbox) OnReceived(m *mesibo.Message) {
	b.put(func() { b.to.received(m) })
}

// OnMessage implements mesibo.MessageListener; OnReceived handles the message.
func (b *inbox) OnMessage(*mesibo.MessageParams, []byte) {}

// OnLocation implements mesibo.MessageListener; OnReceived handles the message.
func (b *inbox) OnLocation(*mesibo.MessageParams, *mesibo.Location) {}

// OnFile implements mesibo.MessageListener; OnReceived handles the message.
func (b *inbox) OnFile(*mesibo.MessageParams, *mesibo.FileInfo) {}

// OnMessageUpdate implements mesibo.MessageUpdateListener.
func (b *inbox) OnMessageUpdate(params *mesibo.MessageParams, data []byte) {
	m := &mesibo.Message{MessageParams: *params, Data: data}
	b.put(func() { b.to.edited(m) })
}

// OnMessageStatus implements mesibo.MessageListener.
func (b *inbox) OnMessageStatus(params *mesibo.MessageParams) {
	p := *params
	b.put(func() { b.to.statusChanged(&p) })
}

// OnActivity implements mesibo.MessageListener.
func (b *inbox) OnActivity(params *mesibo.MessageParams, a mesibo.Activity) {
	p := *params
	b.put(func() { b.to.active(&p, a) })
}

// OnRead implements mesibo.ReadListener.
func (b *inbox) OnRead(peer string, groupID uint32, unread int) {
	b.put(func() { b.to.unreadChanged(idOf(peer, groupID), unread) })
}

// OnDisappeared implements mesibo.DisappearListener.
func (b *inbox) OnDisappeared(params *mesibo.MessageParams) {
	p := *params
	b.put(func() { b.to.disappeared(&p) })
}

// OnFileTransferProgress implements mesibo.FileTransferListener.
func (b *inbox) OnFileTransferProgress(f *mesibo.FileInfo) {
	b.put(func() { b.to.fileProgress(f) })
}

// OnSendFolder implements mesibo.SendFolderListener.
func (b *inbox) OnSendFolder(f *mesibo.FolderFile) {
	b.put(func() { b.to.folderFile(f) })
}

// OnUserProfileUpdated implements mesibo.ProfileListener.
func (b *inbox) OnUserProfileUpdated(profile *mesibo.UserProfile) {
	id := idOfProfile(profile)
	b.put(func() { b.to.profileChanged(id) })
}

// OnPresence implements mesibo.PresenceListener.
func (b *inbox) OnPresence(profile *mesibo.UserProfile) {
	id := idOfProfile(profile)
	b.put(func() { b.to.profileChanged(id) })
}

// OnGroupCreated implements mesibo.GroupListener.
func (b *inbox) OnGroupCreated(profile *mesibo.UserProfile, requestID uint32) {
	id := idOfProfile(profile)
	b.put(func() { b.to.groupCreated(id, requestID) })
}

// OnGroupJoined implements mesibo.GroupListener.
func (b *inbox) OnGroupJoined(profile *mesibo.UserProfile) {
	id := idOfProfile(profile)
	b.put(func() { b.to.groupJoined(id) })
}

// OnGroupLeft implements mesibo.GroupListener.
func (b *inbox) OnGroupLeft(profile *mesibo.UserProfile) { b.group(profile) }

// OnGroupMembersJoined implements mesibo.GroupListener.
func (b *inbox) OnGroupMembersJoined(profile *mesibo.UserProfile, _ []mesibo.Member) {
	b.group(profile)
}

// OnGroupMembersRemoved implements mesibo.GroupListener.
func (b *inbox) OnGroupMembersRemoved(profile *mesibo.UserProfile, _ []mesibo.Member) {
	b.group(profile)
}

func (b *inbox) group(profile *mesibo.UserProfile) {
	id := idOfProfile(profile)
	b.put(func() { b.to.groupChanged(id) })
}

// OnGroupMembers implements mesibo.GroupListener.
func (b *inbox) OnGroupMembers(profile *mesibo.UserProfile, members []mesibo.Member, more bool) {
	id := idOfProfile(profile)
	b.put(func() { b.to.groupMembers(id, members, more) })
}

// OnGroupInvitation implements mesibo.InvitationListener.
func (b *inbox) OnGroupInvitation(*mesibo.GroupInvitation, bool) { b.put(b.to.invited) }

// OnGroupMembersInvited implements mesibo.InvitationListener.
func (b *inbox) OnGroupMembersInvited(profile *mesibo.UserProfile, invited []*mesibo.UserProfile) {
	id := idOfProfile(profile)
	addresses := make([]string, len(invited))
	for i, p := range invited {
		addresses[i] = p.Address
	}
	b.put(func() { b.to.membersInvited(id, addresses) })
}

// OnGroupSettings implements mesibo.GroupListener.
func (b *inbox) OnGroupSettings(
	profile *mesibo.UserProfile, _ mesibo.GroupSettings, _ mesibo.MemberPermissions, pins []mesibo.GroupPin,
) {
	id := idOfProfile(profile)
	b.put(func() { b.to.groupPins(id, pins) })
}

// OnGroupError implements mesibo.GroupListener.
func (b *inbox) OnGroupError(profile *mesibo.UserProfile, err mesibo.GroupError) {
	id := idOfProfile(profile)
	b.put(func() { b.to.groupFailed(id, err) })
}

func idOf(peer string, groupID uint32) contacts.ID {
	if groupID != 0 {
		return contacts.ID{Group: groupID}
	}
	return contacts.ID{Peer: peer}
}

// idOfProfile names the chat with a user or in a group; the zero ID for none.
func idOfProfile(p *mesibo.UserProfile) contacts.ID {
	if p == nil {
		return contacts.ID{}
	}
	return contacts.IDOfProfile(p)
}
