// Package e2e tries the page in a real browser, beside a real cluster: what a visitor does, and
// the facts about Ebitengine that the page rests on. It is tests alone; they need bin/raftarium
// with the page in it, and Chromium. Pictures go to _shots at the root, which git ignores.
package e2e
