package supervisor

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/raftarium/raftarium/raft"
)

// The bounds of asking a node for its metrics.
const (
	metricsTime = time.Second
	mostMetrics = 1 << 20
)

// metrics answers with the metrics of all nodes, each sample with the label node.
func (f *front) metrics(w http.ResponseWriter, r *http.Request) {
	s := f.super
	ids := s.roster.ids()
	texts := make([]string, len(ids))
	var wait sync.WaitGroup
	for i, id := range ids {
		wait.Go(func() { texts[i] = s.metricsOf(r.Context(), id) })
	}
	wait.Wait()
	all := &families{}
	for i, id := range ids {
		up := 0
		if texts[i] != "" {
			up = 1
		}
		all.add(id, fmt.Sprintf("# HELP raftarium_up Whether the node told its metrics.\n"+
			"# TYPE raftarium_up gauge\nraftarium_up %d\n", up))
		all.add(id, texts[i])
	}
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = io.WriteString(w, all.text()) // what cannot be written any more is the client's loss
}

// metricsOf asks a node for its metrics; empty when it does not tell them.
func (s *Supervisor) metricsOf(ctx context.Context, id raft.NodeID) string {
	s.mu.Lock()
	p := s.nodes[id]
	asleep := p.cmd == nil || p.paused
	s.mu.Unlock()
	if asleep {
		return ""
	}
	ctx, cancel := context.WithTimeout(ctx, metricsTime)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet,
		"http://"+s.roster.addr(id)+"/metrics", nil)
	if err != nil {
		return ""
	}
	req.Header.Set("Authorization", "Bearer "+s.cluster.secret)
	res, err := s.asker.Do(req)
	if err != nil {
		return ""
	}
	defer res.Body.Close()
	b, err := io.ReadAll(io.LimitReader(res.Body, mostMetrics))
	if err != nil || res.StatusCode != http.StatusOK {
		return ""
	}
	return string(b)
}

// families gathers the samples of several nodes. The format wants all samples of a metric together,
// behind the lines that say what it is.
type families struct {
	names []string
	of    map[string]*family
}

type family struct{ head, samples strings.Builder }

// add takes the text of one node.
func (f *families) add(id raft.NodeID, text string) {
	var now *family
	fresh := false
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		if words := strings.SplitN(line, " ", 4); words[0] == "#" && len(words) > 2 {
			if now != f.of[words[2]] || now == nil {
				now, fresh = f.family(words[2])
			}
			if fresh {
				now.head.WriteString(line + "\n")
			}
			continue
		}
		if labelled, ok := withNode(line, id); ok && now != nil {
			now.samples.WriteString(labelled + "\n")
		}
	}
}

// family finds the metric of a name, or makes it.
func (f *families) family(name string) (m *family, fresh bool) {
	if m = f.of[name]; m != nil {
		return m, false
	}
	if f.of == nil {
		f.of = map[string]*family{}
	}
	m = &family{}
	f.names, f.of[name] = append(f.names, name), m
	return m, true
}

// withNode puts the label node into a sample's line.
func withNode(line string, id raft.NodeID) (string, bool) {
	at := strings.IndexAny(line, "{ ")
	if at <= 0 {
		return "", false
	}
	name, rest := line[:at], line[at:]
	label := `{node="` + id.String() + `"`
	if labels, ok := strings.CutPrefix(rest, "{"); ok {
		if !strings.HasPrefix(labels, "}") {
			label += ","
		}
		return name + label + labels, true
	}
	return name + label + "}" + rest, true
}

// text gives all of it, in the order in which the metrics came.
func (f *families) text() string {
	var b strings.Builder
	for _, name := range f.names {
		b.WriteString(f.of[name].head.String())
		b.WriteString(f.of[name].samples.String())
	}
	return b.String()
}
