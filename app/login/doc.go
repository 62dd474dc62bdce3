// Package login is the first screen a new user sees: one card, with a name and a button, or a field for an invite.
package login
