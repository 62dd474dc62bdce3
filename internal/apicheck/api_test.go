// Package apicheck keeps docs/api.md true: it compares that page with the reference and with package mesibo.
package apicheck_test

import (
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const (
	root = "../.."
	none = "–"
)

// row is a table row of docs/api.md, by column name, with its line.
type row struct {
	section string
	line    int
	cells   map[string]string
}

func (r *row) errorf(t *testing.T, format string, args ...any) {
	t.Helper()
	t.Errorf("docs/api.md:%d: "+format, append([]any{r.line}, args...)...)
}

// codes returns the words of a cell that are marked as code.
func (r *row) codes(column string) []string {
	var out []string
	for _, m := range regexp.MustCompile("`([^`]*)`").FindAllStringSubmatch(r.cells[column], -1) {
		out = append(out, m[1])
	}
	return out
}

// readTables reads the tables of a page. Sections are named after the first word of their heading.
func readTables(t *testing.T, page string) []row {
	t.Helper()
	data, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	var rows []row
	var section string
	var columns []string
	for i, line := range strings.Split(string(data), "\n") {
		switch {
		case strings.HasPrefix(line, "#"):
			section = strings.Fields(strings.TrimLeft(line, "#"))[0]
			columns = nil
		case !strings.HasPrefix(line, "|"):
			columns = nil
		case columns == nil:
			columns = cellsOf(line)
		case !strings.HasPrefix(line, "|---"):
			r := row{section: section, line: i + 1, cells: make(map[string]string)}
			cells := cellsOf(line)
			if len(cells) != len(columns) {
				r.errorf(t, "%d cells, the table has %d columns", len(cells), len(columns))
				continue
			}
			for j, name := range columns {
				r.cells[name] = cells[j]
			}
			rows = append(rows, r)
		}
	}
	return rows
}

func cellsOf(line string) []string {
	cells := strings.Split(strings.Trim(line, "|"), "|")
	for i := range cells {
		cells[i] = strings.TrimSpace(cells[i])
	}
	return cells
}

// loadPackage type-checks the declarations of package mesibo. Its imports stay unresolved: the names, methods, fields
// and numbers of the package itself do not need them.
func loadPackage(t *testing.T, dir string) *types.Scope {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	fset := token.NewFileSet()
	var files []*ast.File
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(fset, path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	conf := types.Config{IgnoreFuncBodies: true, Error: func(error) {}, Importer: nothing{}}
	pkg, _ := conf.Check("mesibo", fset, files, nil) // the errors are about unresolved imports
	if pkg == nil || len(files) == 0 {
		t.Fatal("there is no package mesibo")
	}
	return pkg.Scope()
}

// nothing imports empty packages.
type nothing struct{}

func (nothing) Import(path string) (*types.Package, error) {
	pkg := types.NewPackage(path, filepath.Base(path))
	pkg.MarkComplete()
	return pkg, nil
}

// exported finds "Name" or "Type.Member".
func exported(scope *types.Scope, symbol string) types.Object {
	name, member, isMember := strings.Cut(symbol, ".")
	obj := scope.Lookup(name)
	if obj == nil || !obj.Exported() {
		return nil
	}
	if !isMember {
		return obj
	}
	found, _, _ := types.LookupFieldOrMethod(obj.Type(), true, obj.Pkg(), member)
	if found == nil || !found.Exported() {
		return nil
	}
	return found
}

// testsOf lists the tests and examples of a folder.
func testsOf(t *testing.T, dir string) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, path := range paths {
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil &&
				regexp.MustCompile(`^(Test|Example)`).MatchString(f.Name.Name) {
				names = append(names, f.Name.Name)
			}
		}
	}
	return names
}

func TestTable(t *testing.T) {
	scope := loadPackage(t, filepath.Join(root, "mesibo"))
	tests := make(map[string][]string)
	for _, r := range readTables(t, filepath.Join(root, "docs", "api.md")) {
		_, isNumber := r.cells["number"]
		symbols, shown := r.codes("here"), r.codes("shown by")
		for _, s := range symbols {
			if exported(scope, s) == nil {
				r.errorf(t, "package mesibo exports no %s", s)
			}
		}
		for _, s := range shown {
			dir, name, _ := strings.Cut(s, ".")
			if tests[dir] == nil {
				tests[dir] = testsOf(t, filepath.Join(root, filepath.FromSlash(dir)))
			}
			if !slices.Contains(tests[dir], name) {
				r.errorf(t, "%s has no test %s", dir, name)
			}
		}
		switch {
		case r.cells["seed"] != "" && r.cells["seed"] != "seed":
			r.errorf(t, "what is %q?", r.cells["seed"])
		case r.cells["seed"] == "seed" && (len(symbols) == 0 || len(shown) == 0 && !isNumber):
			r.errorf(t, "%s is of the seed and needs a symbol and a test", r.cells["there"])
		case len(symbols) == 0 && (r.cells["here"] != none || r.cells["what differs"] == ""):
			r.errorf(t, "%s does not exist here, and nothing says why", r.cells["there"])
		case len(symbols) > 0 && len(shown) == 0 && !isNumber && r.cells["what differs"] == "":
			r.errorf(t, "nothing shows %s", r.cells["there"])
		}
	}
}

// Whatever the package exports to be called is on the page: it is of the reference, or an addition to it.
func TestFunctions_are_named(t *testing.T) {
	scope := loadPackage(t, filepath.Join(root, "mesibo"))
	named := make(map[types.Object]bool)
	for _, r := range readTables(t, filepath.Join(root, "docs", "api.md")) {
		for _, s := range r.codes("here") {
			named[exported(scope, s)] = true
		}
	}
	for _, name := range scope.Names() {
		obj := scope.Lookup(name)
		if !obj.Exported() {
			continue
		}
		if _, isFunc := obj.(*types.Func); isFunc && !named[obj] {
			t.Errorf("docs/api.md says nothing of %s", name)
		}
		if _, isType := obj.(*types.TypeName); !isType {
			continue
		}
		methods := types.NewMethodSet(types.NewPointer(obj.Type()))
		if types.IsInterface(obj.Type()) {
			methods = types.NewMethodSet(obj.Type())
		}
		for method := range methods.Methods() {
			m := method.Obj()
			if m.Exported() && !named[m] && !slices.Contains([]string{"String", "Error", "Unwrap", "IsFailed"}, m.Name()) {
				t.Errorf("docs/api.md says nothing of %s.%s", name, m.Name())
			}
		}
	}
}

func TestSeed_is_complete(t *testing.T) {
	have := make(map[string][]string)
	for _, r := range readTables(t, filepath.Join(root, "docs", "api.md")) {
		if r.cells["seed"] == "seed" {
			name := strings.Trim(r.cells["there"], "`")
			have[r.section] = append(have[r.section], name)
		}
	}
	for section, names := range seedFunctions {
		for _, name := range names {
			if !slices.Contains(have[section], name) {
				t.Errorf("docs/api.md: section %s has no row of %s that says seed", section, name)
			}
		}
	}
}

func TestNumbers(t *testing.T) {
	scope := loadPackage(t, filepath.Join(root, "mesibo"))
	seen := make(map[string]bool)
	for _, r := range readTables(t, filepath.Join(root, "docs", "api.md")) {
		printed, isNumber := r.cells["number"]
		if !isNumber {
			continue
		}
		name := strings.Trim(r.cells["there"], "`")
		want, known := numbers[name]
		if !known {
			r.errorf(t, "the reference has no %s", name)
			continue
		}
		seen[name] = true
		if got, err := parseNumber(printed); err != nil || got != want {
			r.errorf(t, "%s is %s, the reference says %#x", name, printed, want)
		}
		if to, ok := moved[name]; ok {
			want = to
		}
		for _, symbol := range r.codes("here") {
			c, ok := exported(scope, symbol).(*types.Const)
			if !ok {
				continue // nil is RESULT_OK
			}
			if got, exact := constant.Int64Val(c.Val()); !exact || got != want {
				r.errorf(t, "%s is %#x, want %#x", symbol, got, want)
			}
		}
	}
	for name := range numbers {
		if !seen[name] {
			t.Errorf("docs/api.md has no row of %s", name)
		}
	}
}

// parseNumber reads 12, 0x12 and 1<<12.
func parseNumber(s string) (int64, error) {
	base, shift, _ := strings.Cut(s, "<<")
	n, err := strconv.ParseInt(base, 0, 64)
	if err != nil || shift == "" {
		return n, err
	}
	by, err := strconv.ParseUint(shift, 10, 6)
	return n << by, err
}
