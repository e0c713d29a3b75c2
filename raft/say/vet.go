//go:build !js

package say

import "fmt"

// vetAsSprintf does nothing. In its body go vet sees that Textf is like fmt.Sprintf, and checks the
// calls of Textf; the engine, where fmt would weigh, has another file in place of this one.
func vetAsSprintf(format string, args ...any) {
	if false {
		_ = fmt.Sprintf(format, args...)
	}
}

// vetAsErrorf does nothing, like vetAsSprintf.
func vetAsErrorf(format string, args ...any) {
	if false {
		_ = fmt.Errorf(format, args...)
	}
}
