package tidy

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

const (
	maxFuncLines = 70
	maxFileLines = 450
	maxColumns   = 100
	tabWidth     = 4
)

func TestStyle(t *testing.T) {
	seen := map[string]bool{}
	for _, env := range platforms {
		for _, p := range list(t, env) {
			c := &checker{t: t, fset: token.NewFileSet(), name: p.name()}
			documented := false
			for _, file := range p.GoFiles {
				path := filepath.Join(p.Dir, file)
				documented = c.file(path, !seen[path]) || documented
				seen[path] = true
			}
			if !documented {
				t.Errorf("%s: no package comment", c.name)
			}
		}
	}
}

// checker looks at the files of one package.
type checker struct {
	t    *testing.T
	fset *token.FileSet
	name string
}

func (c *checker) errorf(at token.Pos, why string) {
	c.t.Helper()
	c.t.Errorf("%s: %s", c.fset.Position(at), why)
}

// file checks one file and reports whether it carries the package comment.
func (c *checker) file(path string, fresh bool) bool {
	src, err := os.ReadFile(path)
	if err != nil {
		c.t.Fatal(err)
	}
	f, err := parser.ParseFile(c.fset, path, src, parser.ParseComments)
	if err != nil {
		c.t.Fatal(err)
	}
	if !fresh || ast.IsGenerated(f) {
		return f.Doc != nil
	}
	c.lines(path, src)
	for _, d := range f.Decls {
		c.decl(d)
	}
	if !under(c.name, "server", "store", "wasm", "scripts", "viz/cmd/viz") {
		ast.Inspect(f, c.noConcurrency)
	}
	return f.Doc != nil
}

func (c *checker) lines(path string, src []byte) {
	lines := bytes.Split(src, []byte("\n"))
	if len(lines) > maxFileLines {
		c.t.Errorf("%s: %d lines, at most %d; it is two nouns", path, len(lines), maxFileLines)
	}
	for i, line := range lines {
		width := utf8.RuneCount(line) + bytes.Count(line, []byte("\t"))*(tabWidth-1)
		if width > maxColumns && !bytes.Contains(line, []byte("://")) {
			c.t.Errorf("%s:%d: line has %d columns, at most %d", path, i+1, width, maxColumns)
		}
	}
}

func (c *checker) decl(d ast.Decl) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		lines := c.fset.Position(d.End()).Line - c.fset.Position(d.Pos()).Line + 1
		if lines > maxFuncLines {
			c.errorf(d.Pos(), d.Name.Name+" is over 70 lines; split it where the ifs are")
		}
		if d.Name.Name == "init" && d.Recv == nil {
			c.errorf(d.Pos(), "no init functions: wire things in main, where they can be seen")
		}
		if d.Name.IsExported() && d.Doc == nil && exportedReceiver(d) {
			c.errorf(d.Pos(), d.Name.Name+" has no doc comment")
		}
	case *ast.GenDecl:
		for _, s := range d.Specs {
			if s, ok := s.(*ast.TypeSpec); ok && s.Name.IsExported() && d.Doc == nil && s.Doc == nil {
				c.errorf(s.Pos(), s.Name.Name+" has no doc comment")
			}
		}
	}
}

// exportedReceiver reports whether a function or the type of its method can be seen from outside.
func exportedReceiver(d *ast.FuncDecl) bool {
	if d.Recv == nil {
		return true
	}
	typ := d.Recv.List[0].Type
	if star, ok := typ.(*ast.StarExpr); ok {
		typ = star.X
	}
	if index, ok := typ.(*ast.IndexExpr); ok {
		typ = index.X
	}
	id, ok := typ.(*ast.Ident)
	return ok && id.IsExported()
}

func (c *checker) noConcurrency(n ast.Node) bool {
	switch n.(type) {
	case *ast.GoStmt, *ast.SelectStmt, *ast.ChanType:
		c.errorf(n.Pos(), "goroutines and channels live in server, store, wasm and scripts only")
	}
	return true
}

// TestWords keeps words of the workshop out of the house.
func TestWords(t *testing.T) {
	for _, p := range list(t, platforms[0]) {
		for _, file := range p.GoFiles {
			path := filepath.Join(p.Dir, file)
			src, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			for _, word := range []string{"/work/" + "main", "nhooyr.io/" + "websocket\""} {
				if strings.Contains(string(src), word) {
					t.Errorf("%s: holds %q", path, word)
				}
			}
		}
	}
}
