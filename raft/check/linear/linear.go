package linear

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/anishathalye/porcupine"

	"github.com/raftarium/raftarium/raft/trace"
)

// Verdict is what can be said of a history.
type Verdict uint8

// The verdicts.
const (
	OK      Verdict = 0 // there is an order that explains what every client was told
	Broken  Verdict = 1 // there is none
	Unknown Verdict = 2 // it could not be found out
)

var verdictNames = [...]string{"linearizable", "not linearizable", "undecided"}

// String gives the verdict in a word or two.
func (v Verdict) String() string {
	if int(v) < len(verdictNames) {
		return verdictNames[v]
	}
	return "unknown"
}

// Result is the verdict on a history.
type Result struct {
	Verdict    Verdict
	Operations int             // that were looked at
	Key        string          // for which it is broken or undecided
	Text       string          // why, in one sentence; empty when it is linearizable
	Evidence   []trace.EventID // the request that cannot be explained, and its answer
}

// patience bounds the search for one key, in nanoseconds. It is what makes a verdict undecided.
const patience = 20_000_000_000

// Check judges the client events of a run, at most limit operations of it.
func Check(events []trace.Event, limit int) Result {
	h := NewHistory(limit)
	for i := range events {
		h.Observe(&events[i])
	}
	return h.Check()
}

// Check judges what was collected so far.
func (h *History) Check() Result {
	return Judge(h.Operations())
}

// Judge judges operations, key by key.
func Judge(ops []Operation) Result {
	keyed := slices.Clone(ops)
	slices.SortStableFunc(keyed, func(a, b Operation) int { return cmp.Compare(a.Key, b.Key) })
	undecided := Result{Operations: len(ops)}
	for len(keyed) > 0 {
		k := 0
		for k < len(keyed) && keyed[k].Key == keyed[0].Key {
			k++
		}
		switch r := judgeKey(keyed[:k]); r.Verdict {
		case Broken:
			r.Operations = len(ops)
			return r
		case Unknown:
			r.Operations = len(ops)
			undecided = r
		}
		keyed = keyed[k:]
	}
	return undecided
}

// judgeKey judges the operations on one key.
func judgeKey(ops []Operation) Result {
	if slices.ContainsFunc(ops, func(op Operation) bool { return op.vague }) {
		return Result{Verdict: Unknown, Key: ops[0].Key, Text: fmt.Sprintf(
			"The events do not say what the cas of %q expects.", ops[0].Key)}
	}
	switch search(ops) {
	case porcupine.Ok:
		return Result{}
	case porcupine.Unknown:
		return Result{Verdict: Unknown, Key: ops[0].Key, Text: fmt.Sprintf(
			"The search for an order of the %d operations on %q took too long.", len(ops),
			ops[0].Key)}
	}
	op := culprit(ops)
	return Result{Verdict: Broken, Key: op.Key, Text: op.unexplained(ops),
		Evidence: []trace.EventID{op.Asked, op.Told}}
}

// culprit finds the first operation to return that makes a history break.
func culprit(ops []Operation) Operation {
	byReturn := slices.Clone(ops)
	slices.SortFunc(byReturn, func(a, b Operation) int { return cmp.Compare(a.Return, b.Return) })
	ended := 0
	for ended < len(byReturn) && byReturn[ended].Return < Never {
		ended++
	}
	lo, hi := 0, max(0, ended-1)
	for lo < hi {
		mid := (lo + hi) / 2
		if search(upTo(ops, byReturn[mid].Return)) == porcupine.Illegal {
			hi = mid
		} else {
			lo = mid + 1
		}
	}
	return byReturn[lo]
}

// upTo gives the history as it was known at a moment: of what had not returned nothing is known.
func upTo(ops []Operation, at int64) (known []Operation) {
	for _, op := range ops {
		switch {
		case op.Call > at:
		case op.Return <= at:
			known = append(known, op)
		case op.Op != "get":
			op.Return = Never
			known = append(known, op)
		}
	}
	return known
}

// unexplained says in one sentence what no order explains.
func (op *Operation) unexplained(ops []Operation) string {
	what := fmt.Sprintf("client %d was told that its %s of %q is done", op.Client, op.Op, op.Key)
	switch op.Op {
	case "get":
		what = fmt.Sprintf("client %d read %q = %q", op.Client, op.Key, op.Got)
	case "cas":
		what = fmt.Sprintf("client %d compared %q with %q and found %q", op.Client, op.Key,
			op.Expect, op.Got)
	}
	before := 0
	for i := range ops {
		if ops[i].Return <= op.Return {
			before++
		}
	}
	return fmt.Sprintf("No order of the %d operations on %q up to there explains that %s.", before,
		op.Key, what)
}

// search looks for an order.
func search(ops []Operation) porcupine.CheckResult {
	history := make([]porcupine.Operation, len(ops))
	for i := range ops {
		history[i] = porcupine.Operation{ClientId: int(ops[i].Client), Input: &ops[i],
			Call: ops[i].Call, Output: ops[i].Got, Return: ops[i].Return}
	}
	return porcupine.CheckOperationsTimeout(register(), history, patience)
}

// register is the sequential meaning of one key: its value, empty for none.
func register() porcupine.Model {
	return porcupine.Model{
		Init: func() any { return "" },
		Step: func(state, input, output any) (bool, any) {
			op, value := input.(*Operation), state.(string)
			switch op.Op {
			case "get":
				return op.Got == value, value
			case "put":
				return true, op.Value
			case "delete":
				return true, ""
			}
			return op.compareAndSet(value)
		},
	}
}

// compareAndSet is the step of a cas. One whose outcome is not known may have done either.
func (op *Operation) compareAndSet(value string) (bool, any) {
	if op.Return == Never {
		if value == op.Expect {
			return true, op.Value
		}
		return true, value
	}
	switch {
	case op.Got != value || op.Done != (value == op.Expect):
		return false, value
	case op.Done:
		return true, op.Value
	}
	return true, value
}
