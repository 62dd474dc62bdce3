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

	file *config // what was read

	Help helpFlag `help:"Prints this help." short:"h"`

	Serve       serveCmd       `cmd:"" help:"Runs the server until it is interrupted."`
	User        userCmd        `cmd:"" help:"Manages users."`
	Invite      inviteCmd      `cmd:"" help:"Manages invites; each lets devices in that have no access token."`
	Token       tokenCmd       `cmd:"" help:"Manages access tokens; each is one device of one user."`
	Apptoken    appTokenCmd    `cmd:"" help:"Manages application tokens; each opens the backend API."`
	Health      healthCmd      `cmd:"" help:"Asks the server on this machine whether it works; the exit status says so."`
	Doctor      doctorCmd      `cmd:"" help:"Looks for what is wrong with the installation, and says what to do."`
	Notice      noticeCmd      `cmd:"" help:"Sends users a message from the server itself, which they cannot block or answer."`
	Report      reportCmd      `cmd:"" help:"Shows and closes what users have reported."`
	Keep        keepCmd        `cmd:"" help:"Sets how long messages of groups are kept; for all messages see serve --keep."`
	Audit       auditCmd       `cmd:"" help:"Shows who has changed what: users, tokens, invites, groups of applications."`
	Backup      backupCmd      `cmd:"" help:"Copies all data into a new folder, also while the server runs."`
	Restore     restoreCmd     `cmd:"" help:"Puts a backup in the place of the data; the server must not run."`
	Check       checkCmd       `cmd:"" help:"Looks for damage in the data, or in a backup."`
	Certificate certificateCmd `cmd:"" help:"Manages the certificate that the server has made itself."`
	Import      importCmd      `cmd:"" help:"Moves the server of a desktop app into an empty data folder."`
	Address     addressCmd     `cmd:"" help:"Prints the address of the server, for Settings, Account, Server address in Parley."`
	Compact     compactCmd     `cmd:"" help:"Makes the database smaller, more so while the server does not run."`
}

// common are the flags that every command has.
type common struct {
	Config string `help:"File of settings (YAML); default: /etc/parleyd/parleyd.yaml, when it is there."`
	Data   string `help:"Data folder." default:"${data}" env:"PARLEYD_DATA,PARLEY_DATA"`
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
		kong.DefaultEnvars("PARLEYD"), kong.PostBuild(addHelp), kong.NoDefaultHelp(),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
		kong.WithHyphenPrefixedParameters(true), // --retract -1s
		kong.Bind(std, &c.common),
	)...)
}

// parseAgain reads the flags of parleyd serve again, as at the start, and returns them and what settingsOf does.
type parseAgain func() (*serveCmd, map[string]string, error)

// parse parses a command line.
func parse(args []string, std streams, more ...kong.Option) (*cli, *kong.Kong, *kong.Context, error) {
	var c cli
	parser, err := newParser(&c, std, more...)
	if err != nil {
		return nil, nil, nil, fmt.Errorf("command line: %w", err)
	}
	command, err := parser.Parse(args)
	return &c, parser, command, err
}

// BeforeResolve reads the configuration.
func (c *cli) BeforeResolve(k *kong.Context) (err error) {
	path := ""
	for _, f := range k.Flags() {
		if f.Name == "config" {
			path, _ = k.FlagValue(f).(string)
		}
	}
	if c.file, err = readConfig(path); err != nil {
		return err
	}
	k.AddResolver(c.file)
	return c.file.Validate(k.Model)
}

// run is the whole program. It returns errUsage, possibly wrapped, after it has printed the mistake.
func run(ctx context.Context, args []string, std streams) error {
	ctx = audit.With(ctx, audit.Actor{Name: "shell " + shellUser()})
	if len(args) > 0 && args[0] == "help" {
		args = append(slices.Clone(args[1:]), "--help")
	}
	again := parseAgain(func() (*serveCmd, map[string]string, error) {
		c, parser, _, err := parse(args, std)
		if err == nil {
			err = c.Serve.check()
		}
		if err != nil {
			return nil, nil, c.locate(err)
		}
		return &c.Serve, settingsOf(parser.Model), nil
	})
	c, parser, command, err := parse(args, std, kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(again))
	var mistake *kong.ParseError
	switch {
	case err == nil:
		return c.locate(command.Run())
	case errors.Is(err, errHelped):
		return nil
	case errors.As(err, &mistake):
		_, _ = fmt.Fprintf(std.err, "parleyd: %v\n\n", c.locate(err))
		parser.Stdout = std.err
		if err := mistake.Context.PrintUsage(true); err != nil {
			return err
		}
		return errUsage
	default:
		return err
	}
}

// locate says where in the configuration the setting is that an error is about.
func (c *cli) locate(err error) error {
	if err == nil || c == nil || c.file == nil {
		return err
	}
	return c.file.locate(err)
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
