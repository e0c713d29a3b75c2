package etcd

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// config is who takes part, in the words that both engines have. While it is joint the voters are
// those of the new half, and who has a vote in the old half and shall learn stands in both.
type config struct{ voters, outgoing, learners []uint64 }

// String gives what stands for the entry of a configuration in logs and ledgers, such as <1 2 4|1 2
// 3|5>: voters, those of the old half, learners. No command begins like it.
func (c config) String() string {
	parts := make([]string, 3)
	for i, ids := range [...][]uint64{c.voters, c.outgoing, c.learners} {
		ids = slices.Sorted(slices.Values(ids))
		parts[i] = strings.Trim(fmt.Sprint(ids), "[]")
	}
	return "<" + strings.Join(parts, "|") + ">"
}

func isConfig(data string) bool { return strings.HasPrefix(data, "<") }

// parseConfig reads what String gave.
func parseConfig(data string) (c config) {
	parts := strings.Split(strings.Trim(data, "<>"), "|")
	for i, ids := range [...]*[]uint64{&c.voters, &c.outgoing, &c.learners} {
		for _, word := range strings.Fields(parts[i]) {
			id, err := strconv.ParseUint(word, 10, 64)
			if err != nil {
				panic(fmt.Sprintf("no configuration: %q", data))
			}
			*ids = append(*ids, id)
		}
	}
	return c
}

// firstConfig gives the configuration that a cluster begins with.
func firstConfig(members int) (c config) {
	for id := range members {
		c.voters = append(c.voters, uint64(id+1))
	}
	return c
}

func (c config) voter(id int) bool {
	return slices.Contains(c.voters, uint64(id)) || slices.Contains(c.outgoing, uint64(id))
}

func (c config) member(id int) bool {
	return c.voter(id) || slices.Contains(c.learners, uint64(id))
}

// majority reports whether those of whom it is said make a majority of each half.
func (c config) majority(said func(id int) bool) bool {
	for _, ids := range [...][]uint64{c.voters, c.outgoing} {
		count := 0
		for _, id := range ids {
			if said(int(id)) {
				count++
			}
		}
		if len(ids) > 0 && count <= len(ids)/2 {
			return false
		}
	}
	return true
}

// change is a wish for another configuration. It goes by joint consensus where it names more than
// one server: etcd asks for that, and ours is told to.
type change struct {
	vote, learn, remove []int
	joint               bool
}

// named lists all servers that the change names.
func (ch change) named() []int { return slices.Concat(ch.vote, ch.learn, ch.remove) }

func (ch change) viaJoint() bool { return ch.joint || len(ch.named()) > 1 }

// parseChange reads words such as "vote 4 5 remove 1 joint".
func parseChange(words []string, id func(string) int) (ch change) {
	var part *[]int
	for _, word := range words {
		switch word {
		case "vote":
			part = &ch.vote
		case "learn":
			part = &ch.learn
		case "remove":
			part = &ch.remove
		case "joint":
			ch.joint = true
		default:
			*part = append(*part, id(word))
		}
	}
	return ch
}
