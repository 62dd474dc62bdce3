// Package app is the desktop application: it puts the screens into a window and feeds them from one mesibo session.
//
// Everything on the screen lives on one goroutine, the one Fyne calls us on. Callbacks of the SDK arrive on another: they are
// collected by Inbox and handed over through the Dispatcher, so neither the models nor the widgets need a mutex. The screens
// (app/login, app/contacts, app/chat) each declare the few methods they call in backend.go; Client is their sum.
//
// How an account comes to be (embedded server, keyring, Echo) is not known here: main.go gives a Workspace.
package app
