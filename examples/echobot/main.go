// Echobot answers every message with the same text, file or location, in one-to-one chats and in groups.
//
// It shows a bot that loses no message: what arrives while it is not running waits for it, and a crash at any point
// leads neither to a missing answer nor to a second one.
//
//	make server # in another terminal
//	export PARLEY_TOKEN=$(build/parleyd user add --data build/server echobot)
//	go run ./examples/echobot
package main

import (
	"context"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"hash/crc32"
	"log/slog"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"github.com/parley-chat/parley/mesibo"
)

const (
	// echoType marks the answers (MessageParams.Type is the application's own), so that two bots do not answer each other
	// for ever.
	echoType        = 1
	shutdownTimeout = 10 * time.Second
)

func main() {
	dir := flag.String("data", "build/examples/echobot", "`folder` of the database")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	err := run(ctx, *dir, os.Getenv("PARLEY_TOKEN"), log)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "echobot:", err)
		os.Exit(1)
	}
}

// run answers messages until ctx ends.
func run(ctx context.Context, dir, token string, log *slog.Logger) (err error) {
	if token == "" {
		return errors.New("PARLEY_TOKEN is not set")
	}
	m, err := mesibo.New(mesibo.Options{
		Path: dir, AccessToken: token, Database: "echobot.db", Logger: log,
		DisableFileTransfer: true, // a file is sent on by its URL; its bytes are not needed here
	})
	if err != nil {
		return err
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
		defer cancel()
		err = errors.Join(err, m.Shutdown(ctx))
	}()
	b := &bot{m: m, log: log}
	err = m.AddListener(&mesibo.ListenerFuncs{
		Message:          func(p *mesibo.MessageParams, _ []byte) { b.received(p) },
		File:             func(p *mesibo.MessageParams, _ *mesibo.FileInfo) { b.received(p) },
		Location:         func(p *mesibo.MessageParams, _ *mesibo.Location) { b.received(p) },
		ConnectionStatus: func(s mesibo.ConnectionStatus) { log.Info("connection", slog.Any("status", s)) },
	})
	if err != nil {
		return err
	}
	// A message is stored before listeners are called: after a crash in between, it is unread in the database.
	if err := b.answerAll(); err != nil {
		return err
	}
	return m.Run(ctx)
}

type bot struct {
	m   *mesibo.Mesibo
	log *slog.Logger
}

// received is called for messages that arrive, one after another.
func (b *bot) received(p *mesibo.MessageParams) {
	if !p.IsIncoming() { // sent with another token of the bot, or a notice about a group
		return
	}
	if err := b.answerChat(p.Peer, p.GroupID); err != nil {
		b.log.Error("cannot answer", slog.String("peer", p.Peer), slog.Any("error", err))
	}
}

// answerAll answers what is unread in all chats.
func (b *bot) answerAll() error {
	chats := b.m.NewReadDbSession("", 0, "", nil)
	defer chats.Stop()
	chats.EnableSummary(true)
	for newest, err := range chats.Messages(0) {
		if err != nil {
			return err
		}
		profile := newest.Profile
		if newest.GroupID != 0 {
			profile = newest.GroupProfile
		}
		if profile == nil || profile.Unread == 0 {
			continue
		}
		if err := b.answerChat(newest.Peer, newest.GroupID); err != nil {
			return err
		}
	}
	return nil
}

// answerChat answers what is unread in one chat, the oldest message first. What cannot be answered now stays unread,
// and is answered with the next message or after the next start.
func (b *bot) answerChat(peer string, group uint32) error {
	chat := b.m.NewReadDbSession(peer, group, "", nil)
	defer chat.Stop()
	var unread []*mesibo.Message
	for msg, err := range chat.Messages(0) { // the newest first
		if err != nil {
			return err
		}
		if msg.Status == mesibo.MsgStatusReceivedRead {
			break
		}
		if msg.Status == mesibo.MsgStatusReceivedNew {
			unread = append(unread, msg)
		}
	}
	for _, msg := range slices.Backward(unread) {
		if err := b.answer(msg); err != nil {
			return err
		}
		if err := b.m.SendReadReceipt(msg.MessageParams, msg.Mid); err != nil {
			return err
		}
	}
	return nil
}

// answer sends a message back. The id of the answer depends on the message alone: when the bot was killed after the
// answer and before the message was marked read, the second answer is refused as a duplicate.
func (b *bot) answer(msg *mesibo.Message) error {
	if msg.Type == echoType || msg.IsDeleted() {
		return nil
	}
	p := msg.Reply()
	p.Type = echoType
	id := crc32.ChecksumIEEE(binary.BigEndian.AppendUint64(nil, msg.Mid))
	var err error
	switch {
	case msg.File != nil:
		err = b.m.SendFile(p, id, msg.File)
	case msg.Location != nil:
		err = b.m.SendLocation(p, id, *msg.Location)
	default:
		err = b.m.SendMessage(p, id, msg.Data)
	}
	if errors.Is(err, mesibo.ErrDuplicateID) {
		return nil
	}
	return err
}
