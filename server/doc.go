// Package server is one node of a real cluster: the core of package raft with goroutines, sockets,
// a disk and a clock around it.
//
//	 peers           clients            hubs of viewers
//	   | websocket      | HTTP              ^ websocket
//	   v                v                   |
//	PeerProtocol   ClientProtocol        recorder        one port, behind one Guard
//	       \            |                   ^
//	        v           v                   |
//	       mailbox -> node loop -> host.Host (raft.Node + state machine)
//	                     |    \
//	                     v     v
//	                  links   store.Committer -> store.Store
//
// A Server is used in the order in which DLedger names it: New, RegisterStateMachine, Handle,
// Start, Shutdown. One goroutine, the node loop, owns the host; everything else puts letters into
// its mailbox and takes what it hands out. It takes all letters at hand in one step of the core,
// which is where batching comes from.
package server
