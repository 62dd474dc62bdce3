// Package app is the desktop application: it puts the screens into a window and feeds them from one mesibo session.
//
// Everything on the screen lives on one goroutine, the one Fyne calls us on. Callbacks of the SDK arrive on another:
// the inbox collects them and hands them over through the Dispatcher, so neither the models nor the widgets need a
// mutex. The screens (app/login, app/contacts, app/chat, app/info, app/files) each declare the few methods they call
// in backend.go; Client is their sum. They share app/sheet and app/format and do not import one another.
package app
