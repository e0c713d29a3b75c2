//go:build js && !museum

package main

import "github.com/raftarium/raftarium/raft/branch"

// openRun opens runs with the right rules: the museum is a program of its own, fetched when it is
// asked for.
func openRun(uri string) (*branch.Run, error) { return branch.Open(uri) }
