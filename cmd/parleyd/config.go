package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// serviceConfig is the configuration that the package parleyd installs.
const serviceConfig = "/etc/parleyd/parleyd.yaml"

// setting is one entry of the configuration.
type setting struct {
	value string
	at    *token.Position
}

// config is a file of settings: the names are those of flags of parleyd serve. Flags and the environment go before it.
// It implements kong.Resolver.
type config struct {
	path     string
	settings map[string]setting
}

// readConfig reads the settings of a file. A missing or unreadable one is an error unless it is the default.
func readConfig(path string) (*config, error) {
	c := &config{path: path, settings: make(map[string]setting)}
	if path == "" {
		c.path = serviceConfig
	}
	text, err := os.ReadFile(c.path)
	if path == "" && (errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission)) {
		return c, nil
	}
	if err != nil {
		return nil, fmt.Errorf("--config: %w", err)
	}
	file, err := parser.ParseBytes(text, 0)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.path, err)
	}
	for _, doc := range file.Docs {
		if err := c.add(doc.Body); err != nil {
			return nil, err
		}
	}
	return c, nil
}

func (c *config) add(body ast.Node) error {
	var entries []*ast.MappingValueNode
	switch body := body.(type) {
	case nil, *ast.NullNode, *ast.CommentGroupNode:
		return nil
	case *ast.MappingNode:
		entries = body.Values
	case *ast.MappingValueNode:
		entries = []*ast.MappingValueNode{body}
	default:
		return c.problem(body.GetToken().Position, "the file is a list of settings, such as  addr: \":8443\"")
	}
	for _, e := range entries {
		at := e.Key.GetToken().Position
		name := e.Key.GetToken().Value
		if _, twice := c.settings[name]; twice {
			return c.problem(at, "%s is set a second time", name)
		}
		value, ok := text(e.Value)
		if !ok {
			return c.problem(e.Value.GetToken().Position, "%s is one value, or a list of values", name)
		}
		c.settings[name] = setting{value, at}
	}
	return nil
}

// text returns a value as a flag has it; lists are separated by commas.
func text(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.SequenceNode:
		var list []string
		for _, v := range n.Values {
			s, ok := text(v)
			if !ok {
				return "", false
			}
			list = append(list, s)
		}
		return strings.Join(list, ","), true
	case *ast.NullNode:
		return "", true
	case *ast.StringNode, *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return n.GetToken().Value, true
	default:
		return "", false
	}
}

func (c *config) problem(at *token.Position, format string, args ...any) error {
	return fmt.Errorf("%s:%d:%d: %w", c.path, at.Line, at.Column, fmt.Errorf(format, args...))
}

// Validate refuses settings that are no flags of parleyd serve.
func (c *config) Validate(app *kong.Application) error {
	known := map[string]bool{}
	for _, f := range serveFlags(app) {
		known[f.Name] = true
	}
	for name, s := range c.settings {
		if !known[name] || name == "config" || name == "help" {
			return c.problem(s.at, "there is no setting %q; parleyd serve --help lists them, without the dashes", name)
		}
	}
	return nil
}

// serveFlags returns the flags of parleyd serve.
func serveFlags(app *kong.Application) []*kong.Flag {
	flags := slices.Clone(app.Flags)
	for _, n := range app.Children {
		if n.Name == "serve" {
			flags = append(flags, n.Flags...)
		}
	}
	return flags
}

// settingsOf returns the values of the flags of parleyd serve, by their names. Where none is given it is "default".
func settingsOf(app *kong.Application) map[string]string {
	settings := make(map[string]string)
	for _, f := range serveFlags(app) {
		settings[f.Name] = "default"
		if !f.Target.IsZero() {
			settings[f.Name] = fmt.Sprint(f.Target.Interface())
		}
	}
	return settings
}

// Resolve returns the value of a flag of parleyd serve, or of one with the same meaning, that is set nowhere else.
func (c *config) Resolve(_ *kong.Context, parent *kong.Path, flag *kong.Flag) (any, error) {
	if n := parent.Node(); n.Type != kong.ApplicationNode && !slices.Contains([]string{"serve", "health", "doctor"}, n.Name) {
		return nil, nil //nolint:nilnil // as kong wants it
	}
	for _, env := range flag.Envs {
		if _, ok := os.LookupEnv(env); ok {
			return nil, nil //nolint:nilnil // as kong wants it
		}
	}
	if s, ok := c.settings[flag.Name]; ok {
		return s.value, nil
	}
	return nil, nil //nolint:nilnil // as kong wants it
}

// locate says where the setting is that an error is about, if it is in the file.
func (c *config) locate(err error) error {
	best := ""
	for name := range c.settings {
		if strings.Contains(err.Error(), "--"+name) && len(name) > len(best) {
			best = name
		}
	}
	if best == "" {
		return err
	}
	at := c.settings[best].at
	return fmt.Errorf("%s:%d:%d: %w", c.path, at.Line, at.Column, err)
}
