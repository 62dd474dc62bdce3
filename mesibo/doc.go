// Package mesibo is the Mesibo real-time API in Go: messages that are never lost, with delivery and read receipts,
// groups, files and presence, kept in a local database, over one connection that looks after itself.
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
// [New] makes as many instances as wanted, one for each user; [GetInstance] is a default one, for code ported from
// other platforms. The order of the reference works: SetPath, AddListener, SetAccessToken, SetDatabase, Start.
// After [Mesibo.Start] the connection is kept until [Mesibo.Stop], whatever happens to the network: after a loss
// the next attempt follows within a random delay under a bound that grows from 0.25 to 30 seconds, and at once when
// the machine wakes, its network changes, or [Mesibo.Reconnect] is called. A token that the server refuses, or that
// signs in elsewhere, ends it: StatusAuthFail or StatusSignOut, then StatusStopped.
//
// Every function may be called from any goroutine, and from listeners. What comes of a call is reported to
// listeners, one after another on one goroutine of the instance, as [Mesibo.AddListener] describes. Few
// functions wait: [Mesibo.GetFileLimit] for the server's answer, within its context; [Mesibo.Stop],
// [Mesibo.Shutdown] and [Mesibo.Reset] for running listeners and the end of the connection; [Mesibo.Run] for the
// end of its context. All others return without waiting for the network.
//
// # Delivery
//
// A message that SendMessage accepted is on the disk, with SetDatabase. It reaches the server once, however often the
// connection breaks or either program is killed, and arrives in the order in which it was sent. Its status passes
// OUTBOX, SENT, DELIVERED and READ, or ends in a failure; each is reported to [MessageListener] at most once and never
// backwards. With FlagDeliveryReceipt and FlagReadReceipt the sender asks for the last two. In a group each member's
// receipts are reported, with the member as Peer. An incoming message is stored before listeners are called; after a
// crash in between it is in the database, and listeners are not called for it.
//
// [Mesibo.SendUpdate] changes a message that was sent, [Mesibo.DeleteMessage] recalls it, [Mesibo.SendReaction] reacts
// to one; [MessageUpdateListener] is called. All of them know the message by its 64-bit Mid, and by the id that was
// given to SendMessage.
//
// # Reading
//
// A [ReadDbSession] reads a chat page by page, the newest message first, or with EnableSummary the newest message of
// each chat, which is a list of chats. With EnableReadReceipt it reports what it hands out as read, and what arrives
// until Stop. Its query searches; Sync fetches what is older than this device from the server. It is the only part
// that calls a listener on the caller's goroutine; that listener may read on, and [Mesibo.Post] puts a call of Read in
// line with the other callbacks. A [MessageReceiver] gets each message whole, from a session and in real time alike.
//
// # Groups
//
// [Mesibo.CreateGroup] makes a group, a [GroupProfile] changes it and says who may do what, and [GroupListener]
// reports what happens. Sending to a group is sending with MessageParams.GroupID instead of Peer. What happens to a
// group also stands between its messages, as one with MsgStatusCustom and a [GroupChange].
//
// # Profiles and presence
//
// A [UserProfile] is a copy of what is known of a user or group, and of the state of the chat: change fields of
// what [Mesibo.GetProfile] returned or a listener got, and [Mesibo.SetProfile] stores those.
// [Mesibo.SetSelfProfile] publishes this user's name, status and picture. [ProfileListener] is called after
// changes, [PresenceListener] when a user goes online or offline. By default a user is online while the application
// says so with [Mesibo.SetAppInForeground]; see [Mesibo.SetOnlineStatusMode] and [Mesibo.SetOnlineStatusPrivacy].
//
// # Files
//
// A message carries a file's URL, name and thumbnail; the bytes travel beside it, so that messages never wait for
// them. [Mesibo.SendFile] queues the message, has the file uploaded, and sends when that is done, also after a
// restart. Recipients download small files automatically ([Mesibo.SetFileTransferLimits]), and the rest with
// [Mesibo.StartFileTransfer]. A [FileTransferListener] gets the progress. Files go to the server of the access
// token and come from there; an application that keeps files elsewhere registers a [FileTransferHandler]. The
// listener is also called when a file is moved, deleted or changed by hand; it can be downloaded again.
// [Mesibo.SetSendFolder] sends what appears in a folder.
//
// # Calls
//
// [Mesibo.SetCallMedia] sets the devices and codecs, of which package mesibo/call/codecs has some. A [CallListener]
// is asked for the properties of a call that rings, and shows it; [Call.Start] lets a [CallInProgressListener] follow
// it, [Call.Answer] answers it, [Call.Hangup] ends it. [Mesibo.Call] makes one. A [GroupCall] is joined with
// [GroupCall.Join]: [GroupCall.CreatePublisher] sends, and [CallParticipant.Call] plays and shows another participant.
// More than four people need the server's SFU and [Mesibo.SetGroupCallEngine]. examples/parrot is a bot that answers
// calls and takes part in those of groups.
//
// # Errors
//
// Functions return an [*Error] that holds one of the reference's codes, a [Result], for errors.Is, and the cause.
// Success is nil.
//
//	if errors.Is(err, mesibo.ResultBadRequest) { … }
//	if errors.Is(err, mesibo.ErrTooLarge) { … }
//
// # Names
//
// Functions, listeners, structures and numbers are those of the reference, with Go's spelling. Where its versions
// differ, the form of its first page wins: the parameters of that page, and one name for each thing. Results that
// were numbers or booleans are errors here, and "null" is false or nil. docs/api.md of the module goes through the
// reference name by name, lists what this package adds to it, and says what to look out for when porting.
//
// Package mesibotest runs a real server inside a test.
package mesibo
