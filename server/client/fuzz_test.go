package client

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/raftarium/raftarium/server/wire"
)

// says is what a server says whatever it is asked.
type says struct {
	code   int
	header http.Header
	body   string
}

// RoundTrip implements http.RoundTripper.
func (s says) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: s.code, Status: http.StatusText(s.code), Header: s.header,
		Body: io.NopCloser(strings.NewReader(s.body)), Request: r}, nil
}

// FuzzAnswer takes any answer of a server: a request ends with a value, or an error that says
// whether it may have happened; and what is said of the cluster never leaves the client without
// anybody to ask.
func FuzzAnswer(f *testing.F) {
	f.Add(200, "7", "1", "1", []byte("value"))
	f.Add(503, "", "", "", []byte(`{"error":"no","outcome":"refused","why":"notLeader"}`))
	f.Add(504, "", "", "", []byte(`{"error":"late","outcome":"unknown"}`))
	f.Add(404, "9", "1", "", []byte(`{"error":"there is no key"}`))
	f.Add(307, "", "-1", "1e9", []byte(`{"error":7}`))
	f.Add(200, "x", "18446744073709551616", "", []byte(`{"id":1,"term":3,"leader":1,`+
		`"members":[{"id":1,"address":"127.0.0.1:1"},{"id":2,"address":""}]}`))
	f.Fuzz(func(t *testing.T, code int, index, term, pos string, body []byte) {
		if code < 100 || code > 999 {
			return // net/http lets no other through
		}
		c := &Client{opt: Options{Attempt: time.Second, Give: time.Millisecond}}
		c.metadata.init([]string{"127.0.0.1:1"})
		c.http = &http.Client{Transport: says{code, http.Header{wire.HeaderIndex: {index},
			wire.HeaderTerm: {term}, wire.HeaderPos: {pos}}, string(body)},
			CheckRedirect: func(*http.Request, []*http.Request) error {
				return http.ErrUseLastResponse
			}}
		ctx := context.Background()
		_, err := c.Put(ctx, "x", []byte("1"))
		judged(t, err)
		_, _, err = c.Get(ctx, "x")
		judged(t, err)
		_, err = c.Append(ctx, []byte("body"))
		judged(t, err)
		_ = c.refresh(ctx)
		if len(c.metadata.addresses()) == 0 || len(c.metadata.addresses()) > maxServers+1 {
			t.Fatalf("it knows of %d servers", len(c.metadata.addresses()))
		}
	})
}

// judged holds that an error is one of the three.
func judged(t *testing.T, err error) {
	t.Helper()
	var refused *RefusedError
	var unknown *UnknownError
	if err != nil && !errors.Is(err, ErrNotFound) && !errors.As(err, &refused) &&
		!errors.As(err, &unknown) {
		t.Errorf("nobody knows what this means: %v", err)
	}
}
