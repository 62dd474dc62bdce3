// Parley is a desktop chat client.
package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/user"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/debug"

	"github.com/parley-chat/parley/app"
	"github.com/parley-chat/parley/app/chat"
	"github.com/parley-chat/parley/internal/audio"
	"github.com/parley-chat/parley/internal/audio/device"
	"github.com/parley-chat/parley/internal/audio/libopus"
	"github.com/parley-chat/parley/internal/dirlock"
	"github.com/parley-chat/parley/internal/workspace"
	"github.com/parley-chat/parley/mesibo/call/livekit"
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

func run(args []string) error {
	var level slog.Level
	flags := flag.NewFlagSet("parley", flag.ContinueOnError)
	profile := flags.String("profile", "",
		"use the data folder of the profile `NAME`, so that several people can share a computer")
	dir := flags.String("data", "", "keep the account and messages in the folder `DIR`")
	flags.TextVar(&level, "log-level", slog.LevelWarn,
		"log messages of this level and above to standard error: debug, info, warn or error")
	showVersion := flags.Bool("version", false, "print the version and exit")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q; see parley --help", flags.Arg(0))
	}
	if *showVersion {
		_, err := fmt.Println("parley", version)
		return err
	}
	folder, err := dataFolder(*dir, *profile)
	if err != nil {
		return err
	}
	windows, err := newWindowedApp(preferencesID(*dir, *profile, folder))
	if err != nil {
		return err
	}
	debug.SetGCPercent(gcPercent)
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
	keeper := workspace.New(folder, log)
	if err := keeper.Hold(context.Background()); errors.Is(err, dirlock.ErrInUse) {
		//nolint:staticcheck // Parley is a name
		return errors.New("Parley is already open with this data; use its window, or start another with --profile NAME")
	} else if err != nil {
		return err
	}
	defer func() { _ = keeper.Close() }() // the process ends
	ui := app.NewDispatcher()
	defer ui.Close()
	desk, endDesktop := newDesktop()
	defer endDesktop()
	app.New(app.Config{
		FyneApp: windows, Workspace: keeper, UI: ui, Name: accountName(), Version: version, Logger: log, Desktop: desk,
		Sound:     &chat.Sound{Output: device.Default{}, Input: device.Default{}, NewEncoder: newEncoder},
		CallMedia: callMedia(), CallDevices: callDevices(), CallEngine: livekit.New(),
	}).Run()
	return nil
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
