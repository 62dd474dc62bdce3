// Parley is a desktop chat client.
package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"os/user"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"github.com/parley-chat/parley/app"
	"github.com/parley-chat/parley/app/chat"
	"github.com/parley-chat/parley/app/link"
	"github.com/parley-chat/parley/internal/audio"
	"github.com/parley-chat/parley/internal/audio/device"
	"github.com/parley-chat/parley/internal/audio/libopus"
	"github.com/parley-chat/parley/internal/dirlock"
	"github.com/parley-chat/parley/internal/instance"
	"github.com/parley-chat/parley/internal/netproxy"
	"github.com/parley-chat/parley/internal/startpages"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/internal/workspace"
	"github.com/parley-chat/parley/mesibo/call/livekit"
	"github.com/parley-chat/parley/mesibo/linkpreview"
)

const (
	appID   = "org.parleychat.Parley"
	version = "0.1.0"
)

func main() {
	if err := run(os.Args[1:]); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "parley:", err)
		os.Exit(1)
	}
}

// arguments are what the program is started with.
type arguments struct {
	profile, dir string
	level        slog.Level
	hidden       bool
	version      bool
	link         string // to open, empty for none
}

func parse(args []string) (a arguments, err error) {
	flags := flag.NewFlagSet("parley", flag.ContinueOnError)
	flags.StringVar(&a.profile, "profile", "",
		"use the data folder of the profile `NAME`, so that several people can share a computer")
	flags.StringVar(&a.dir, "data", "", "keep the account and messages in the folder `DIR`")
	flags.TextVar(&a.level, "log-level", slog.LevelWarn,
		"log messages of this level and above to standard error: debug, info, warn or error")
	flags.BoolVar(&a.hidden, "hidden", false, "start without a window, where the desktop has a tray")
	flags.BoolVar(&a.version, "version", false, "print the version and exit")
	if err := flags.Parse(args); err != nil {
		return a, err
	}
	switch {
	case flags.NArg() == 1 && link.Is(flags.Arg(0)):
		a.link = flags.Arg(0)
	case flags.NArg() > 0:
		return a, fmt.Errorf("unexpected argument %q; see parley --help", flags.Arg(0))
	}
	return a, nil
}

func run(list []string) error {
	args, err := parse(list)
	if err != nil {
		return err
	}
	if args.version {
		_, err := fmt.Println("parley", version)
		return err
	}
	folder, err := dataFolder(args.dir, args.profile)
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: args.level}))
	proxy := &netproxy.Proxy{}
	keeper := workspace.New(folder, log)
	keeper.SetProxy(proxy.For)
	if err := keeper.Hold(context.Background()); errors.Is(err, dirlock.ErrInUse) {
		return handOver(folder, args, log)
	} else if err != nil {
		return err
	}
	defer func() { _ = keeper.Close() }() // the process ends
	id := preferencesID(args.dir, args.profile, folder)
	windows, err := newWindowedApp(id)
	if err != nil {
		return err
	}
	debug.SetGCPercent(gcPercent)
	ui := app.NewDispatcher()
	defer ui.Close()
	desk, around, endDesktop := newDesktop(desktopOptions{
		command: startCommand(args, folder), instance: strings.TrimLeft(strings.TrimPrefix(id, appID), "."), log: log,
	})
	defer endDesktop()
	program := app.New(app.Config{
		FyneApp: windows, Workspace: keeper, UI: ui, Name: accountName(), Version: version, Logger: log,
		Desktop: desk, System: around, Hidden: args.hidden && args.link == "",
		Sound:    &chat.Sound{Output: device.Default{}, Input: device.Default{}, NewEncoder: newEncoder},
		SetScale: newScale(), SetLanguage: tr.Use, Proxy: proxySetting{proxy},
		OpenPage:  (&linkpreview.Fetcher{Proxy: proxy.For}).Fetch,
		CallMedia: callMedia(), CallDevices: callDevices(), CallEngine: livekit.New(),
		Exit: func() {
			endDesktop()
			_ = keeper.Close() // the process ends
			os.Exit(0)
		},
	})
	terminated := make(chan os.Signal, 1)
	signal.Notify(terminated, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-terminated
		program.Terminating()
	}()
	stop, err := instance.Listen(folder, func(r instance.Request) { program.Open(r.Link, r.Token, r.Hidden) })
	if err != nil {
		log.Warn("later starts cannot open this window", slog.Any("error", err))
	} else {
		defer stop()
	}
	if args.link != "" {
		program.Open(args.link, activationToken(), false)
	}
	defer time.AfterFunc(startTakes, func() {
		if _, err := startpages.Release(); err != nil {
			log.Info("memory of the start is kept", slog.Any("error", err))
		}
	}).Stop()
	program.Run()
	return nil
}

// startTakes is after how long what only the start needs is certainly done, also on a slow computer.
const startTakes = 10 * time.Second

// proxySetting is the proxy as the settings know it.
type proxySetting struct{ *netproxy.Proxy }

var _ app.Proxy = proxySetting{}

// Check implements app.Proxy.
func (proxySetting) Check(setting string) (string, error) { return netproxy.Parse(setting) }

// desktopOptions are what newDesktop needs to know.
type desktopOptions struct {
	command  []string // starts this program with the session
	instance string   // tells it from others of this user
	log      *slog.Logger
}

// handOver lets the program that is open with the data folder show its window, and open what this one was started
// with.
func handOver(folder string, args arguments, log *slog.Logger) error {
	err := instance.Send(context.Background(), folder, instance.Request{
		Link: args.link, Hidden: args.hidden, Token: activationToken(),
	})
	if err != nil {
		log.Info("not handed over", slog.Any("error", err))
		//nolint:staticcheck // Parley is a name
		return errors.New("Parley is already open with this data; use its window, or start another with --profile NAME")
	}
	return nil
}

// activationToken is what whoever started this program gave it to raise its window with, empty for nothing.
func activationToken() string {
	return cmp.Or(os.Getenv("XDG_ACTIVATION_TOKEN"), os.Getenv("DESKTOP_STARTUP_ID"))
}

// startCommand starts this program with its data, without a window.
func startCommand(args arguments, folder string) []string {
	path, err := os.Executable()
	if err != nil {
		return nil
	}
	command := []string{path, "--hidden"}
	if args.dir != "" {
		return append(command, "--data", folder)
	}
	if args.profile != "" {
		command = append(command, "--profile", args.profile)
	}
	return command
}

// newEncoder returns the encoder of voice messages.
func newEncoder() (audio.Encoder, error) { //nolint:ireturn // the screens do not know the library
	enc, err := libopus.New()
	if err != nil {
		return nil, err
	}
	return enc, nil
}

// gcPercent trades a little processor time for memory: a chat program is idle most of the time.
const gcPercent = 50

// preferencesID returns the id under which the toolkit stores the window's preferences: each data folder has its own.
func preferencesID(dir, profile, folder string) string {
	if dir == "" {
		return appID + profile
	}
	sum := sha256.Sum256([]byte(folder))
	return appID + "." + hex.EncodeToString(sum[:6])
}

var profileName = regexp.MustCompile(`^[\pL\pN][\pL\pN._-]{0,63}$`)

// dataFolder returns the folder of all data.
func dataFolder(dir, profile string) (string, error) {
	if profile != "" && !profileName.MatchString(profile) {
		return "", fmt.Errorf("%q is not a valid profile name: use letters, digits, dots and dashes", profile)
	}
	if dir == "" {
		base, err := dataHome()
		if err != nil {
			return "", fmt.Errorf("cannot find a folder for your data (%w); choose one with --data", err)
		}
		dir = filepath.Join(base, "parley")
	}
	if profile != "" {
		dir = filepath.Join(dir, "profile-"+profile)
	}
	folder, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("the folder %q cannot be used: %w", dir, err)
	}
	return folder, nil
}

// dataHome returns the folder in which programs of this system keep their data.
func dataHome() (string, error) {
	switch runtime.GOOS {
	case "windows", "darwin":
		return os.UserConfigDir()
	}
	if dir := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(dir) {
		return dir, nil
	}
	home, err := os.UserHomeDir()
	return filepath.Join(home, ".local", "share"), err
}

// accountName returns the name of the user's account on this system.
func accountName() string {
	u, err := user.Current()
	if err != nil {
		return ""
	}
	if u.Name != "" {
		return u.Name
	}
	return u.Username
}
