// Package login is the first thing a newcomer sees: one card, with a name and a button, or a field for an invite.
package login
