// Package chat is the pane of the open chat: header, banner, messages, composer.
//
// Model holds the state and what the user can do, in plain Go; Screen shows it. The model keeps a window of the chat,
// not all of it: pages are read at both ends as the view comes near, and rows far away are dropped.
package chat
