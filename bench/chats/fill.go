// Package chats makes a workspace with chats to look at, for the benchmarks of the window.
package chats

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/parley-chat/parley/app"
	"github.com/parley-chat/parley/app/contacts"
	"github.com/parley-chat/parley/internal/localserver"
	"github.com/parley-chat/parley/internal/workspace"
	"github.com/parley-chat/parley/mesibo"
)

// Owner is the address of the owner, which the workspace derives from the name.
const Owner = "alice"

// Short is how many messages each chat has but the longest.
const Short = 3

const fillLimit = 10 * time.Minute

// Fill creates a workspace on this computer whose owner has chats, of which the longest is the newest but Echo's, who
// greets when all have written.
func Fill(ctx context.Context, dir string, chats, messages int) (err error) {
	ctx, cancel := context.WithTimeout(ctx, fillLimit)
	defer cancel()
	keeper := workspace.New(dir, slog.New(slog.DiscardHandler))
	if err := keeper.Hold(ctx); err != nil {
		return fmt.Errorf("make a workspace: %w", err)
	}
	defer func() { err = errors.Join(err, keeper.Close()) }()
	session, err := keeper.StartLocal(ctx, Owner)
	if err != nil {
		return fmt.Errorf("make a workspace: %w", err)
	}
	if err := session.Close(ctx); err != nil {
		return fmt.Errorf("make a workspace: %w", err)
	}
	if err := write(ctx, filepath.Join(dir, "server"), chats, messages); err != nil {
		return err
	}
	return receive(ctx, keeper, Short*(chats-1)+messages+1)
}

// Person returns the address of the other user of a chat, from 0, which was filled first.
func Person(i int) string { return fmt.Sprintf("person%d", i) }

// Token returns a token with which a user writes to the owner while the workspace is open.
func Token(ctx context.Context, dir, address string) (token string, err error) {
	server, err := localserver.Open(ctx, localserver.Options{Dir: filepath.Join(dir, "server")})
	if err != nil {
		return "", fmt.Errorf("open the server: %w", err)
	}
	defer func() { err = errors.Join(err, server.Close(context.WithoutCancel(ctx))) }()
	if token, err = server.NewToken(ctx, address, ""); err != nil {
		return "", fmt.Errorf("add a device: %w", err)
	}
	return token, nil
}

// write has every user write to the owner; the one with the most messages comes last.
func write(ctx context.Context, dir string, chats, messages int) (err error) {
	server, err := localserver.Open(ctx, localserver.Options{Dir: dir})
	if err != nil {
		return fmt.Errorf("open the server: %w", err)
	}
	defer func() { err = errors.Join(err, server.Close(context.WithoutCancel(ctx))) }()
	owner, err := server.NewToken(ctx, Owner, "")
	if err != nil {
		return fmt.Errorf("add a device: %w", err)
	}
	for i := range chats {
		count := Short
		if i == chats-1 {
			count = messages
		}
		name := Person(i)
		if err := server.CreateUser(ctx, name, fmt.Sprintf("Person %d", i)); err != nil {
			return fmt.Errorf("add a user: %w", err)
		}
		token, err := server.NewToken(ctx, name, "")
		if err != nil {
			return fmt.Errorf("add a user: %w", err)
		}
		if i == chats-1 { // a server keeps few messages of a user to whom the owner has never written
			if err := send(ctx, owner, name, 1); err != nil {
				return err
			}
		}
		if err := send(ctx, token, Owner, count); err != nil {
			return err
		}
	}
	return nil
}

func send(ctx context.Context, token, to string, count int) (err error) {
	sent := make(chan struct{}, count)
	m, err := mesibo.New(mesibo.Options{})
	if err != nil {
		return fmt.Errorf("send: %w", err)
	}
	defer func() { err = errors.Join(err, m.Reset()) }()
	listener := &mesibo.ListenerFuncs{MessageStatus: func(p *mesibo.MessageParams) {
		if p.Status == mesibo.MsgStatusSent {
			sent <- struct{}{}
		}
	}}
	if err := errors.Join(m.SetAccessToken(token), m.AddListener(listener), m.Start()); err != nil {
		return fmt.Errorf("send: %w", err)
	}
	for i := range count {
		if err := m.SendMessageString(mesibo.NewMessageParams(to, 0), uint32(i+1), Text(i)); err != nil {
			return fmt.Errorf("send: %w", err)
		}
	}
	for range count {
		select {
		case <-sent:
		case <-ctx.Done():
			return fmt.Errorf("send: %w", ctx.Err())
		}
	}
	return nil
}

// Text returns the text of a message, from 0, of some length.
func Text(i int) string { return fmt.Sprintf("Message %d. %s", i+1, sentences[i%len(sentences)]) }

var sentences = [...]string{
	"Fine.",
	"Did you see the plan for Thursday?",
	"I read it on the train. The part about the workshop is new: three rooms instead of two, and somebody has to bring the long table.",
	"They lent us one last year, and it was good.",
	"Yes 👍",
	"The bakery closes at six, so let us meet a little earlier than we said, perhaps at the corner by the old cinema.",
}

// receive connects the owner until all messages are on this computer, and marks them read.
func receive(ctx context.Context, keeper *workspace.Keeper, want int) (err error) {
	session, err := keeper.Resume(ctx)
	if err != nil {
		return fmt.Errorf("receive: %w", err)
	}
	defer func() { err = errors.Join(err, session.Close(context.WithoutCancel(ctx))) }()
	if err := session.Connect(ctx); err != nil {
		return fmt.Errorf("receive: %w", err)
	}
	look := time.NewTicker(200 * time.Millisecond)
	defer look.Stop()
	for {
		rows, err := session.Client.ReadSummary(1000)
		if err != nil {
			return fmt.Errorf("receive: %w", err)
		}
		unread := 0
		for _, r := range rows {
			unread += r.Profile.Unread
		}
		if unread >= want {
			return read(session.Client, rows)
		}
		select {
		case <-look.C:
		case <-ctx.Done():
			return fmt.Errorf("receive: %d of %d: %w", unread, want, ctx.Err())
		}
	}
}

// read marks chats read, so that they open at their ends.
func read(client app.Client, rows []contacts.Summary) error {
	for _, r := range rows {
		if err := client.SendReadReceipt(mesibo.NewMessageParams(r.Profile.Address, 0), r.Mid); err != nil {
			return fmt.Errorf("mark %s read: %w", r.Profile.Address, err)
		}
	}
	return nil
}
