package e2e_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"path/filepath"

	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/server/relay"
	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/mesibo/call/calltest"
)

// The parts of two people in a call of a group, in processes of their own.

const (
	hostUDP, hostTCP = 7882, 7881
	hostTURN         = "3478"
)

// playHost runs a server with a relay and, when there is the program, an SFU, and bob, who has it on his machine and
// makes a group with alice.
func playHost(ctx context.Context, dir, addr, sfu string) error {
	at, err := netip.ParseAddrPort(addr)
	if err != nil {
		return err
	}
	options := server.Options{
		Dir: dir, Logger: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})),
		PublicURL: "http://" + addr,
		Relay: &server.Relay{
			Addr: net.JoinHostPort(at.Addr().String(), hostTURN), PublicIP: at.Addr(),
			Ports: relay.PortRange{First: 50_000, Last: 50_999},
		},
	}
	if sfu != "" {
		options.SFU = &server.SFU{Program: sfu, PublicIP: at.Addr(), UDPPort: hostUDP, TCPPort: hostTCP}
	}
	return serveTwo(ctx, options, addr, func(token string) error {
		return playMeeter(ctx, token, dir, "alice", bobTone)
	})
}

// playMeeter joins the call of a group, which it makes with another user, or into which it comes when that is empty. It
// prints when anything is heard, and does what its standard input says.
func playMeeter(ctx context.Context, token, dir, with string, tone float64) error {
	m, err := mesibo.New(mesibo.Options{Path: filepath.Join(dir, "device"), AccessToken: token, Database: "test.db"})
	if err != nil {
		return err
	}
	defer m.Stop()
	set, speaker := calltest.New(tone), &silences{}
	media := *set.Media
	media.Speaker, media.AudioEncoder, media.AudioDecoder = speaker, calltest.NewAudioEncoder, calltest.NewAudioDecoder
	m.SetCallMedia(media)
	m.SetGroupCallEngine(newEngine())
	groups, online := make(chan uint32, 10), make(chan struct{}, 10)
	err = errors.Join(m.SetSecureConnection(false), m.AddListener(&mesibo.GroupFuncs{
		Created: func(p *mesibo.UserProfile, _ uint32) { groups <- p.GroupID },
		Joined:  func(p *mesibo.UserProfile) { groups <- p.GroupID },
	}), m.AddListener(&mesibo.ListenerFuncs{ConnectionStatus: func(s mesibo.ConnectionStatus) {
		fmt.Println("connection", s)
		if s == mesibo.StatusOnline {
			online <- struct{}{}
		}
	}}), m.Start())
	if err != nil {
		return err
	}
	<-online
	if with != "" {
		if err := m.CreateGroup(mesibo.GroupSettings{Name: "Team"}, []string{with}, 1); err != nil {
			return err
		}
	}
	g, err := m.GroupCall(<-groups)
	if err != nil {
		return err
	}
	if err := g.Join(&mesibo.GroupCallFuncs{
		Status: func(s mesibo.CallStatus) { fmt.Println("status", s) },
		Publisher: func(p *mesibo.CallParticipant, joined bool) {
			if !joined {
				return
			}
			if err := p.Call(true, false, false, false, nil); err != nil {
				fmt.Println("publisher", err)
			}
		},
	}, false); err != nil {
		return err
	}
	if err := g.CreatePublisher(1).Call(true, false, false, false, nil); err != nil {
		return err
	}
	return speaker.measure(ctx)
}
