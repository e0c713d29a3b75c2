package branch

import (
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
	"strconv"
	"strings"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/say"
	"github.com/raftarium/raftarium/raft/sim"
	"github.com/raftarium/raftarium/raft/trace"
)

// Bounds of a link.
const (
	linkForm  = 1       // the first byte; another form has another
	mostLink  = 8 << 10 // bytes
	mostRungs = 16
	runKey    = "run="
	bugKey    = "bug="
	atKey     = "at=" // a moment to look at first, for whoever opens the link
)

// link is what an address holds behind run=.
type link struct {
	rules    uint32
	place    trace.Position // where the one who shared it looked
	settings []byte         // of the cluster, that the address has no word for
	redo     sim.Redo
	bug      string
}

// Link implements trace.Sharer: the address that the run was opened with, and behind run= what was
// asked of it before a place. at= names its moment for those who cannot read the rest. It fits a
// web address.
func (r *Run) Link(at trace.Position) (string, error) {
	b, err := r.goTo(at)
	if err != nil {
		return "", err
	}
	return Say(r.cluster.Config(), r.bug, at, sim.Redo{
		Actions: askedBetween(r.cluster.Actions(), 0, at.Events),
		Rungs:   append(rungs(b.stops), b.began)})
}

// Say gives the link to a place of a run: how the cluster is, the historical bug that it has, empty
// for none, and what was asked of it. The error says what of it cannot be said.
func Say(cfg sim.Config, bug string, at trace.Position, redo sim.Redo) (string, error) {
	if bug != "" {
		cfg.Raft.Rules, cfg.Flaw = nil, 0 // which its name says
	}
	settings, err := cfg.AppendSettings(nil)
	if err != nil {
		return "", err
	}
	l := link{rules: sim.Version, place: at, settings: settings, redo: redo}
	text := cfg.URI()
	if bug != "" {
		text += "&" + bugKey + bug
	}
	text += "&" + atKey + strconv.FormatInt(int64(at.At), 10) +
		"&" + runKey + base64.RawURLEncoding.EncodeToString(l.append(nil))
	if len(text) > mostLink {
		return "", say.Errorf("the link would have %d characters, and %d are safe: so much was "+
			"done in this run that it must be shared as a recording", len(text), mostLink)
	}
	return text, nil
}

// rungs gives the hashes of some copies, evenly spread.
func rungs(stops []stop) (rungs []sim.Rung) {
	n := min(len(stops)-1, mostRungs-1)
	for k := 1; k <= n; k++ {
		s := &stops[k*(len(stops)-1)/n]
		rungs = append(rungs, sim.Rung{Events: s.events, Hash: s.hash})
	}
	return rungs
}

func (l *link) append(dst []byte) []byte {
	start := len(dst)
	dst = append(dst, linkForm)
	dst = binary.AppendUvarint(dst, uint64(l.rules))
	dst = appendPlace(dst, l.place, trace.Position{})
	dst = append(binary.AppendUvarint(dst, uint64(len(l.settings))), l.settings...)
	dst = binary.AppendUvarint(dst, uint64(len(l.redo.Actions)))
	var last trace.Position
	for i := range l.redo.Actions {
		a := &l.redo.Actions[i]
		dst = appendPlace(dst, a.Position, last)
		cmd := trace.AppendCommand(nil, &a.Command)
		dst = append(binary.AppendUvarint(dst, uint64(len(cmd))), cmd...)
		last = a.Position
	}
	dst = binary.AppendUvarint(dst, uint64(len(l.redo.Rungs)))
	events := uint64(0)
	for _, r := range l.redo.Rungs {
		dst = binary.AppendUvarint(dst, r.Events-events)
		dst = binary.LittleEndian.AppendUint64(dst, r.Hash)
		events = r.Events
	}
	return binary.LittleEndian.AppendUint32(dst, crc32.ChecksumIEEE(dst[start:]))
}

// appendPlace writes a place that does not lie before another one.
func appendPlace(dst []byte, p, last trace.Position) []byte {
	return binary.AppendUvarint(binary.AppendUvarint(dst, p.Events-last.Events),
		uint64(p.At-last.At))
}

// readLink takes an address apart: what sim.ParseURI knows, and the link. Without run= the link is
// empty. What is damaged is refused here, so that nothing else than what was shared is ever shown.
func readLink(address string) (uri string, l link, err error) {
	if len(address) > 2*mostLink {
		return "", l, say.Errorf("the address has %d characters, over the %d of a link",
			len(address), mostLink)
	}
	scheme, query, ok := strings.Cut(address, "?")
	if !ok {
		return address, l, nil
	}
	var kept []string
	bug := ""
	for pair := range strings.SplitSeq(query, "&") {
		text, isRun := strings.CutPrefix(pair, runKey)
		name, isBug := strings.CutPrefix(pair, bugKey)
		switch {
		case isBug:
			bug = name
		case isRun && err == nil:
			l, err = decodeLink(text)
		case !isRun && !strings.HasPrefix(pair, atKey):
			kept = append(kept, pair)
		}
	}
	l.bug = bug
	return scheme + "?" + strings.Join(kept, "&"), l, err
}

func decodeLink(text string) (l link, err error) {
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return l, say.Errorf("the link is damaged: behind run= is no base64 (%w)", err)
	}
	k := len(b) - 4
	if k < 1 || crc32.ChecksumIEEE(b[:k]) != binary.LittleEndian.Uint32(b[k:]) {
		return l, say.Errorf("the link is damaged: a part of it is missing or changed")
	}
	if b[0] != linkForm {
		return l, say.Errorf("the link has form %d, and this program reads form %d: it was made "+
			"by another version", b[0], linkForm)
	}
	r := reader{b: b[1:k]}
	l.rules = uint32(r.number())
	l.place = r.place(trace.Position{})
	l.settings = r.bytes("the settings are")
	var last trace.Position
	for n := r.number(); n > 0 && r.err == nil; n-- {
		last = r.place(last)
		l.redo.Actions = append(l.redo.Actions, sim.Action{Position: last, Command: r.command()})
	}
	events := uint64(0)
	for n := r.number(); n > 0 && r.err == nil; n-- {
		events += r.number()
		l.redo.Rungs = append(l.redo.Rungs, sim.Rung{Events: events, Hash: r.hash()})
	}
	switch {
	case r.err != nil:
		return link{}, r.err
	case len(r.b) > 0:
		return link{}, say.Errorf("the link is damaged: %d bytes too many", len(r.b))
	case l.rules != sim.Version:
		return link{}, say.Errorf("the link was made with version %d of the simulation, and this "+
			"is version %d: the same actions would make another run", l.rules, sim.Version)
	}
	return l, nil
}

// reader reads a link. The first error stays; everything behind it is zero.
type reader struct {
	b   []byte
	err error
}

func (r *reader) fail(err error) {
	if r.err == nil {
		r.err, r.b = say.Errorf("the link is damaged: %w", err), nil
	}
}

func (r *reader) number() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.fail(say.Errorf("a number is cut off"))
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *reader) place(last trace.Position) trace.Position {
	p := trace.Position{Events: last.Events + r.number(), At: last.At + raft.Time(r.number())}
	if p.Events < last.Events || p.At < last.At {
		r.fail(say.Errorf("a place lies before the one before it"))
	}
	return p
}

func (r *reader) command() trace.Command {
	b := r.bytes("an action is")
	if r.err != nil {
		return trace.Command{}
	}
	cmd, err := trace.DecodeCommand(b)
	if err != nil {
		r.fail(err)
	}
	return cmd
}

// bytes reads a part that is led by its length.
func (r *reader) bytes(what string) []byte {
	n := r.number()
	if n > uint64(len(r.b)) {
		r.fail(say.Errorf("%s cut off", what))
		return nil
	}
	b := r.b[:n]
	r.b = r.b[n:]
	return b
}

func (r *reader) hash() uint64 {
	if len(r.b) < 8 {
		r.fail(say.Errorf("a hash is cut off"))
		return 0
	}
	h := binary.LittleEndian.Uint64(r.b)
	r.b = r.b[8:]
	return h
}
