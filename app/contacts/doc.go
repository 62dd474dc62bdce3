// Package contacts is the pane on the left: the list of chats, the picker for a new one, the state of the connection.
package contacts
