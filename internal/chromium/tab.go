package chromium

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"testing"
)

// Tab is a page in Chromium, driven by the DevTools protocol. One goroutine uses it.
type Tab struct {
	t        *testing.T
	commands *os.File
	answers  *bufio.Reader
	session  string
	last     int
	loads    int // pages loaded, and not waited for yet
}

// message is an answer or an event.
type message struct {
	ID     int             `json:"id"`
	Method string          `json:"method"`
	Result json.RawMessage `json:"result"`
	Error  json.RawMessage `json:"error"`
}

// NewTab starts Chromium with an empty page.
func NewTab(t *testing.T, program string) *Tab {
	t.Helper()
	commands, answers := Start(t, program, t.TempDir())
	b := &Tab{t: t, commands: commands, answers: bufio.NewReader(answers)}
	var target struct{ TargetID string }
	b.read("Target.createTarget", map[string]any{"url": "about:blank"}, &target)
	var attached struct{ SessionID string }
	b.read("Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &attached)
	b.session = attached.SessionID
	b.Call("Page.enable", nil)
	return b
}

// Call sends a command and waits for its answer.
func (b *Tab) Call(method string, params map[string]any) json.RawMessage {
	b.t.Helper()
	b.last++
	command := map[string]any{"id": b.last, "method": method}
	if params != nil {
		command["params"] = params
	}
	if b.session != "" {
		command["sessionId"] = b.session
	}
	text, err := json.Marshal(command)
	check(b.t, err)
	_, err = b.commands.Write(append(text, 0))
	check(b.t, err)
	for {
		m := b.next()
		if m.ID != b.last {
			continue
		}
		if m.Error != nil {
			b.t.Fatalf("%s: %s", method, m.Error)
		}
		return m.Result
	}
}

// next returns the next answer or event.
func (b *Tab) next() message {
	b.t.Helper()
	text, err := b.answers.ReadBytes(0)
	check(b.t, err)
	var m message
	check(b.t, json.Unmarshal(bytes.TrimSuffix(text, []byte{0}), &m))
	if m.Method == "Page.loadEventFired" {
		b.loads++
	}
	return m
}

func (b *Tab) read(method string, params map[string]any, to any) {
	b.t.Helper()
	check(b.t, json.Unmarshal(b.Call(method, params), to))
}

// Load runs a command or a script that leads to another page, and waits until that is loaded.
func (b *Tab) Load(lead func()) {
	b.t.Helper()
	b.loads = 0
	lead()
	for b.loads == 0 {
		b.next()
	}
}

// Open opens a page.
func (b *Tab) Open(url string) {
	b.t.Helper()
	b.Load(func() { b.Call("Page.navigate", map[string]any{"url": url}) })
}

// Eval returns the value of an expression in the page, which is a text.
func (b *Tab) Eval(expression string) string {
	b.t.Helper()
	var result struct {
		Result           struct{ Value any }
		ExceptionDetails json.RawMessage
	}
	b.read("Runtime.evaluate", map[string]any{"expression": "String(" + expression + ")", "returnByValue": true}, &result)
	if result.ExceptionDetails != nil {
		b.t.Fatalf("%s: %s", expression, result.ExceptionDetails)
	}
	text, _ := result.Result.Value.(string)
	return text
}

// Click presses the first element that a selector names.
func (b *Tab) Click(selector string) {
	b.t.Helper()
	quoted, err := json.Marshal(selector)
	check(b.t, err)
	b.Eval("document.querySelector(" + string(quoted) + ").click()")
}

// Type writes a text into the field that a selector names, in place of what is there.
func (b *Tab) Type(selector, text string) {
	b.t.Helper()
	quoted, err := json.Marshal(selector)
	check(b.t, err)
	b.Eval("document.querySelector(" + string(quoted) + ").select()")
	b.Call("Input.insertText", map[string]any{"text": text})
}
