package ndjson

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// mostLine is the longest line that is read, in bytes.
const mostLine = 64 << 20

// lines cuts what is read into lines.
type lines struct {
	r   io.Reader
	n   int // the number of the line given last, from 1
	buf []byte
	end error // what the reader ended with
}

// next gives a line, valid until the next call. The error is io.EOF behind the last.
func (l *lines) next() ([]byte, error) {
	for from := 0; ; {
		if i := bytes.IndexByte(l.buf[from:], '\n'); i >= 0 {
			return l.take(from+i, from+i+1), nil
		}
		if from = len(l.buf); from > mostLine {
			return nil, fmt.Errorf("ndjson: line %d is longer than %d bytes", l.n+1, mostLine)
		}
		if l.end != nil {
			return l.last()
		}
		l.fill()
	}
}

func (l *lines) take(n, next int) []byte {
	line := l.buf[:n:n]
	l.buf = l.buf[next:]
	l.n++
	return line
}

func (l *lines) last() ([]byte, error) {
	switch {
	case !errors.Is(l.end, io.EOF):
		return nil, fmt.Errorf("ndjson: read line %d: %w", l.n+1, l.end)
	case len(l.buf) == 0:
		return nil, io.EOF
	}
	return l.take(len(l.buf), len(l.buf)), nil
}

// fill reads some more, into new memory when the old is full.
func (l *lines) fill() {
	if cap(l.buf)-len(l.buf) < 512 {
		b := make([]byte, len(l.buf), 2*len(l.buf)+64<<10)
		copy(b, l.buf)
		l.buf = b
	}
	n, err := l.r.Read(l.buf[len(l.buf):cap(l.buf)])
	l.buf = l.buf[:len(l.buf)+n]
	l.end = err
}
