// Package mesibo is the Mesibo real-time API in Go: messages that are never lost, with delivery and read receipts, kept in a local
// database, over one connection that looks after itself.
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
// [Mesibo.Reconnect] is called. Nothing in this package blocks on the network, but Run and Shutdown, which say so.
//
// # Delivery
//
// A message that SendMessage accepted is on the disk. It reaches the server once, however often the connection breaks or either
// program is killed, and arrives in the order in which it was sent. Its status passes OUTBOX, SENT, DELIVERED and READ, or ends in
// a failure; each is told to [MessageListener] at most once and never backwards. With FlagDeliveryReceipt and FlagReadReceipt the
// sender asks for the last two. An incoming message is stored before listeners are called; one that came in just before a
// crash may have been told to nobody, but is there to be read. How listeners are called is said at [Mesibo.AddListener].
//
// # Reading
//
// A [ReadDbSession] reads conversations page by page, or the summary of all of them, and reports messages as read.
//
// # Errors
//
// Functions return an [*Error] that holds one of the reference's codes, a [Result], for errors.Is, and the cause. Success is nil.
//
// # Names
//
// Functions, listeners, structures and numbers are those of the reference, with Go's spelling; results that were numbers or
// booleans are errors here. What the reference does not have says so in its comment: "an addition to the reference".
// Comments cite sections of the reference as "mesibo-api 1.2".
package mesibo
