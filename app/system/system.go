// Package system is what the program needs of the desktop around its windows: notifications, an icon in the tray, the
// start with the session, and what is done to windows from outside. It has plain values and interfaces, which the
// program is given an implementation of.
package system

import (
	"context"
	"image"
	"time"
)

// System is all of it. Methods that the desktop cannot support do nothing or return an error.
type System interface {
	Notifier
	Tray
	Windows
	Autostart
}

// Notifier shows notifications.
type Notifier interface {
	// RunNotifications shows notifications, and calls on, until ctx ends or the desktop turns out to have none; that is
	// an error. It comes back by itself after the desktop's notification server has been away.
	RunNotifications(ctx context.Context, on NotificationHandler) error
	// Notify shows a notification, in place of the one with its key. It returns at once.
	Notify(n Notification)
	// Withdraw removes a notification. It returns at once.
	Withdraw(key string)
}

// Notification is what the desktop shows of a chat or a call.
type Notification struct {
	Key     string // another one with the same key replaces it
	Title   string
	Body    string      // plain text, in one line or a few
	Picture image.Image // nil for none
	Actions []Action
	// Reply is what the field for a reply is called, where the desktop has such a field; empty for none.
	Reply string
	// Call keeps the notification until it is withdrawn, before all others.
	Call bool
	// Update changes the notification that is shown; when it is not shown any more, nothing is.
	Update bool
	// Sound is whether it is heard: the desktop plays a sound, or NotificationHandler.Sound is called.
	Sound bool
}

// Action is a button of a notification.
type Action struct{ ID, Label string }

// The actions that are not buttons.
const (
	ActionOpen  = "default"      // a press on the notification itself
	ActionReply = "inline-reply" // a reply was written
)

// Invocation is what a user has done with a notification.
type Invocation struct {
	Key    string // of the notification
	Action string // its ID
	Text   string // of ActionReply
	Token  string // lets a window be raised, empty for none
}

// NotificationHandler has what RunNotifications calls, on any goroutine.
type NotificationHandler struct {
	Invoked func(i Invocation)
	// Sound is called for a notification with Sound when the desktop plays none and nothing forbids it.
	Sound func()
}

// Tray is an icon where the desktop shows those of programs.
type Tray interface {
	// RunTray shows the icon, and calls on, until ctx ends or the desktop turns out to have no place for it; that is an
	// error.
	RunTray(ctx context.Context, on TrayHandler) error
	// SetTray changes the icon. It returns at once.
	SetTray(i TrayIcon)
}

// TrayIcon is how the icon looks, and its menu.
type TrayIcon struct {
	Image   image.Image // square
	Dot     bool        // something is unread
	Tooltip string
	Menu    []MenuItem
}

// MenuItem is an entry of the icon's menu; without a label it is a line.
type MenuItem struct {
	ID      string // what TrayHandler.Chosen is called with
	Label   string
	Checked bool
	Items   []MenuItem // a menu of its own
}

// TrayHandler has what RunTray calls, on any goroutine.
type TrayHandler struct {
	// Hosted reports whether the icon can be seen; it is called before the others, and with every change.
	Hosted func(hosted bool)
	// Activated is called when the icon was pressed; the token lets a window be raised.
	Activated func(token string)
	Chosen    func(id string)
}

// Windows does to windows what the toolkit cannot. A window is the system's number for it. The methods may take a
// moment.
type Windows interface {
	// Raise brings a window before the others and focuses it. token is from who asked for it, if not empty.
	Raise(window uintptr, token string) error
	// SetAttention marks a window as one that wants attention, or ends that.
	SetAttention(window uintptr, on bool) error
	// Idle is how long the user has touched neither keys nor mouse.
	Idle() (time.Duration, error)
}

// Autostart starts the program when its user logs in.
type Autostart interface {
	// Autostarts reports whether it does.
	Autostarts() (bool, error)
	SetAutostart(on bool) error
}
