package mesibo

// A listener is any value that satisfies at least one of the interfaces of this file; AddListener says how they are
// called.

// ConnectionListener is called at every change of the connection.
type ConnectionListener interface {
	OnConnectionStatus(status ConnectionStatus)
}

// MessageListener receives messages and what becomes of sent ones. A message goes to exactly one of OnMessage,
// OnFile and OnLocation. Params and data belong to the listener.
type MessageListener interface {
	// OnMessage: a message was received (OriginRealtime) or read from the database (OriginDBMessage, OriginDBSummary).
	// A message that this user sent on another device arrives here too, with an outgoing status; one that was sent on
	// this device does not. Between Read and the callbacks of real time the same message may come twice: it has the
	// same Mid.
	OnMessage(params *MessageParams, data []byte)
	// OnMessageStatus: the status of a sent message changed. Each message passes each status at most once and in order.
	OnMessageStatus(params *MessageParams)
	// OnActivity: a peer is typing, online and so on.
	OnActivity(params *MessageParams, activity Activity)
	// OnLocation: a location message.
	OnLocation(params *MessageParams, location *Location)
	// OnFile: a file message; its download may still be pending.
	OnFile(params *MessageParams, file *FileInfo)
}

// MessageReceiver receives each message whole, whatever it carries: it spares an application that shows messages of all
// kinds alike from joining what OnMessage, OnLocation and OnFile have taken apart.
//
// OnReceived is called for the same messages as those three, on the same goroutine and in the same order: for what
// has just been received, and, when the listener of a read session is a MessageReceiver, for what the session
// reads. A value that is a MessageListener as well gets OnMessage, OnLocation or OnFile first and then OnReceived
// with the same parts, before the next listener gets the message. The message belongs to the listener.
type MessageReceiver interface {
	OnReceived(message *Message)
}

// MessageUpdateListener is called when a message changed: its sender edited it, or a user reacted to it
// (params.Reactions holds all reactions). For a recalled message MessageListener.OnMessageStatus is called, with
// IsDeleted.
type MessageUpdateListener interface {
	OnMessageUpdate(params *MessageParams, data []byte)
}

// MessageFilter sees every message before it is sent and right after it is received; false drops it: it is neither
// stored nor handed to listeners. Several filters are asked in the order in which they were added, until one drops
// the message. For an outgoing message it is called on the goroutine that sends; for an incoming one on a goroutine
// of the instance, before anything is stored, and perhaps again for the same message after a crash. It must not
// call methods of the instance that store or send, and must not block.
type MessageFilter interface {
	OnMessageFilter(params *MessageParams, direction FilterDirection, data []byte) bool
}

// PresenceListener is called when a user goes online or offline, as far as they let it be seen.
type PresenceListener interface {
	OnPresence(profile *UserProfile)
}

// GroupListener is called with what happens to groups, and with answers of the server.
type GroupListener interface {
	// OnGroupCreated: CreateGroup with this request id has made the group.
	OnGroupCreated(profile *UserProfile, requestID uint32)
	// OnGroupJoined: this user was added to a group, or joined it.
	OnGroupJoined(profile *UserProfile)
	// OnGroupLeft: this user left, was removed, or the group was deleted.
	OnGroupLeft(profile *UserProfile)
	// OnGroupMembers answers GetMembers, page by page; the last page is the one with more false.
	OnGroupMembers(profile *UserProfile, members []Member, more bool)
	// OnGroupMembersJoined: others were added to a group, or joined it, or have other permissions now.
	OnGroupMembersJoined(profile *UserProfile, members []Member)
	// OnGroupMembersRemoved: others left a group, or were removed.
	OnGroupMembersRemoved(profile *UserProfile, members []Member)
	// OnGroupSettings answers GetSettings, AddPin, EditPin and RemovePin; it is also called when the settings
	// changed, then without pins.
	OnGroupSettings(profile *UserProfile, settings GroupSettings, own MemberPermissions, pins []GroupPin)
	// OnGroupError: an operation was refused. profile is nil when the group is not known. GroupErrorNotMember after
	// a group was created or members were added says that some of the addresses do not exist; the others are members.
	OnGroupError(profile *UserProfile, err GroupError)
}

// SyncListener is called with what ReadDbSession.Sync brought.
type SyncListener interface {
	// OnSync: count messages were copied from the server; 0 means that there are no more, and a negative count that
	// the server could not be asked.
	OnSync(count int)
}

// ReadListener is called when messages of a chat became read on another device of this user: the unread count
// changed without a message.
type ReadListener interface {
	OnRead(peer string, groupID uint32, unread int)
}

// ProfileListener is called when profiles changed; profile is nil when many did.
type ProfileListener interface {
	OnUserProfileUpdated(profile *UserProfile)
}

// ListenerFuncs is a listener made of functions, for short programs; nil fields are skipped.
type ListenerFuncs struct {
	ConnectionStatus func(status ConnectionStatus)
	Message          func(params *MessageParams, data []byte)
	MessageStatus    func(params *MessageParams)
	Activity         func(params *MessageParams, activity Activity)
	Location         func(params *MessageParams, location *Location)
	File             func(params *MessageParams, file *FileInfo)
	Received         func(message *Message)
	Read             func(peer string, groupID uint32, unread int)
	ProfileUpdated   func(profile *UserProfile)
	MessageUpdate    func(params *MessageParams, data []byte)
	Presence         func(profile *UserProfile)
	Sync             func(count int)
}

var (
	_ ConnectionListener = (*ListenerFuncs)(nil)
	_ MessageListener    = (*ListenerFuncs)(nil)
	_ MessageReceiver    = (*ListenerFuncs)(nil)
	_ ReadListener       = (*ListenerFuncs)(nil)
	_ ProfileListener    = (*ListenerFuncs)(nil)

	_ MessageUpdateListener = (*ListenerFuncs)(nil)
	_ PresenceListener      = (*ListenerFuncs)(nil)
	_ SyncListener          = (*ListenerFuncs)(nil)
)

// OnConnectionStatus calls ConnectionStatus.
func (l *ListenerFuncs) OnConnectionStatus(status ConnectionStatus) {
	if l.ConnectionStatus != nil {
		l.ConnectionStatus(status)
	}
}

// OnMessage calls Message.
func (l *ListenerFuncs) OnMessage(params *MessageParams, data []byte) {
	if l.Message != nil {
		l.Message(params, data)
	}
}

// OnMessageStatus calls MessageStatus.
func (l *ListenerFuncs) OnMessageStatus(params *MessageParams) {
	if l.MessageStatus != nil {
		l.MessageStatus(params)
	}
}

// OnActivity calls Activity.
func (l *ListenerFuncs) OnActivity(params *MessageParams, activity Activity) {
	if l.Activity != nil {
		l.Activity(params, activity)
	}
}

// OnLocation calls Location.
func (l *ListenerFuncs) OnLocation(params *MessageParams, location *Location) {
	if l.Location != nil {
		l.Location(params, location)
	}
}

// OnFile calls File.
func (l *ListenerFuncs) OnFile(params *MessageParams, file *FileInfo) {
	if l.File != nil {
		l.File(params, file)
	}
}

// OnReceived calls Received.
func (l *ListenerFuncs) OnReceived(message *Message) {
	if l.Received != nil {
		l.Received(message)
	}
}

// OnRead calls Read.
func (l *ListenerFuncs) OnRead(peer string, groupID uint32, unread int) {
	if l.Read != nil {
		l.Read(peer, groupID, unread)
	}
}

// OnUserProfileUpdated calls ProfileUpdated.
func (l *ListenerFuncs) OnUserProfileUpdated(profile *UserProfile) {
	if l.ProfileUpdated != nil {
		l.ProfileUpdated(profile)
	}
}

// OnMessageUpdate calls MessageUpdate.
func (l *ListenerFuncs) OnMessageUpdate(params *MessageParams, data []byte) {
	if l.MessageUpdate != nil {
		l.MessageUpdate(params, data)
	}
}

// OnPresence calls Presence.
func (l *ListenerFuncs) OnPresence(profile *UserProfile) {
	if l.Presence != nil {
		l.Presence(profile)
	}
}

// OnSync calls Sync.
func (l *ListenerFuncs) OnSync(count int) {
	if l.Sync != nil {
		l.Sync(count)
	}
}

// GroupFuncs is a GroupListener made of functions; nil fields are skipped.
type GroupFuncs struct {
	Created        func(profile *UserProfile, requestID uint32)
	Joined         func(profile *UserProfile)
	Left           func(profile *UserProfile)
	Members        func(profile *UserProfile, members []Member, more bool)
	MembersJoined  func(profile *UserProfile, members []Member)
	MembersRemoved func(profile *UserProfile, members []Member)
	Settings       func(profile *UserProfile, settings GroupSettings, own MemberPermissions, pins []GroupPin)
	Error          func(profile *UserProfile, err GroupError)
}

var _ GroupListener = (*GroupFuncs)(nil)

// OnGroupCreated calls Created.
func (l *GroupFuncs) OnGroupCreated(profile *UserProfile, requestID uint32) {
	if l.Created != nil {
		l.Created(profile, requestID)
	}
}

// OnGroupJoined calls Joined.
func (l *GroupFuncs) OnGroupJoined(profile *UserProfile) {
	if l.Joined != nil {
		l.Joined(profile)
	}
}

// OnGroupLeft calls Left.
func (l *GroupFuncs) OnGroupLeft(profile *UserProfile) {
	if l.Left != nil {
		l.Left(profile)
	}
}

// OnGroupMembers calls Members.
func (l *GroupFuncs) OnGroupMembers(profile *UserProfile, members []Member, more bool) {
	if l.Members != nil {
		l.Members(profile, members, more)
	}
}

// OnGroupMembersJoined calls MembersJoined.
func (l *GroupFuncs) OnGroupMembersJoined(profile *UserProfile, members []Member) {
	if l.MembersJoined != nil {
		l.MembersJoined(profile, members)
	}
}

// OnGroupMembersRemoved calls MembersRemoved.
func (l *GroupFuncs) OnGroupMembersRemoved(profile *UserProfile, members []Member) {
	if l.MembersRemoved != nil {
		l.MembersRemoved(profile, members)
	}
}

// OnGroupSettings calls Settings.
func (l *GroupFuncs) OnGroupSettings(
	profile *UserProfile, settings GroupSettings, own MemberPermissions, pins []GroupPin,
) {
	if l.Settings != nil {
		l.Settings(profile, settings, own, pins)
	}
}

// OnGroupError calls Error.
func (l *GroupFuncs) OnGroupError(profile *UserProfile, err GroupError) {
	if l.Error != nil {
		l.Error(profile, err)
	}
}
