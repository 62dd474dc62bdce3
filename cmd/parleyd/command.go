package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
)

// errUsage is returned after the mistake on the command line has been printed.
var errUsage = errors.New("wrong usage")

// command is one word of the command line, followed by further words, or by flags and an action.
type command struct {
	name  string
	args  string // the arguments after the flags, for the help
	about string
	words []command
	// setup declares the flags and returns the action. Nil when there are words.
	setup func(fs *flag.FlagSet, std streams) action
}

// action does the work; args are the arguments after the flags.
type action func(ctx context.Context, args []string) error

// streams is where a command writes.
type streams struct{ out, err io.Writer }

// run is the whole program. It returns errUsage, possibly wrapped, after it has printed the mistake.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	root := command{name: "parleyd", about: "The Parley server.", words: commands()}
	return root.run(ctx, "", args, streams{stdout, stderr})
}

func commands() []command {
	return []command{
		serveCommand(),
		{name: "user", about: "Manages users.", words: userCommands()},
		{name: "token", about: "Manages access tokens; each is one device of one user.", words: tokenCommands()},
		{name: "apptoken", about: "Manages application tokens; each opens the backend API.", words: appTokenCommands()},
	}
}

func (c *command) run(ctx context.Context, parents string, args []string, std streams) error {
	path := strings.TrimSpace(parents + " " + c.name)
	if c.setup != nil {
		return c.act(ctx, path, args, std)
	}
	if len(args) == 0 {
		c.help(path, std.err)
		return errUsage
	}
	switch args[0] {
	case "help", "-h", "-help", "--help":
		c.help(path, std.out)
		return nil
	}
	for i := range c.words {
		if c.words[i].name == args[0] {
			return c.words[i].run(ctx, path, args[1:], std)
		}
	}
	_, _ = fmt.Fprintf(std.err, "%s: there is no command %q\n", path, args[0])
	c.help(path, std.err)
	return errUsage
}

func (c *command) help(path string, w io.Writer) {
	_, _ = fmt.Fprintf(w, "%s\n\nUsage: %s <command>\n\n", c.about, path)
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, word := range c.words {
		_, _ = fmt.Fprintf(tw, "  %s\t%s\n", word.name, word.about)
	}
	_ = tw.Flush()
	_, _ = fmt.Fprintf(w, "\nRun %s <command> --help for more.\n", path)
}

func (c *command) act(ctx context.Context, path string, args []string, std streams) error {
	fs := flag.NewFlagSet(path, flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	do := c.setup(fs, std)
	words, err := parse(fs, args)
	usage := func(w io.Writer) {
		_, _ = fmt.Fprintf(w, "%s\n\nUsage: %s\n", c.about, strings.Join(strings.Fields(path+" [flags] "+c.args), " "))
		fs.SetOutput(w)
		fs.PrintDefaults()
	}
	switch {
	case errors.Is(err, flag.ErrHelp):
		usage(std.out)
		return nil
	case err == nil && len(words) != len(strings.Fields(c.args)):
		err = fmt.Errorf("want %d arguments, got %d", len(strings.Fields(c.args)), len(words))
	}
	if err != nil {
		_, _ = fmt.Fprintf(std.err, "%s: %v\n\n", path, err)
		usage(std.err)
		return errUsage
	}
	return do(ctx, words)
}

// parse is flag.Parse that also accepts flags after other words.
func parse(fs *flag.FlagSet, args []string) (words []string, err error) {
	for {
		if err := fs.Parse(args); err != nil {
			return nil, err
		}
		args = fs.Args()
		if len(args) == 0 {
			return words, nil
		}
		words, args = append(words, args[0]), args[1:]
	}
}

// dataFlag declares the flag that every command has.
func dataFlag(fs *flag.FlagSet) *string {
	return fs.String("data", defaultData(), "data `folder`")
}

// serviceData is the data folder of the service that the package parleyd installs.
const serviceData = "/var/lib/parleyd"

// defaultData returns the folder for the data of a service of this user. Whoever may read that of the installed
// service, which is its own user and root, manages that one.
func defaultData() string {
	if dir := os.Getenv("PARLEY_DATA"); dir != "" {
		return dir
	}
	if _, err := os.ReadDir(serviceData); err == nil {
		return serviceData
	}
	if home, err := os.UserHomeDir(); err == nil {
		return filepath.Join(home, ".local", "share", "parleyd")
	}
	return "parleyd-data"
}
