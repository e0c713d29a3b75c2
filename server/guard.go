package server

import (
	"crypto/subtle"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// Guard decides which HTTP requests and websockets come in at all, and which may do more than
// clients may. It is made once and not changed.
type Guard struct {
	// Bind is the host:port that is listened on. Bound to loopback, clients need no token.
	Bind string
	// Hosts are further names or addresses, without port, under which the server may be reached.
	Hosts []string
	// Origins are pages beside the server's own that may use it: scheme://host[:port].
	Origins []string
	// Token and Secret open what is closed to strangers; an empty one opens nothing.
	Token, Secret string
	// MaxBody bounds the body of any request, in bytes; 0 means MaxValue.
	MaxBody int64
}

// Wrap lets through what comes under an allowed name and from an allowed page, and bounds its body.
// A page of another origin must not reach a server on the same machine, not even by a name of its
// own that it has made to point there (DNS rebinding).
func (g *Guard) Wrap(next http.Handler) http.Handler {
	most := g.MaxBody
	if most == 0 {
		most = MaxValue
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if p := g.refusal(r); p != nil {
			writeProblem(w, p)
			return
		}
		if r.Body != nil {
			r.Body = http.MaxBytesReader(w, r.Body, most)
		}
		next.ServeHTTP(w, r)
	})
}

// refusal says why a request does not come in; nil if it does.
func (g *Guard) refusal(r *http.Request) *Problem {
	if !g.hostAllowed(r.Host) {
		return &Problem{Status: http.StatusForbidden,
			Text: "the host " + quote(r.Host) + " is not allowed here; --allow-host allows a name"}
	}
	for _, origin := range r.Header.Values("Origin") {
		if !g.originAllowed(origin, r.Host) {
			return &Problem{Status: http.StatusForbidden,
				Text: "pages of " + quote(origin) +
					" are not allowed here; --allow-origin allows one"}
		}
	}
	return nil
}

// Client lets through who may do what clients do: on loopback everybody, else who brings the token.
func (g *Guard) Client(next http.Handler) http.Handler {
	if g.Loopback() {
		return next
	}
	return g.Admin(next)
}

// Admin lets through who brings the token or the secret.
func (g *Guard) Admin(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !g.Trusted(r) {
			w.Header().Set("WWW-Authenticate", `Bearer realm="raftarium"`)
			writeProblem(w, &Problem{Status: http.StatusUnauthorized,
				Text: "this needs the token, as 'Authorization: Bearer TOKEN'"})
			return
		}
		next.ServeHTTP(w, r)
	})
}

// Member lets through who brings the secret that the members of a cluster share.
func (g *Guard) Member(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !same(bearer(r), g.Secret) {
			w.Header().Set("WWW-Authenticate", `Bearer realm="raftarium members"`)
			writeProblem(w, &Problem{Status: http.StatusUnauthorized,
				Text: "this is for members of the cluster, who know its secret"})
			return
		}
		next.ServeHTTP(w, r)
	})
}

// Loopback reports whether only this machine can reach the server.
func (g *Guard) Loopback() bool { return loopback(g.Bind) }

// Trusted reports whether a request carries the token or the secret.
func (g *Guard) Trusted(r *http.Request) bool { return g.Accepts(bearer(r)) }

// Accepts reports whether a text is the token or the secret. It takes as long for every text of the
// same length.
func (g *Guard) Accepts(text string) bool {
	return same(text, g.Token) || same(text, g.Secret)
}

// Own reports whether a request was made by a page that this server itself served.
func (g *Guard) Own(r *http.Request) bool {
	origin := r.Header.Values("Origin")
	return len(origin) == 1 && sameOrigin(origin[0], r.Host) && g.hostAllowed(r.Host)
}

func (g *Guard) hostAllowed(host string) bool {
	name := hostname(host)
	if name == "" {
		return false
	}
	if loopbackName(name) || strings.EqualFold(name, hostname(g.Bind)) && !unspecified(name) {
		return true
	}
	return slices.ContainsFunc(g.Hosts, func(h string) bool { return strings.EqualFold(h, name) })
}

func (g *Guard) originAllowed(origin, host string) bool {
	return sameOrigin(origin, host) ||
		slices.ContainsFunc(g.Origins, func(o string) bool { return strings.EqualFold(o, origin) })
}

// sameOrigin reports whether an origin is a page served under the host that the request names.
func sameOrigin(origin, host string) bool {
	u, err := url.Parse(origin)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" &&
		u.User == nil && u.Path == "" && strings.EqualFold(u.Host, host)
}

func bearer(r *http.Request) string {
	const scheme = "Bearer "
	h := r.Header.Get("Authorization")
	if len(h) < len(scheme) || !strings.EqualFold(h[:len(scheme)], scheme) {
		return ""
	}
	return h[len(scheme):]
}

func same(given, want string) bool {
	return want != "" && subtle.ConstantTimeCompare([]byte(given), []byte(want)) == 1
}

// hostname gives the name or address of a host with or without port, without brackets.
func hostname(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		return name
	}
	return strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
}

// loopback reports whether a host:port can be reached from this machine only.
func loopback(bind string) bool { return loopbackName(hostname(bind)) }

func loopbackName(name string) bool {
	if strings.EqualFold(name, "localhost") {
		return true
	}
	a, err := netip.ParseAddr(name)
	return err == nil && a.Unmap().IsLoopback()
}

func unspecified(name string) bool {
	a, err := netip.ParseAddr(name)
	return err == nil && a.IsUnspecified()
}

// quote puts a text that came from outside into a sentence, cut to a bearable length.
func quote(s string) string {
	const most = 100
	return `"` + strings.ToValidUTF8(s[:min(len(s), most)], "") + `"`
}
