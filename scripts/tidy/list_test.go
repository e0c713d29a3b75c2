package tidy

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"
)

const module = "github.com/raftarium/raftarium/"

// platforms are those that the project is built for: the server's and the page's.
var platforms = [][]string{{"GOOS=linux", "GOARCH=amd64"}, {"GOOS=js", "GOARCH=wasm"}}

// pkg is what the go command tells of a package.
type pkg struct {
	ImportPath string
	Dir        string
	Imports    []string
	Deps       []string
	GoFiles    []string
}

// name gives the package's folder within the project.
func (p *pkg) name() string { return strings.TrimPrefix(p.ImportPath, module) }

// list gives the project's packages with at least one file on a platform.
func list(t *testing.T, env []string) (ps []pkg) {
	t.Helper()
	cmd := exec.Command("go", "list", "-e", "-deps=false",
		"-json=ImportPath,Dir,Imports,Deps,GoFiles", module+"...")
	cmd.Env = append(os.Environ(), append(env, "CGO_ENABLED=0")...)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("listing the packages: %v", err)
	}
	for dec := json.NewDecoder(bytes.NewReader(out)); dec.More(); {
		var p pkg
		if err := dec.Decode(&p); err != nil {
			t.Fatalf("reading the list of packages: %v", err)
		}
		if len(p.GoFiles) > 0 {
			ps = append(ps, p)
		}
	}
	return ps
}

// under reports whether a path is one of the prefixes or stands below one.
func under(path string, prefixes ...string) bool {
	for _, p := range prefixes {
		if path == p || strings.HasPrefix(path, p+"/") {
			return true
		}
	}
	return false
}
