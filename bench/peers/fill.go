package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/parley-chat/parley/bench/chats"
)

// The window of Parley when it is new, which the others get, too.
const windowWidth, windowHeight = 1180, 760

// The account of Dino and Gajim. Nothing answers at its server.
const (
	host    = "example.invalid"
	account = chats.Owner + "@" + host
)

// person returns the address of the other side of a chat, from 0.
func person(i int) string { return fmt.Sprintf("person%d@%s", i, host) }

// history is what each program has: chats with received messages, of which the longest is the newest.
type history struct{ chats, messages int }

// each calls add for each message, oldest first: the number of its chat and of the message in it, from 0, and when it
// came. They come as fast as those of Parley, which a server has sent.
func (h history) each(add func(chat, message int, at time.Time)) {
	const together = 1000 // in a second
	total := h.messages + (h.chats-1)*chats.Short
	first := time.Now().Add(-time.Hour)
	for i := range total {
		chat, message := i/chats.Short, i%chats.Short
		if chat >= h.chats-1 {
			chat, message = h.chats-1, i-(h.chats-1)*chats.Short
		}
		add(chat, message, first.Add(time.Duration(i)*time.Second/together))
	}
}

// fillParley makes a workspace whose server has sent the messages.
func fillParley(ctx context.Context, home string, h history) error {
	return chats.Fill(ctx, filepath.Join(home, "share", "parley"), h.chats, h.messages)
}

// fillDino writes an account and chats into Dino's database, in the schema of version 26.
func fillDino(ctx context.Context, home string, h history) error {
	var sql strings.Builder
	fmt.Fprintf(&sql, "INSERT INTO account(id, bare_jid, resourcepart, password, alias, enabled, roster_version, mam_earliest_synced) "+
		"VALUES (1, %s, 'dino', 'none', 'Alice', 1, '', 0);\n", quote(account))
	for i := range h.chats {
		fmt.Fprintf(&sql, "INSERT INTO jid(id, bare_jid) VALUES (%d, %s);\n", i+1, quote(person(i)))
	}
	last := make([]time.Time, h.chats)
	newest := make([]int, h.chats)
	id := 0
	h.each(func(chat, message int, at time.Time) {
		id++
		last[chat], newest[chat] = at, id
		fmt.Fprintf(&sql, "INSERT INTO message(id, stanza_id, account_id, counterpart_id, our_resource, direction, type, time, "+
			"local_time, body, encryption, marked) VALUES (%d, 'm%d', 1, %d, 'dino', 0, 1, %d, %d, %s, 0, 0);\n",
			id, id, chat+1, at.Unix(), at.Unix(), quote(chats.Text(message)))
		fmt.Fprintf(&sql, "INSERT INTO content_item(id, conversation_id, time, local_time, content_type, foreign_id, hide) "+
			"VALUES (%d, %d, %d, %d, 1, %d, 0);\n", id, chat+1, at.Unix(), at.Unix(), id)
	})
	for i := range h.chats {
		fmt.Fprintf(&sql, "INSERT INTO conversation(id, account_id, jid_id, active, active_last_changed, last_active, type, "+
			"encryption, read_up_to, read_up_to_item, notification, send_typing, send_marker, pinned) "+
			"VALUES (%d, 1, %d, 1, %d, %d, 0, 0, %d, %d, 0, 0, 0, 0);\n",
			i+1, i+1, last[i].Unix(), last[i].Unix(), newest[i], newest[i])
	}
	fmt.Fprintf(&sql, "UPDATE settings SET value = '%d' WHERE key = 'window_width';\n", windowWidth)
	fmt.Fprintf(&sql, "UPDATE settings SET value = '%d' WHERE key = 'window_height';\n", windowHeight)
	return insert(ctx, filepath.Join(home, "share", "dino", "dino.db"), sql.String())
}

// fillGajim writes an account into Gajim's settings, which has the open chats, and messages into its archive, in the
// schema of version 7.
func fillGajim(ctx context.Context, home string, h history) error {
	var sql strings.Builder
	fmt.Fprintf(&sql, "INSERT INTO jids(jid_id, jid, type) VALUES (1, %s, 0);\n", quote(account))
	for i := range h.chats {
		fmt.Fprintf(&sql, "INSERT INTO jids(jid_id, jid, type) VALUES (%d, %s, 0);\n", i+2, quote(person(i)))
	}
	const received = 4
	id := 0
	h.each(func(chat, message int, at time.Time) {
		id++
		fmt.Fprintf(&sql, "INSERT INTO logs(account_id, jid_id, time, kind, message, stanza_id, message_id) "+
			"VALUES (1, %d, %.3f, %d, %s, 's%d', 'm%d');\n",
			chat+2, float64(at.UnixMilli())/1000, received, quote(chats.Text(message)), id, id)
	})
	if err := insert(ctx, filepath.Join(home, "share", "gajim", "logs.db"), sql.String()); err != nil {
		return err
	}
	return insert(ctx, filepath.Join(home, "config", "gajim", "settings.sqlite"), gajimSettings(h.chats))
}

// gajimSettings returns the account, which does not connect, and the list of its chats, newest first.
func gajimSettings(count int) string {
	type object map[string]any
	open := make([]object, 0, count)
	for i := count - 1; i >= 0; i-- {
		open = append(open, object{
			"account": host, "jid": object{"__type": "JID", "value": person(i)}, "type": "chat", "pinned": false, "position": -1,
		})
	}
	return fmt.Sprintf("INSERT INTO account_settings(account, settings) VALUES (%s, %s);\n", quote(host), encoded(object{
		"account": object{
			"active": true, "autoconnect": false, "name": chats.Owner, "hostname": host, "account_label": host, "savepass": true,
		}, "contact": object{}, "group_chat": object{},
	})) + fmt.Sprintf("UPDATE settings SET settings = %s WHERE name = 'workspaces';\n", encoded(object{
		"5a3e1fd5-4b19-4a4f-9d27-000000000001": object{"name": "Chats", "chats": open},
	})) + fmt.Sprintf("UPDATE settings SET settings = %s WHERE name = 'app';\n", encoded(object{
		"mainwin_width": windowWidth, "mainwin_height": windowHeight,
	}))
}

// encoded returns a value as JSON, as text of SQL.
func encoded(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err) // only maps, lists, texts, numbers and booleans
	}
	return quote(string(text))
}

// quote returns a text of SQL.
func quote(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

// insert runs statements in one transaction.
func insert(ctx context.Context, database, sql string) error {
	if _, err := os.Stat(database); err != nil {
		return fmt.Errorf("the program has made no database: %w", err)
	}
	cmd := exec.CommandContext(ctx, "sqlite3", "-bail", database)
	cmd.Stdin = strings.NewReader("BEGIN;\n" + sql + "COMMIT;\n")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("fill %s: %w: %s", filepath.Base(database), err, out)
	}
	return nil
}
