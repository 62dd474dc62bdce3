package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync"

	"github.com/gorilla/websocket"

	"github.com/parley-chat/parley/bench/pairs"
)

// tinode is Tinode with PostgreSQL, from the Go module github.com/tinode/chat.
type tinode struct {
	programs string // the folder with its programs
	addr     string
	ids      []string // of the users
	run      *process
	database postgres
}

// tinodeKey is that of the salt in tinodeConfig, both from Tinode's example.
const tinodeKey = "AQEAAAABAAD_rAp4DJh05a1HAwFT3A6K"

const tinodeConfig = `{
"listen": "%[1]s", "api_path": "/", "static_mount": "-", "grpc_listen": "", "expvar": "-", "max_message_size": 131072,
"api_key_salt": "T713/rYYgW7g4m3vG6zGRh7+FM1t0T8j13koXScOAj4=",
"auth_config": {
	"basic": {"add_to_tags": false, "min_login_length": 4, "min_password_length": 6},
	"token": {"expire_in": 1209600, "serial_num": 1, "key": "wfaY2RgF2S1OQI/ZlK+LSrp1KB2jwAdGAIHQ7JZn+Kc="}
},
"store_config": {
	"uid_key": "la6YsO+bNX/+XIkOqc5Svw==", "max_results": 1024, "use_adapter": "postgres",
	"adapters": {"postgres": {"User": "postgres", "Passwd": "postgres", "Host": "127.0.0.1", "Port": "%[2]s", "DBName": "tinode",
		"SSLMode": "disable", "max_open_conns": 50, "max_idle_conns": 50, "conn_max_lifetime": 60, "sql_timeout": 10}}
},
"acc_validation": {}, "push": [{"name": "stdout", "config": {"enabled": false}}]
}
`

func (t *tinode) start(ctx context.Context, dir string, n int) error {
	for _, name := range []string{"server", "tinode-db"} {
		if _, err := os.Stat(filepath.Join(t.programs, name)); err != nil {
			return fmt.Errorf("-tinode names no folder with Tinode's programs: %w", err)
		}
	}
	programs, err := filepath.Abs(t.programs)
	if err != nil {
		return fmt.Errorf("find the programs: %w", err)
	}
	if err := t.database.start(ctx, filepath.Join(dir, "postgres")); err != nil {
		return err
	}
	port, err := freePort(ctx)
	if err != nil {
		return err
	}
	t.addr = net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	config := filepath.Join(dir, "tinode.conf")
	if err := write(config, fmt.Sprintf(tinodeConfig, t.addr, t.database.port)); err != nil {
		return err
	}
	if err := command(ctx, dir, "", "", filepath.Join(programs, "tinode-db"), "-config", config, "-reset"); err != nil {
		return err
	}
	t.run, err = startProcess(dir, "", nil, filepath.Join(programs, "server"), "-config", config, "-static_data", "-")
	if err != nil {
		return err
	}
	if err := t.run.listens(ctx, t.addr); err != nil {
		return err
	}
	for i := range n {
		c, err := t.dial(ctx)
		if err != nil {
			return err
		}
		got, err := c.ask("acc", map[string]any{
			"user": "new", "scheme": "basic", "secret": []byte(user(i) + ":" + password), "login": true,
			"desc": map[string]any{"public": map[string]any{"fn": user(i)}},
		})
		if err != nil {
			return err
		}
		t.ids = append(t.ids, got.Params.User)
		c.close()
	}
	return nil
}

func (t *tinode) processes() []int {
	return []int{t.run.cmd.Process.Pid, t.database.run.cmd.Process.Pid}
}

func (t *tinode) stop() error { return errors.Join(stop(t.run), stop(t.database.run)) }

// tinodeConn is a connection of a client.
type tinodeConn struct {
	ws   *websocket.Conn
	mu   sync.Mutex // one write at a time
	next int
}

// tinodeFrame is what the server sends, as much of it as is needed.
type tinodeFrame struct {
	Ctrl *tinodeAnswer `json:"ctrl"`
	Data *struct {
		Topic string `json:"topic"`
		From  string `json:"from"`
		Seq   int    `json:"seq"`
	} `json:"data"`
	Info *struct {
		What string `json:"what"`
		From string `json:"from"`
		Seq  int    `json:"seq"`
	} `json:"info"`
}

// tinodeAnswer is the answer to a packet.
type tinodeAnswer struct {
	ID     string `json:"id"`
	Code   int    `json:"code"`
	Text   string `json:"text"`
	Params struct {
		User string `json:"user"`
		Seq  int    `json:"seq"`
	} `json:"params"`
}

func (t *tinode) dial(ctx context.Context) (*tinodeConn, error) {
	ws, res, err := websocket.DefaultDialer.DialContext(ctx, "ws://"+t.addr+"/v0/channels?apikey="+tinodeKey, nil)
	if err != nil {
		return nil, fmt.Errorf("dial: %w", err)
	}
	_ = res.Body.Close()
	c := &tinodeConn{ws: ws}
	_, err = c.ask("hi", map[string]any{"ver": "0.25", "ua": "bench"})
	return c, err
}

func (t *tinode) signIn(ctx context.Context, i int) (*tinodeConn, error) {
	c, err := t.dial(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := c.ask("login", map[string]any{"scheme": "basic", "secret": []byte(user(i) + ":" + password)}); err != nil {
		return nil, err
	}
	_, err = c.ask("sub", map[string]any{"topic": "me"})
	return c, err
}

// say sends a packet and returns its id.
func (c *tinodeConn) say(kind string, body map[string]any) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.next++
	id := strconv.Itoa(c.next)
	if kind != "note" { // which has no answer
		body["id"] = id
	}
	if err := c.ws.WriteJSON(map[string]any{kind: body}); err != nil {
		return "", fmt.Errorf("write: %w", err)
	}
	return id, nil
}

func (c *tinodeConn) read() (f tinodeFrame, err error) {
	_, b, err := c.ws.ReadMessage()
	if err != nil {
		return f, fmt.Errorf("read: %w", err)
	}
	if err := json.Unmarshal(b, &f); err != nil {
		return f, fmt.Errorf("read: %w", err)
	}
	return f, nil
}

// ask sends a packet and waits for the answer to it, when nothing else reads.
func (c *tinodeConn) ask(kind string, body map[string]any) (answer tinodeAnswer, err error) {
	id, err := c.say(kind, body)
	if err != nil {
		return answer, err
	}
	for {
		f, err := c.read()
		if err != nil {
			return answer, err
		}
		if f.Ctrl == nil || f.Ctrl.ID != id {
			continue
		}
		if f.Ctrl.Code >= 400 {
			return answer, fmt.Errorf("%s: refused: %s", kind, f.Ctrl.Text)
		}
		return *f.Ctrl, nil
	}
}

func (c *tinodeConn) close() { _ = c.ws.Close() }

// tinodeLink is a pair whose topic both have open.
type tinodeLink struct {
	a, b     *tinodeConn
	from, to string
	text     string
}

func (t *tinode) link(ctx context.Context, from, to int, text string) (pairs.Link, error) {
	l := &tinodeLink{from: t.ids[from], to: t.ids[to], text: text}
	var err error
	if l.a, err = t.signIn(ctx, from); err != nil {
		return nil, err
	}
	if l.b, err = t.signIn(ctx, to); err != nil {
		return nil, err
	}
	if _, err := l.a.ask("sub", map[string]any{"topic": l.to}); err != nil {
		return nil, err
	}
	_, err = l.b.ask("sub", map[string]any{"topic": l.from})
	return l, err
}

func (l *tinodeLink) Send() error {
	_, err := l.a.say("pub", map[string]any{"topic": l.to, "noecho": true, "content": l.text})
	return err
}

// Receipts reads the receipts, each of which covers all messages up to its number.
func (l *tinodeLink) Receipts(done func(int)) error {
	var sent []int // numbers of the messages whose receipt is missing
	received := 0
	for {
		f, err := l.a.read()
		if err != nil {
			return err
		}
		switch {
		case f.Ctrl != nil && f.Ctrl.Code >= 400:
			return errors.New("refused: " + f.Ctrl.Text)
		case f.Ctrl != nil && f.Ctrl.Params.Seq > 0:
			sent = append(sent, f.Ctrl.Params.Seq)
		case f.Info != nil && f.Info.What == "recv" && f.Info.From == l.to:
			received = max(received, f.Info.Seq)
		}
		n := 0
		for n < len(sent) && sent[n] <= received {
			n++
		}
		if sent = sent[n:]; n > 0 {
			done(n)
		}
	}
}

func (l *tinodeLink) Answer() error {
	for {
		f, err := l.b.read()
		if err != nil {
			return err
		}
		if f.Data == nil || f.Data.From != l.from {
			continue
		}
		if _, err := l.b.say("note", map[string]any{"topic": f.Data.Topic, "what": "recv", "seq": f.Data.Seq}); err != nil {
			return err
		}
	}
}

func (l *tinodeLink) Close() {
	l.a.close()
	l.b.close()
}

func (t *tinode) online(ctx context.Context, i int) (func(), error) {
	c, err := t.signIn(ctx, i)
	if err != nil {
		return nil, err
	}
	go read(func() error { _, err := c.read(); return err })
	return c.close, nil
}
