package tidy

import (
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"path/filepath"
	"strings"
	"testing"
)

// TestDeterminism holds what a run's being a function of its seed rests on: under raft/ nobody
// ranges over a map, uses a floating-point number, or changes a package variable.
func TestDeterminism(t *testing.T) {
	l := newLoader(t)
	for _, p := range list(t, platforms[0]) {
		if !under(p.name(), "raft") || under(p.name(), "raft/check/linear") {
			continue
		}
		files, info := l.load(p)
		d := &determinism{t: t, fset: l.fset, info: info}
		for _, f := range files {
			ast.Inspect(f, d.visit)
		}
	}
}

// loader reads packages with their types. One loader reads what several packages import once.
type loader struct {
	t    *testing.T
	fset *token.FileSet
	imp  types.Importer
}

func newLoader(t *testing.T) *loader {
	fset := token.NewFileSet()
	return &loader{t: t, fset: fset, imp: importer.ForCompiler(fset, "source", nil)}
}

func (l *loader) load(p pkg) ([]*ast.File, *types.Info) {
	l.t.Helper()
	var files []*ast.File
	for _, name := range p.GoFiles {
		f, err := parser.ParseFile(l.fset, filepath.Join(p.Dir, name), nil, 0)
		if err != nil {
			l.t.Fatal(err)
		}
		files = append(files, f)
	}
	info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Uses: map[*ast.Ident]types.Object{}}
	conf := types.Config{Importer: l.imp}
	if _, err := conf.Check(p.ImportPath, l.fset, files, info); err != nil {
		l.t.Fatalf("%s: %v", p.name(), err)
	}
	return files, info
}

type determinism struct {
	t      *testing.T
	fset   *token.FileSet
	info   *types.Info
	sorted []ast.Expr // arguments of slices.Sorted*
}

func (d *determinism) errorf(at token.Pos, why string) {
	d.t.Errorf("%s: %s", d.fset.Position(at), why)
}

func (d *determinism) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.RangeStmt:
		if _, isMap := d.info.TypeOf(n.X).Underlying().(*types.Map); isMap {
			d.errorf(n.Pos(), "range over a map; use slices.Sorted(maps.Keys(m))")
		}
	case *ast.CallExpr:
		d.call(n)
	case *ast.AssignStmt:
		if n.Tok != token.DEFINE {
			for _, lhs := range n.Lhs {
				d.assigned(lhs)
			}
		}
	case *ast.IncDecStmt:
		d.assigned(n.X)
	case ast.Expr:
		if tv, ok := d.info.Types[n]; ok && tv.IsValue() && isFloat(tv.Type) {
			d.errorf(n.Pos(), "a floating-point number; use microseconds or parts per million")
			return false
		}
	}
	return true
}

// call lets maps.Keys, Values and All pass only as arguments of slices.Sorted*.
func (d *determinism) call(call *ast.CallExpr) {
	name := d.callee(call)
	switch {
	case strings.HasPrefix(name, "slices.Sorted"):
		d.sorted = append(d.sorted, call.Args...)
	case name == "maps.Keys", name == "maps.Values", name == "maps.All":
		for _, s := range d.sorted {
			if s == ast.Expr(call) {
				return
			}
		}
		d.errorf(call.Pos(), name+" outside slices.Sorted: its order is chance")
	}
}

func (d *determinism) callee(call *ast.CallExpr) string {
	fun := call.Fun
	if index, ok := fun.(*ast.IndexExpr); ok {
		fun = index.X
	}
	sel, ok := fun.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	if f, ok := d.info.Uses[sel.Sel].(*types.Func); ok && f.Pkg() != nil {
		return f.Pkg().Path() + "." + f.Name()
	}
	return ""
}

// assigned refuses writes to package variables, through indexes and fields as well.
func (d *determinism) assigned(e ast.Expr) {
	for {
		switch x := e.(type) {
		case *ast.IndexExpr:
			e = x.X
			continue
		case *ast.SelectorExpr:
			e = x.X
			continue
		case *ast.StarExpr:
			e = x.X
			continue
		case *ast.Ident:
			v, ok := d.info.Uses[x].(*types.Var)
			if ok && v.Pkg() != nil && v.Parent() == v.Pkg().Scope() {
				d.errorf(x.Pos(), "a package variable is changed; state belongs into a value")
			}
		}
		return
	}
}

func isFloat(t types.Type) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&types.IsFloat != 0
}
