// Package apptest is what tests of the application share: a Queue that stands for the user interface's goroutine and
// its clock, and a Backend that stands for the SDK. Nothing here starts a goroutine.
package apptest
