// Package tidy holds what the compiler does not: who imports whom, what may never be imported, and
// the countable part of STYLE.md. It is tests alone.
package tidy
