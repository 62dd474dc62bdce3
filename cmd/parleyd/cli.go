package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/alecthomas/kong"

	"github.com/parley-chat/parley/internal/server/audit"
)

var (
	// errUsage is returned after the mistake on the command line has been printed.
	errUsage = errors.New("wrong usage")
	// errHelped ends the parsing after help was printed.
	errHelped = errors.New("help was printed")
)

// cli is the command line. The Run methods of the commands get the context, the streams and the common flags.
type cli struct {
	common

	Help helpFlag `help:"Prints this help." short:"h"`

	Serve    serveCmd    `cmd:"" help:"Runs the server until it is interrupted."`
	User     userCmd     `cmd:"" help:"Manages users."`
	Invite   inviteCmd   `cmd:"" help:"Manages invites; each lets devices in that have no access token."`
	Token    tokenCmd    `cmd:"" help:"Manages access tokens; each is one device of one user."`
	Apptoken appTokenCmd `cmd:"" help:"Manages application tokens; each opens the backend API."`
	Keep     keepCmd     `cmd:"" help:"Sets how long messages of groups are kept; for all messages see serve --keep."`
	Audit    auditCmd    `cmd:"" help:"Shows who has changed what: users, tokens, invites, groups of applications."`
	Backup   backupCmd   `cmd:"" help:"Copies all data into a new folder, also while the server runs."`
	Restore  restoreCmd  `cmd:"" help:"Puts a backup in the place of the data; the server must not run."`
	Check    checkCmd    `cmd:"" help:"Looks for damage in the data, or in a backup."`
	Compact  compactCmd  `cmd:"" help:"Makes the database smaller, more so while the server does not run."`
}

// common are the flags that every command has.
type common struct {
	Data string `help:"Data folder." default:"${data}" env:"PARLEYD_DATA,PARLEY_DATA"`
}

// streams is where a command reads and writes.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// helpFlag prints the help of the command that it is given with.
type helpFlag bool

// BeforeReset runs before anything is checked, so that help needs no arguments.
func (helpFlag) BeforeReset(c *kong.Context) error {
	if err := c.PrintUsage(false); err != nil {
		return err
	}
	return errHelped
}

// newParser returns the parser of the command line.
func newParser(c *cli, std streams, more ...kong.Option) (*kong.Kong, error) {
	return kong.New(c, append(
		more,
		kong.Name("parleyd"), kong.Description("The Parley server."),
		kong.Writers(std.out, std.err), kong.Vars{"data": defaultData()},
		kong.PostBuild(addHelp), kong.NoDefaultHelp(),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
		kong.WithHyphenPrefixedParameters(true), // --retract -1s
		kong.Bind(std, &c.common),
	)...)
}

// run is the whole program. It returns errUsage, possibly wrapped, after it has printed the mistake.
func run(ctx context.Context, args []string, std streams) error {
	var c cli
	ctx = audit.With(ctx, audit.Actor{Name: "shell " + shellUser()})
	parser, err := newParser(&c, std, kong.BindTo(ctx, (*context.Context)(nil)))
	if err != nil {
		return fmt.Errorf("command line: %w", err)
	}
	if len(args) > 0 && args[0] == "help" {
		args = append(slices.Clone(args[1:]), "--help")
	}
	command, err := parser.Parse(args)
	if err == nil {
		return command.Run()
	}
	var mistake *kong.ParseError
	switch {
	case errors.Is(err, errHelped):
		return nil
	case errors.As(err, &mistake):
		_, _ = fmt.Fprintf(std.err, "parleyd: %v\n\n", err)
		parser.Stdout = std.err
		if err := mistake.Context.PrintUsage(true); err != nil {
			return err
		}
		return errUsage
	default:
		return err
	}
}

// serviceData is the data folder of the service that the package parleyd installs.
const serviceData = "/var/lib/parleyd"

// defaultData returns the folder for the data of a service of this user. Whoever may read that of the installed
// service, which is its own user and root, manages that one.
func defaultData() string {
	if _, err := os.ReadDir(serviceData); err == nil {
		return serviceData
	}
	if home, err := os.UserHomeDir(); err == nil {
		return filepath.Join(home, ".local", "share", "parleyd")
	}
	return "parleyd-data"
}
