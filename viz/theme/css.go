package theme

import "strconv"

// CSS writes both looks as custom properties: the light one on :root, the dark one for those who
// ask for it by data-theme or whose system does.
func CSS() string {
	light, dark := Light(), Dark()
	b := []byte("/* Generated from viz/theme; do not edit. go test ./viz/theme -rewrite */\n")
	b = append(b, ":root {\n\tcolor-scheme: light;\n"...)
	b = appendColors(b, "\t", &light)
	b = appendSizes(b)
	b = append(b, "}\n\n[data-theme=\"dark\"] {\n\tcolor-scheme: dark;\n"...)
	b = appendColors(b, "\t", &dark)
	b = append(b, "}\n\n@media (prefers-color-scheme: dark) {\n"...)
	b = append(b, "\t:root:not([data-theme=\"light\"]) {\n\t\tcolor-scheme: dark;\n"...)
	b = appendColors(b, "\t\t", &dark)
	b = append(b, "\t}\n}\n"...)
	return string(b)
}

func appendColors(b []byte, indent string, t *Theme) []byte {
	for _, p := range t.properties() {
		b = append(b, indent+"--"+p.name+": "+p.color.CSS()+";\n"...)
	}
	for i, c := range t.Term {
		b = append(b, indent+"--term-"+strconv.Itoa(i+1)+": "+c.CSS()+";\n"...)
	}
	s := t.Shadow
	shadow := "0 1px 2px " + s.Alpha(0.5).CSS() + ", 0 4px 16px " + s.Alpha(0.6).CSS()
	return append(b, indent+"--shadow: "+shadow+";\n"...)
}

type property struct {
	name  string
	color Color
}

func (t *Theme) properties() []property {
	return []property{
		{"page", t.Page}, {"card", t.Card}, {"hairline", t.Hairline},
		{"ink", t.Ink}, {"ink-2", t.Ink2}, {"ink-3", t.Ink3},
		{"stage-centre", t.Centre}, {"stage-rim", t.Rim}, {"link", t.Link},
		{"on-term", t.OnTerm}, {"hatch", t.Hatch}, {"fog", t.Fog},
		{"append", t.Append}, {"vote", t.Vote}, {"snapshot", t.Snap}, {"read", t.Read},
		{"on-class", t.OnClass},
		{"fault", t.Fault}, {"committed", t.Committed}, {"broken", t.Broken},
		{"accent", t.Accent}, {"accent-bg", t.AccentBg}, {"on-accent", t.OnAccent},
	}
}

func appendSizes(b []byte) []byte {
	px := func(name string, n int) {
		b = append(b, "\t--"+name+": "+strconv.Itoa(n)+"px;\n"...)
	}
	px("text-title", TextTitle)
	px("text-body", TextBody)
	px("text-panel", TextPanel)
	px("text-small", TextSmall)
	px("radius-small", RadiusSmall)
	px("radius-large", RadiusLarge)
	for i, n := range [...]int{2, 4, 6, 8, 12, 16, 24, 32} {
		px("space-"+strconv.Itoa(i+1), n)
	}
	b = append(b, "\t--quick: "+strconv.Itoa(Quick)+"ms;\n"...)
	return append(b, "\t--calm: "+strconv.Itoa(Calm)+"ms;\n"...)
}
