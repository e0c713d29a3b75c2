package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// browser is a tab with the page in it.
type browser struct {
	t   testing.TB
	ctx context.Context

	close func()

	mu       sync.Mutex
	problems []string // what the console said that is no good
}

// open starts a browser of its own with an empty profile and goes to an address.
func open(t testing.TB, url string, width, height int) *browser {
	t.Helper()
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox,
		chromedp.WindowSize(width, height), chromedp.Flag("use-gl", "angle"),
		chromedp.Flag("use-angle", "swiftshader"), chromedp.Flag("enable-unsafe-swiftshader", true),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true))
	alloc, stop := chromedp.NewExecAllocator(t.Context(), opts...)
	t.Cleanup(stop)
	ctx, cancel := chromedp.NewContext(alloc)
	t.Cleanup(cancel)
	b := &browser{t: t, ctx: ctx, close: func() { cancel(); stop() }}
	b.size(width, height, 1)
	if err := chromedp.Listen(ctx, b.hear); err != nil {
		t.Fatal(err)
	}
	b.do(func(ctx context.Context, tab *chromedp.Target) error {
		_, err := cdp.Call(ctx, tab, log.Enable, cdp.Empty{})
		return err
	})
	b.run(chromedp.Navigate(url))
	return b
}

// hear keeps what the page complains of.
func (b *browser) hear(ev any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch ev := ev.(type) {
	case *runtime.EventExceptionThrown:
		b.problems = append(b.problems, "exception: "+exception(ev.ExceptionDetails))
	case *runtime.EventConsoleAPICalled:
		if ev.Type == "error" || ev.Type == "warning" {
			var words []string
			for _, a := range ev.Args {
				words = append(words, string(a.Value)+a.Description)
			}
			b.problems = append(b.problems, string(ev.Type)+": "+strings.Join(words, " "))
		}
	case *log.EventEntryAdded:
		if ev.Entry.Level == "error" {
			b.problems = append(b.problems, "log: "+ev.Entry.Text+" "+ev.Entry.URL)
		}
	}
}

// quiet fails the test if the console has complained.
func (b *browser) quiet() {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, p := range b.problems {
		b.t.Errorf("the console said %s", p)
	}
	b.problems = nil
}

func (b *browser) run(a chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if _, err := chromedp.Run(b.ctx, a); err != nil {
		b.t.Fatal(err)
	}
}

// size sets the page's size in CSS pixels and the device pixels to each.
func (b *browser) size(width, height int, ratio float64) {
	b.t.Helper()
	b.do(func(ctx context.Context, tab *chromedp.Target) error {
		_, err := cdp.Call(ctx, tab, emulation.SetDeviceMetricsOverride,
			emulation.SetDeviceMetricsOverrideParams{Width: int64(width), Height: int64(height),
				DeviceScaleFactor: ratio})
		return err
	})
}

func (b *browser) do(f func(context.Context, *chromedp.Target) error) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, chromedp.Func(f)); err != nil {
		b.t.Fatal(err)
	}
}

// eval runs a script and gives its value; a promise is waited for.
func eval[T any](b *browser, script string, args ...any) T {
	b.t.Helper()
	script = fmt.Sprintf(script, args...)
	yes := true
	var v T
	b.do(func(ctx context.Context, tab *chromedp.Target) error {
		r, err := cdp.Call(ctx, tab, runtime.Evaluate, runtime.EvaluateParams{Expression: script,
			AwaitPromise: &yes, ReturnByValue: &yes})
		switch {
		case err != nil:
			return fmt.Errorf("running %s: %w", script, err)
		case r.ExceptionDetails != nil:
			return fmt.Errorf("running %s: %s", script, exception(r.ExceptionDetails))
		case len(r.Result.Value) == 0:
			return nil // undefined
		}
		return json.Unmarshal(r.Result.Value, &v)
	})
	return v
}

func exception(d *runtime.ExceptionDetails) string {
	if d.Exception != nil && d.Exception.Description != "" {
		return d.Exception.Description
	}
	return d.Text
}

// beforePage runs a script in every page before its own.
func (b *browser) beforePage(script string) {
	b.t.Helper()
	b.do(func(ctx context.Context, tab *chromedp.Target) error {
		_, err := cdp.Call(ctx, tab, page.AddScriptToEvaluateOnNewDocument,
			page.AddScriptToEvaluateOnNewDocumentParams{Source: script})
		return err
	})
}

// shot keeps a picture of the page.
func (b *browser) shot(name string) {
	b.t.Helper()
	png, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		b.t.Fatal(err)
	}
	dir := "../../_shots"
	if err := os.MkdirAll(dir, 0o755); err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), png, 0o644); err != nil {
		b.t.Fatal(err)
	}
}

// state is what raftarium.state() says.
type state struct {
	Source string `json:"source"`
	Time   int64  `json:"time"`
	Live   bool   `json:"live"`
	Nodes  []node `json:"nodes"`
	Links  []struct {
		From int  `json:"from"`
		To   int  `json:"to"`
		Cut  bool `json:"cut"`
	} `json:"links"`
	Violations []any   `json:"violations"`
	Hash       *string `json:"hash"`
}

type node struct {
	ID            int    `json:"id"`
	Name          string `json:"name"`
	Role          string `json:"role"`
	Term          int    `json:"term"`
	VotedFor      *int   `json:"votedFor"`
	CommitIndex   int    `json:"commitIndex"`
	LastApplied   int    `json:"lastApplied"`
	LastIndex     int    `json:"lastIndex"`
	SnapshotIndex int    `json:"snapshotIndex"`
	Alive         bool   `json:"alive"`
	Paused        bool   `json:"paused"`
	Store         string `json:"store"`
}

func (b *browser) state() (s state) {
	b.t.Helper()
	text := eval[string](b, `JSON.stringify(raftarium.state())`)
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		b.t.Fatalf("raftarium.state() is %s: %v", text, err)
	}
	return s
}

// until waits for a state of the page.
func (b *browser) until(what string, holds func(state) bool) (s state) {
	b.t.Helper()
	eventually(b.t, b.ctx, what, func() bool {
		s = b.state()
		return holds(s)
	})
	return s
}

// act asks for something through the page's API; it must be accepted.
func (b *browser) act(command string) {
	b.t.Helper()
	if why := b.ask(command); why != "" {
		b.t.Fatalf("raftarium.do(%s) was refused: %s", command, why)
	}
}

// ask asks for something and gives why it was refused; empty when it was accepted.
func (b *browser) ask(command string) string {
	b.t.Helper()
	return eval[string](b, `raftarium.do(%s).then(a => a.accepted ? "" : a.why || "no reason")`, command)
}

// leader gives the leader of the highest term among nodes that are up; 0 for none.
func (s state) leader() (id, term int) {
	for _, n := range s.Nodes {
		if n.Alive && !n.Paused && n.Role == "leader" && n.Term > term {
			id, term = n.ID, n.Term
		}
	}
	return id, term
}
