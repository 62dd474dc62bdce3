package mesibo

// A listener is any value that satisfies at least one of the interfaces of this file; AddListener says how they are called.

// ConnectionListener is told of every change of the connection.
type ConnectionListener interface {
	OnConnectionStatus(status ConnectionStatus)
}

// MessageListener receives messages and what becomes of sent ones (mesibo-api 2).
// A message goes to exactly one of OnMessage, OnFile and OnLocation. Params and data belong to the listener.
type MessageListener interface {
	// OnMessage: a message was received (OriginRealtime) or read from the database (OriginDBMessage, OriginDBSummary).
	// A message that this user sent on another device arrives here too, with an outgoing status.
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

// ReadListener is told when messages of a conversation became read on another device of this user:
// the unread count changed without a message. It is an addition to the reference.
type ReadListener interface {
	OnRead(peer string, groupID uint32, unread int)
}

// ProfileListener is told when profiles changed; profile is nil when many did (mesibo-api 2).
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
	Read             func(peer string, groupID uint32, unread int)
	ProfileUpdated   func(profile *UserProfile)
}

var (
	_ ConnectionListener = (*ListenerFuncs)(nil)
	_ MessageListener    = (*ListenerFuncs)(nil)
	_ ReadListener       = (*ListenerFuncs)(nil)
	_ ProfileListener    = (*ListenerFuncs)(nil)
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
