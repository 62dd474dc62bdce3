// Package source finds the texts of package tr in Go source, and the texts that are not in tr but should be.
package source

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/parley-chat/parley/internal/tr"
)

// Roots are where texts for users are, below the top of the repository.
func Roots() []string { return []string{"app", "widgets", "internal/workspace/workspace.go"} }

// Text is a text that the program asks tr for.
type Text struct {
	Key     string
	English string
	One     string // the singular of a text that counts, else empty
	At      token.Position
}

// Literal is a string in the source that looks like words for a user.
type Literal struct {
	Text string
	At   token.Position
}

// Found is what Read found.
type Found struct {
	Texts    []Text
	Literals []Literal
	Faults   []string // uses of tr that cannot work
}

// Read reads the Go files below a folder, but for tests and what only tests link.
func Read(top string, roots ...string) (*Found, error) {
	r := reader{top: top, files: token.NewFileSet()}
	for _, root := range roots {
		err := filepath.WalkDir(filepath.Join(top, root), func(path string, entry fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case entry.IsDir() && slices.Contains([]string{"testdata", "apptest", "widgettest", "gen"}, entry.Name()):
				return filepath.SkipDir
			case entry.IsDir(), !strings.HasSuffix(path, ".go"), strings.HasSuffix(path, "_test.go"):
				return nil
			}
			return r.read(path)
		})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", root, err)
		}
	}
	return &r.found, nil
}

type reader struct {
	top   string
	files *token.FileSet
	found Found
}

func (r *reader) read(path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("source: %w", err)
	}
	name, err := filepath.Rel(r.top, path)
	if err != nil {
		return fmt.Errorf("source: %w", err)
	}
	file, err := parser.ParseFile(r.files, filepath.ToSlash(name), data, 0)
	if err != nil {
		return fmt.Errorf("source: %w", err)
	}
	for _, d := range file.Decls {
		g, ok := d.(*ast.GenDecl)
		if ok && g.Tok == token.IMPORT {
			continue
		}
		r.walk(d, ok)
	}
	return nil
}

// walk looks at a declaration. What stands outside of functions is made before a language is chosen.
func (r *reader) walk(n ast.Node, outside bool) {
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			r.walk(n.Body, false)
			return false
		case *ast.Field:
			return n.Tag == nil
		case *ast.KeyValueExpr:
			if name, ok := n.Key.(*ast.Ident); ok && name.Name == "Op" { // of an error, for the log
				return false
			}
		case *ast.CallExpr:
			return r.call(n, outside)
		case *ast.BasicLit:
			if s, err := strconv.Unquote(n.Value); err == nil && n.Kind == token.STRING && isWords(s) {
				r.found.Literals = append(r.found.Literals, Literal{Text: s, At: r.files.Position(n.Pos())})
			}
		}
		return true
	})
}

// call looks at a call; it reports whether there may be texts in all of it.
func (r *reader) call(call *ast.CallExpr, outside bool) bool {
	switch from, name := callee(call); {
	case from == "tr" && (name == "L" || name == "N" || name == "X"):
		r.text(call, name, outside)
	case forProgrammers(from, name):
	case len(call.Args) > 1 && namesOperation(name):
		for _, arg := range call.Args[1:] {
			r.walk(arg, outside)
		}
	default:
		return true
	}
	return false
}

// text notes a call of tr, and looks at its values, which may have texts in them.
func (r *reader) text(call *ast.CallExpr, name string, outside bool) {
	at := r.files.Position(call.Pos())
	fail := func(why string) { r.found.Faults = append(r.found.Faults, fmt.Sprintf("%v: %s", at, why)) }
	english, ok := constant(call.Args[0])
	if !ok {
		fail("the text is no constant")
		return
	}
	if outside {
		fail("the text is asked for before a language is chosen")
	}
	t := Text{Key: english, English: english, At: at}
	values := call.Args[1:]
	switch name {
	case "X":
		sense, ok := constant(call.Args[1])
		if !ok {
			fail("the sense is no constant")
		}
		t.Key += tr.SenseMark + sense
		values = call.Args[2:]
	case "N":
		other, ok := constant(call.Args[1])
		if !ok {
			fail("the plural is no constant")
		}
		t.Key, t.English, t.One = other, other, english
		values = call.Args[3:]
	}
	r.found.Texts = append(r.found.Texts, t)
	if call.Ellipsis.IsValid() || len(values)%2 != 0 {
		fail("values are names and values in turn")
		return
	}
	given := []string{}
	if t.One != "" {
		given = append(given, "N")
	}
	for i, v := range values {
		if i%2 == 0 {
			name, _ := constant(v)
			given = append(given, name)
			continue
		}
		r.walk(v, outside)
	}
	for _, name := range tr.Values(t.English + t.One) {
		if !slices.Contains(given, name) {
			fail("no value is given for " + name)
		}
	}
}

// constant returns the value of a string that is written out, in one piece or several.
func constant(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		s, err := strconv.Unquote(e.Value)
		return s, err == nil && e.Kind == token.STRING
	case *ast.BinaryExpr:
		left, ok := constant(e.X)
		right, also := constant(e.Y)
		return left + right, ok && also && e.Op == token.ADD
	}
	return "", false
}

// callee returns the package or value, and the name, of what is called.
func callee(call *ast.CallExpr) (from, name string) {
	s, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return "", ""
	}
	switch x := s.X.(type) {
	case *ast.Ident:
		from = x.Name
	case *ast.SelectorExpr:
		from = x.Sel.Name
	}
	return from, s.Sel.Name
}

// forProgrammers reports whether the strings of a call are read in a log or by errors.Is alone.
func forProgrammers(from, name string) bool {
	switch {
	case from == "errors" && name == "New", from == "fmt" && name == "Errorf", from == "slog":
		return true
	}
	logger := strings.EqualFold(from, "logger") || from == "log"
	return logger && slices.Contains([]string{"Debug", "Info", "Warn", "Error", "With"}, name)
}

// namesOperation reports whether the first argument of a call is the name of what failed, for the log.
func namesOperation(name string) bool {
	return slices.Contains([]string{"fail", "failed", "failAndRetry", "fileFailed", "report"}, name)
}

// isWords reports whether a string looks like words for a user: it starts with a capital or has several words.
func isWords(s string) bool {
	s = strings.TrimSpace(s)
	letters := 0
	for _, r := range s {
		if unicode.IsLetter(r) {
			letters++
		}
	}
	if letters < 2 {
		return false
	}
	first := []rune(s)[0]
	return unicode.IsUpper(first) || strings.Contains(s, " ") && !strings.Contains(s, "\n")
}
