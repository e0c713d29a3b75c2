package main

import (
	"strings"
	"testing"
)

func TestTheSheetNamesItsLayersFirstAndHoldsEachSheetOnce(t *testing.T) {
	root := page(t, map[string]string{"dist/.keep": "", "styles/control.css": "/*control*/",
		"styles/reset.css": "@layer a, b;", "styles/tokens.css": "/*tokens*/",
		"panels/why-line.css": "/*why*/"})
	if err := join(root); err != nil {
		t.Fatal(err)
	}
	got := string(read(t, root, "static", sheetName))
	if want := "@layer a, b;/*control*//*tokens*//*why*/"; got != want {
		t.Errorf("the sheet is %q, want %q", got, want)
	}
}

func TestAPageWithoutPanelsIsRefused(t *testing.T) {
	root := page(t, map[string]string{"dist/.keep": "", "styles/reset.css": "@layer a, b;"})
	if err := join(root); err == nil || !strings.Contains(err.Error(), "panels/*.css") {
		t.Errorf("joining without panels: %v", err)
	}
}
