// Package contacts is the pane on the left: the list of conversations, the picker for a new one, the connection's state.
package contacts
