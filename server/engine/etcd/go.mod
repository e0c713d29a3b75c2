module github.com/raftarium/raftarium/server/engine/etcd

go 1.26.0

replace github.com/raftarium/raftarium => ../../..

require (
	github.com/raftarium/raftarium v0.0.0-00010101000000-000000000000
	go.etcd.io/raft/v3 v3.6.0
)

require (
	github.com/gogo/protobuf v1.3.2 // indirect
	github.com/golang/protobuf v1.5.4 // indirect
	google.golang.org/protobuf v1.36.8 // indirect
)
