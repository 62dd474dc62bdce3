// Package info is the panel beside a conversation: this user's own profile, somebody else's, or a group's.
//
// Model says what is known and does what the user asks for, in plain Go; Screen shows it.
package info
