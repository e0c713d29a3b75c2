package tidy

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
	"testing"
)

const say = module + "raft/say"

// TestEngineIsLight looks at everything that the engine links. With fmt (and the os and the half of
// reflect that it needs) it weighs 73 kB more, compressed, and with time 37 kB, of 679.
func TestEngineIsLight(t *testing.T) {
	for _, p := range list(t, platforms[1]) {
		if !under(p.name(), "wasm/engine") {
			continue
		}
		for _, heavy := range []string{"fmt", "os", "time"} {
			if slices.Contains(p.Deps, heavy) {
				t.Errorf("%s depends on %s, which a browser would have to load: raft/say is there "+
					"for texts, the page's clock for the time", p.name(), heavy)
			}
		}
	}
}

// TestSayKnowsItsArguments finds what package say cannot see for want of reflection and go vet
// takes for right: a named integer that is not a say.Number, a slice, a pointer.
func TestSayKnowsItsArguments(t *testing.T) {
	l := newLoader(t)
	for _, p := range list(t, platforms[0]) {
		if !slices.Contains(p.Imports, say) {
			continue
		}
		files, info := l.load(p)
		for _, f := range files {
			ast.Inspect(f, func(n ast.Node) bool {
				if call, ok := n.(*ast.CallExpr); ok && isFormat(info.TypeOf(call.Fun)) {
					checkFormat(t, l.fset, info, call)
				}
				return true
			})
		}
	}
}

// isFormat recognizes Textf, Errorf and those that hand their arguments on to them.
func isFormat(fun types.Type) bool {
	sig, ok := fun.(*types.Signature)
	if !ok || !sig.Variadic() || sig.Params().Len() < 2 {
		return false
	}
	return sig.Params().At(sig.Params().Len()-2).Name() == "format"
}

func checkFormat(t *testing.T, fset *token.FileSet, info *types.Info, call *ast.CallExpr) {
	if call.Ellipsis.IsValid() {
		return // handed on: what it was called with is looked at there
	}
	first := info.TypeOf(call.Fun).(*types.Signature).Params().Len() - 1
	format := info.Types[call.Args[first-1]].Value
	if format == nil {
		t.Errorf("%s: the format is no constant, so nobody can tell what it needs",
			fset.Position(call.Pos()))
		return
	}
	verbs := verbsOf(format.ExactString())
	for i, arg := range call.Args[first:] {
		if typ := info.TypeOf(arg); i < len(verbs) && !sayable(verbs[i], typ) {
			t.Errorf("%s: say does not know how to write a %v with %%%c; convert it, or make it a "+
				"say.Number", fset.Position(arg.Pos()), typ, verbs[i])
		}
	}
}

// verbsOf gives the verbs of a format, one for each argument.
func verbsOf(format string) (verbs []byte) {
	format = strings.ReplaceAll(format, "%%", "")
	for _, part := range strings.Split(format, "%")[1:] {
		verbs = append(verbs, part[0])
	}
	return verbs
}

// sayable tells which verb package say knows for which type.
func sayable(verb byte, typ types.Type) bool {
	_, predeclared := typ.(*types.Basic)
	basic, _ := typ.Underlying().(*types.Basic)
	isText := predeclared && basic.Kind() == types.String || hasText(typ, "Error") ||
		hasText(typ, "String")
	number := hasMethod(typ, "Uint64", types.Typ[types.Uint64]) ||
		predeclared && slices.Contains(integers, basic.Kind())
	switch verb {
	case 'v':
		return isText || number
	case 'd':
		return number
	}
	return isText && strings.IndexByte("sqw", verb) >= 0
}

// integers are the predeclared ones that package say knows.
var integers = []types.BasicKind{types.Int, types.Int64, types.Uint8, types.Uint16, types.Uint32,
	types.Uint64, types.UntypedInt}

func hasText(typ types.Type, method string) bool {
	return hasMethod(typ, method, types.Typ[types.String])
}

func hasMethod(typ types.Type, name string, result types.Type) bool {
	m, _, _ := types.LookupFieldOrMethod(typ, false, nil, name)
	f, ok := m.(*types.Func)
	if !ok {
		return false
	}
	sig := f.Signature()
	return sig.Params().Len() == 0 && sig.Results().Len() == 1 &&
		types.Identical(sig.Results().At(0).Type(), result)
}
