package theme

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/raftarium/raftarium/raft"
)

var rewrite = flag.Bool("rewrite", false, "write static/styles/tokens.css anew")

const tokens = "../../static/styles/tokens.css"

func looks() map[string]Theme { return map[string]Theme{"light": Light(), "dark": Dark()} }

func TestInkIsReadable(t *testing.T) {
	for name, th := range looks() {
		check := func(what string, on, ink Color, least float64) {
			if c := Contrast(on, ink); c < least {
				t.Errorf("%s: %s has contrast %.2f, want at least %.1f", name, what, c, least)
			}
		}
		for i, c := range th.Term {
			n := string(rune('1' + i))
			check("ink on term "+n, c, th.Ink, 4.5)
			check("text on term "+n, c, th.OnTerm, 4.5)
			line := th.Hatch
			line.A = 255
			hatched := c.Mix(line, float32(th.Hatch.A)/255)
			check("ink on the hatch of term "+n, hatched, th.Ink, 4.5)
		}
		for _, p := range th.properties()[3:6] {
			for _, on := range []Color{th.Page, th.Card, th.Centre, th.Rim} {
				check(p.name+" on "+on.CSS(), on, p.color, 4.5)
			}
		}
		for _, c := range []Color{th.Fault, th.Committed, th.Broken, th.Accent} {
			check("text "+c.CSS()+" on a card", th.Card, c, 4)
		}
		for _, c := range []Color{th.Append, th.Vote, th.Snap, th.Read} {
			check("sign "+c.CSS()+" on the stage", th.Centre, c, 3)
		}
		check("text on accent", th.Accent, th.OnAccent, 4.5)
	}
}

func TestTermsAreTold(t *testing.T) {
	for name, th := range looks() {
		for i, a := range th.Term {
			for j := i + 1; j < Terms; j++ {
				least := 0.035
				if j == i+1 || i == 0 && j == Terms-1 {
					least = 0.06
				}
				if d := Distance(a, th.Term[j]); d < least {
					t.Errorf("%s: terms %d and %d are %.3f apart, want %.3f",
						name, i+1, j+1, d, least)
				}
			}
		}
	}
}

// blind shows a colour as those see it who lack the receptors for red or for green (Viénot,
// Brettel and Mollon, 1999), in the linear light of the screen.
func blind(c Color, green bool) Color {
	r, g, b := linear(c.R), linear(c.G), linear(c.B)
	x, y := 0.11238*r+0.88762*g, 0.00401*r-0.00401*g+b
	if green {
		x, y = 0.29275*r+0.70725*g, -0.02234*r+0.02234*g+b
	}
	return Color{encode(x), encode(x), encode(y), 255}
}

func encode(f float64) uint8 {
	for v := range 256 {
		if linear(uint8(v)) >= f {
			return uint8(v)
		}
	}
	return 255
}

func TestNeighboursAreToldByTheColourBlind(t *testing.T) {
	for name, th := range looks() {
		for i, a := range th.Term {
			b := th.Term[(i+1)%Terms]
			for _, green := range []bool{false, true} {
				if d := Distance(blind(a, green), blind(b, green)); d < 0.025 {
					t.Errorf("%s: terms %d and %d are %.3f apart for the blind to green %v",
						name, i+1, (i+1)%Terms+1, d, green)
				}
			}
		}
	}
}

func TestFillLaps(t *testing.T) {
	th := Light()
	cases := []struct {
		term raft.Term
		want Color
		lap  int
	}{{0, th.Fog, 0}, {1, th.Term[0], 0}, {8, th.Term[7], 0}, {9, th.Term[0], 1},
		{20, th.Term[3], 2}, {1<<64 - 1, th.Term[6], 3}}
	for _, c := range cases {
		if got, lap := th.Fill(c.term); got != c.want || lap != c.lap {
			t.Errorf("Fill(%d) = %v, %d; want %v, %d", c.term, got, lap, c.want, c.lap)
		}
	}
}

func TestColor(t *testing.T) {
	if got := Hex(0x0b5fa5).Alpha(0.5).CSS(); got != "#0b5fa580" {
		t.Errorf("half of the accent is %s", got)
	}
	if got := Contrast(Hex(0), Hex(0xffffff)); got != 21 {
		t.Errorf("black on white has contrast %v", got)
	}
	if got := Hex(0).Mix(Hex(0xffffff), 2); got != Hex(0xffffff) {
		t.Errorf("mixing stops at the second colour, got %v", got)
	}
}

func TestTokens(t *testing.T) {
	want := CSS()
	if *rewrite {
		if err := os.WriteFile(tokens, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(tokens)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("%s is not what the theme says; run go test ./viz/theme -rewrite", tokens)
	}
	if strings.Count(want, "--term-1:") != 3 {
		t.Error("the terms must be in :root, in data-theme=dark and in prefers-color-scheme")
	}
}
