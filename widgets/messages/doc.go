// Package messages holds the message list of a chat: [List] with its [Item], and [ReactionBar] to react.
//
// A [List] is given the messages of a window into the history, oldest first, by [List.SetItems], and again whenever
// anything in them changed. It tells them apart by key and keeps what is being read in its place. From the items it
// derives where a day starts (Day differs from the item before), which messages form a group (same side, same sender,
// same day, less than five minutes apart), where the unread line is (Divider is not empty) and what a long message
// shows before it is unfolded. The screen decides what is loaded: see [List.OnNearTop], [List.OnNearEnd] and
// [List.SetHasNewer].
//
// Temporary marks are not part of an item: the words of a search ([List.SetFind]) and the message a quote led to
// ([List.SetFlash]). Callbacks get the key of the message that was pressed, also for the parts in it. The buttons
// beside the message under the pointer belong to [List.OnReact], [List.OnReply] and [List.OnMenu].
package messages
