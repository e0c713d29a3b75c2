package e2e

import "testing"

// TestANonsenseAddressIsNoDeadEnd opens the page with an address that no cluster can be made of: it
// says what is wrong, and one click gives a cluster.
func TestANonsenseAddressIsNoDeadEnd(t *testing.T) {
	a := start(t, "--nodes", "1")
	b := open(t, a.url+"/?seed=abc&nodes=999", 1280, 800)
	eventually(t, b.ctx, "the banner says what is wrong", func() bool {
		return eval[bool](b, `(() => {
			const banner = document.querySelector("alert-banner");
			return banner?.checkVisibility() && /seed|nodes/.test(banner.textContent);
		})()`)
	})
	eval[any](b, `document.querySelector("alert-banner button").click()`)
	b.until("a cluster runs", func(s state) bool { return len(s.Nodes) > 0 })
}
