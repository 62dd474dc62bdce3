// Package info is the panel beside a chat: this user's own profile, another user's, or a group's.
package info
