package sim

import (
	"reflect"
	"strings"
	"testing"

	"github.com/raftarium/raftarium/raft"
)

// What an address has no word for is said in settings, each of them, and read to be the same.
func TestSettingsAreKept(t *testing.T) {
	usual := DefaultConfig()
	if b, err := usual.AppendSettings(nil); err != nil || len(b) != 0 {
		t.Errorf("the usual configuration has settings %v, %v", b, err)
	}
	odd := DefaultConfig()
	numbers := map[int]bool{}
	odd.knobs(func(k int, v uint64) uint64 {
		if numbers[k] || k >= mostKnobs {
			t.Errorf("number %d is used twice, or too large", k)
		}
		numbers[k] = true
		switch k {
		case 7, 23, 24, 25:
			return 1 - v // a switch
		case 28:
			return 0x0302
		}
		return v + uint64(k)
	})
	if !reflect.DeepEqual(odd.Raft.Preferred, []raft.NodeID{2, 3}) {
		t.Errorf("preferred are %v", odd.Raft.Preferred)
	}
	b, err := odd.AppendSettings(nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := ParseURI(odd.URI())
	if err != nil {
		t.Fatal(err)
	}
	if err := got.TakeSettings(b); err != nil || !reflect.DeepEqual(got, odd) {
		t.Errorf("%+v became %+v, %v", odd, got, err)
	}
	for what, damaged := range map[string][]byte{"cut": b[:len(b)-1], "twice": append(b, b...),
		"an unknown one": {62, 1}, "too large": {200, 1, 1}} {
		if again := DefaultConfig(); again.TakeSettings(damaged) == nil {
			t.Errorf("%s: it is taken", what)
		}
	}
	odd.Flaw = ForgetsSessions
	if _, err := odd.AppendSettings(nil); err == nil || !strings.Contains(err.Error(), "a link") {
		t.Errorf("a museum piece is said in a link: %v", err)
	}
}
