// Package mesibo is the Mesibo real-time API in Go: messages that are never lost, with delivery and read receipts, groups, files
// and presence, kept in a local database, over one connection that looks after itself.
//
//	m, err := mesibo.New(mesibo.Options{AccessToken: token, Database: "chat.db"})
//	if err != nil {
//		return err
//	}
//	m.AddListener(&mesibo.ListenerFuncs{
//		Message: func(p *mesibo.MessageParams, data []byte) { fmt.Printf("%s: %s\n", p.Peer, data) },
//	})
//	m.Start()
//	m.SendMessageString(mesibo.NewMessageParams("bob", mesibo.FlagDefault), m.Random(), "Hello")
//	return m.Run(ctx) // until ctx ends
//
// # Lifetime
//
// [New] makes as many instances as wanted, one for each user; [GetInstance] is a default one, for code ported from other
// platforms. The order of the reference works: SetPath, AddListener, SetAccessToken, SetDatabase, Start. After [Mesibo.Start] the
// connection is kept until [Mesibo.Stop], whatever happens to the network: after a loss the next attempt follows within a random
// delay under a bound that grows from 0.25 to 30 seconds, and at once when the machine wakes, its network changes, or
// [Mesibo.Reconnect] is called. A token that the server refuses, or that signs in elsewhere, ends it: StatusAuthFail or
// StatusSignOut, then StatusStopped.
//
// Every function may be called from any goroutine, and from listeners. Nothing in this package blocks on the network, but Run and
// Shutdown, which say so: what comes of a call is told to listeners, one after another on one goroutine of the instance, as
// [Mesibo.AddListener] describes.
//
// # Delivery
//
// A message that SendMessage accepted is on the disk. It reaches the server once, however often the connection breaks or either
// program is killed, and arrives in the order in which it was sent. Its status passes OUTBOX, SENT, DELIVERED and READ, or ends in
// a failure; each is told to [MessageListener] at most once and never backwards. With FlagDeliveryReceipt and FlagReadReceipt the
// sender asks for the last two. In a group each member's receipts are told, with the member as Peer. An incoming message is stored
// before listeners are called; one that came in just before a crash may have been told to nobody, but is there to be read.
//
// [Mesibo.SendUpdate] changes a message that was sent, [Mesibo.DeleteMessage] takes it back, [Mesibo.SendReaction] reacts to
// one; [MessageUpdateListener] is told.
//
// # Reading
//
// A [ReadDbSession] reads a conversation page by page, the newest first, or with EnableSummary the newest message of each, which
// is a list of chats. With EnableReadReceipt it reports what it hands over as read, and what arrives while it is open. Its query
// searches; Sync fetches what is older than this device from the server. It is the only part that calls a listener on the
// caller's goroutine.
//
// # Groups
//
// [Mesibo.CreateGroup] makes a group, a [GroupProfile] changes it and says who may do what, and [GroupListener] is told. Sending
// to a group is sending with MessageParams.GroupID instead of Peer. What happens to a group also stands between its messages, as
// one with MsgStatusCustom and a [GroupChange].
//
// # Profiles and presence
//
// A [UserProfile] is a copy of what is known of a user or group, and of how the conversation is treated: change fields of what
// [Mesibo.GetProfile] gave, and [Mesibo.SetProfile] stores those. [Mesibo.SetSelfProfile] publishes this user's name, status and
// picture. [ProfileListener] is told of changes, [PresenceListener] when somebody came or went. By default a user is
// online while the application says so with [Mesibo.SetAppInForeground]; see [Mesibo.SetOnlineStatusMode] and
// [Mesibo.SetOnlineStatusPrivacy].
//
// # Files
//
// A message carries a file's URL, name and small picture; the bytes travel beside it, so that messages never wait for them.
// [Mesibo.SendFile] queues the message, has the file uploaded, and sends when that is done, also after a restart. Recipients get
// small pictures by themselves ([Mesibo.SetFileTransferLimits]), and the rest with [Mesibo.StartFileTransfer]. A
// [FileTransferListener] is told how far they are. Files go to the server of the access token and come from there; an application
// that has a place of its own for them registers a [FileTransferHandler]. The listener is also told when somebody moves, deletes or
// changes a file by hand; it can be fetched again. [Mesibo.SetSendFolder] sends what appears in a folder.
//
// # Errors
//
// Functions return an [*Error] that holds one of the reference's codes, a [Result], for errors.Is, and the cause. Success is nil.
//
//	if errors.Is(err, mesibo.ResultBadRequest) { … }
//	if errors.Is(err, mesibo.ErrTooLarge) { … }
//
// # Names
//
// Functions, listeners, structures and numbers are those of the reference, with Go's spelling. Where its versions differ, the form
// of its first page wins: the parameters of that page, and one name for each thing. Results that were numbers or booleans are
// errors here, and "null" is false or nil. What the reference does not have says so in its comment: "an addition to the
// reference". Such are Run and Shutdown for programs that end in good order, ReadDbSession.Messages, a range over what is
// read, the Seek functions for scroll bars, reactions, mentions and pins of conversations, and what tells an application how it
// stands: OutboxCount, UnreadCount, RetryAt.
//
// Comments cite sections of the reference as "mesibo-api 1.2". docs/api.md of the module goes through it name by name. Package
// mesibotest runs a real server inside a test.
package mesibo
