// Package lock is the app lock: a passcode, and the screen that asks for it in place of the chats. It keeps others from
// reading at the screen; what is on the disk is not encrypted by it.
package lock
