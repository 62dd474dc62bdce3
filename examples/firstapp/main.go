// Firstapp is a window with one chat.
//
// It shows how messages get from the SDK into a Fyne window: the list holds what the database holds, and is read again
// when something has changed. For a chat, start it twice, as alice and as bob:
//
//	make server # in another terminal; prints the tokens of alice and bob
//	go run -tags migrated_fynedo ./examples/firstapp
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/mesibo"
)

const (
	history       = 100 // messages in the list
	width, height = 400, 600
)

func main() {
	dir := flag.String("data", "build/examples/firstapp", "`folder` of the databases, one for each user")
	flag.Parse()
	windows, err := newApp()
	if err != nil {
		fmt.Fprintln(os.Stderr, "firstapp:", err)
		os.Exit(1)
	}
	a := &app{dir: *dir, window: windows.NewWindow("First app")}
	a.window.Resize(fyne.NewSize(width, height))
	a.window.SetContent(a.signInForm())
	a.window.ShowAndRun()
	a.close()
}

// app is used on Fyne's goroutine only.
type app struct {
	dir    string
	window fyne.Window

	m        *mesibo.Mesibo // nil before the user has signed in
	chat     *mesibo.ReadDbSession
	peer     string
	messages []*mesibo.Message
	list     *widget.List
	status   *widget.Label
}

func (a *app) signInForm() fyne.CanvasObject {
	token, peer := widget.NewPasswordEntry(), widget.NewEntry()
	form := widget.NewForm(widget.NewFormItem("Your token", token), widget.NewFormItem("Talk to", peer))
	form.SubmitText = "Sign in"
	form.OnSubmit = func() {
		if err := a.signIn(token.Text, peer.Text); err != nil {
			dialog.ShowError(err, a.window)
		}
	}
	return container.NewPadded(form)
}

// signIn opens the user's database, connects, and shows the chat with peer.
func (a *app) signIn(token, peer string) error {
	if peer == "" {
		return errors.New("whom do you want to talk to?")
	}
	m, err := mesibo.New(mesibo.Options{Path: a.dir, AccessToken: token})
	if err != nil {
		return err
	}
	if err := m.SetDatabase(m.GetAddress()+".db", 0); err != nil {
		return err
	}
	a.m, a.peer = m, peer
	a.chat = m.NewReadDbSession(peer, 0, "", nil)
	a.chat.EnableReadReceipt(true) // what is in the list counts as read
	a.showChat()
	// Listeners are called on a goroutine of the SDK; fyne.Do goes to Fyne's.
	err = m.AddListener(&mesibo.ListenerFuncs{
		ConnectionStatus: func(s mesibo.ConnectionStatus) { fyne.Do(func() { a.status.SetText(s.String()) }) },
		Message:          func(*mesibo.MessageParams, []byte) { fyne.Do(a.reload) },
		MessageStatus:    func(*mesibo.MessageParams) { fyne.Do(a.reload) },
	})
	if err != nil {
		return err
	}
	return m.Start()
}

func (a *app) showChat() {
	a.status = widget.NewLabel("")
	a.list = widget.NewList(
		func() int { return len(a.messages) },
		newLine,
		func(i widget.ListItemID, o fyne.CanvasObject) { o.(*widget.Label).SetText(line(a.messages[i])) },
	)
	input := widget.NewEntry()
	input.SetPlaceHolder("Message to " + a.peer)
	input.OnSubmitted = func(text string) {
		// It returns when the message is in the database; without a connection it is sent later.
		err := a.m.SendMessageString(mesibo.NewMessageParams(a.peer, mesibo.FlagDefault), a.m.Random(), text)
		if err != nil {
			dialog.ShowError(err, a.window)
			return
		}
		input.SetText("")
		a.reload()
	}
	a.window.SetContent(container.NewBorder(a.status, input, nil, nil, a.list))
	a.window.Canvas().Focus(input)
	a.reload()
}

func newLine() fyne.CanvasObject {
	label := widget.NewLabel("")
	label.Truncation = fyne.TextTruncateEllipsis
	return label
}

// reload reads the newest messages, the newest first, and shows them the other way round.
func (a *app) reload() {
	a.chat.Restart()
	a.messages = a.messages[:0]
	for msg, err := range a.chat.Messages(history) {
		if err != nil {
			dialog.ShowError(err, a.window)
			break
		}
		a.messages = append(a.messages, msg)
	}
	slices.Reverse(a.messages)
	a.list.Refresh()
	a.list.ScrollToBottom()
}

var ticks = map[mesibo.MsgStatus]string{
	mesibo.MsgStatusOutbox: "…", mesibo.MsgStatusSent: "✓",
	mesibo.MsgStatusDelivered: "✓✓", mesibo.MsgStatusRead: "✓✓ read",
}

// line is how a message is shown.
func line(msg *mesibo.Message) string {
	if msg.IsIncoming() {
		return msg.Peer + ": " + string(msg.Data)
	}
	state, ok := ticks[msg.Status]
	if !ok {
		state = "not sent: " + msg.Status.String()
	}
	return fmt.Sprintf("Me: %s (%s)", msg.Data, state)
}

// close disconnects and closes the database.
func (a *app) close() {
	if a.m == nil {
		return
	}
	if err := a.m.Reset(); err != nil {
		fmt.Fprintln(os.Stderr, "firstapp:", err)
	}
}
