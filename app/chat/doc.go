// Package chat is the conversation pane: header, banner, messages, composer.
//
// Model holds the state and what the user can do, in plain Go; Screen shows it. The model keeps a window of the conversation,
// not all of it: pages are read on both sides as the view comes near an end and the far side is forgotten.
package chat
