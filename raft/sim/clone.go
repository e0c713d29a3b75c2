package sim

import "slices"

// Clone copies a cluster at rest, between two calls of Next. The copy goes on to the same events
// and the same hash. Entries are shared, as nobody changes them; nothing else is.
func (c *Cluster) Clone() *Cluster {
	d := *c
	d.servers = slices.Clone(c.servers)
	for i := range d.servers {
		s := &d.servers[i]
		s.inbox = slices.Clone(s.inbox)
		s.disk = c.servers[i].disk.clone()
		if s.host != nil {
			s.host = s.host.Clone(env{&d, s.id})
		}
	}
	d.links, d.clients = cloneLinks(c.links), slices.Clone(c.clients)
	d.queue.items = slices.Clone(c.queue.items)
	d.outbox = slices.Clone(c.outbox)
	d.done = slices.Clone(c.done)
	return &d
}
