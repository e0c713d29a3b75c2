package store_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// TestNotesSayWhatIsThereAndNotHowItCame cuts the newest segment at every byte, and leaves one
// behind it that was only begun, as a power loss, a kill and a full disk all do.
func TestNotesSayWhatIsThereAndNotHowItCame(t *testing.T) {
	l := newLab(t)
	l.state(1, 1)
	l.grow(1, 3)
	seg := l.files(".seg")[0]
	whole := l.disk.Bytes(seg)
	var said strings.Builder
	reopen := func(change func()) {
		t.Helper()
		before := l.disk
		l.disk = l.disk.Clone(1)
		change()
		f, err := openOn(l.disk)
		if err != nil {
			t.Fatal(err)
		}
		said.WriteString(strings.Join(f.Report().Notes, "\n") + "\n")
		l.disk = before
	}
	for n := len(whole) - 200; n < len(whole); n++ {
		reopen(func() { l.disk.SetBytes(seg, whole[:n]) })
	}
	next := filepath.Join(filepath.Dir(seg), fmt.Sprintf("%020d-%016x.seg", 4, 99))
	for _, n := range []int{0, 50} {
		reopen(func() { l.disk.SetBytes(next, whole[:n]) })
	}
	text := said.String()
	for _, want := range []string{"an entry of ", "a batch end of ",
		"was begun and holds nothing yet; it is removed"} {
		if !strings.Contains(text, want) {
			t.Errorf("nothing says %q", want)
		}
	}
	for _, not := range []string{"a entry", "power"} {
		if i := strings.Index(text, not); i >= 0 {
			t.Errorf("a note says %q: %.150s", not, text[max(0, i-100):])
		}
	}
}
