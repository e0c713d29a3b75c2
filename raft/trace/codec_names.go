package trace

import "strconv"

// The names of small numbers, as encodings for people write them.

var kindNames = [...]string{
	KindDecided: "decided", KindStarted: "started", KindCrashed: "crashed", KindPaused: "paused",
	KindResumed: "resumed", KindStopped: "stopped", KindSaved: "saved",
	KindSaveFailed: "saveFailed", KindApplied: "applied", KindLoaded: "loaded", KindSent: "sent",
	KindDelivered: "delivered", KindDropped: "dropped", KindDuplicated: "duplicated",
	KindRescheduled: "rescheduled", KindFlow: "flow", KindInvoked: "invoked",
	KindRequested: "requested", KindAnswered: "answered", KindReturned: "returned",
	KindLinkSet: "linkSet", KindAccepted: "accepted", KindRefused: "refused",
	KindViolation: "violation", KindCaption: "caption", KindKeyFrame: "keyFrame",
	KindMissed: "missed", KindSilent: "silent", KindDiskSet: "diskSet", KindClockSet: "clockSet",
}

// Known reports whether this version knows the kind.
func (k Kind) Known() bool { return int(k) < len(kindNames) && kindNames[k] != "" }

// String gives the kind's name as encodings write it.
func (k Kind) String() string {
	if k.Known() {
		return kindNames[k]
	}
	return "event " + strconv.Itoa(int(k))
}

// Kinds lists every kind of event that this version knows, in order.
func Kinds() []Kind {
	var ks []Kind
	for k := range kindNames {
		if Kind(k).Known() {
			ks = append(ks, Kind(k))
		}
	}
	return ks
}

// named gives the name at i, or the number itself.
func named(names []string, i uint8) string {
	if int(i) < len(names) {
		return names[i]
	}
	return strconv.Itoa(int(i))
}

func kindText(k uint8) string    { return Kind(k).String() }
func howText(h uint8) string     { return named([]string{"exact", "sampled", "inferred"}, h) }
func fateText(f uint8) string    { return named([]string{"flying", "arrived", "died"}, f) }
func clockText(c uint8) string   { return named([]string{"driven", "running"}, c) }
func outcomeText(o uint8) string { return named([]string{"none", "ok", "refused", "unknown"}, o) }
func dropText(w uint8) string    { return named(dropNames[:], w) }
func classText(c uint8) string   { return named(classNames[:], c) }
func sourceText(k uint8) string  { return named(sourceNames[:], k) }
func commandText(k uint8) string { return named(commandNames[:], k) }
func damageText(d uint8) string  { return named(damageNames[:], d) }
