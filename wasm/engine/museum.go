//go:build js && museum

package main

import (
	"github.com/raftarium/raftarium/raft/branch"
	"github.com/raftarium/raftarium/raft/mutant"
)

// openRun opens runs with any rules, historical bugs among them.
func openRun(uri string) (*branch.Run, error) { return branch.OpenIn(uri, mutant.Break) }
