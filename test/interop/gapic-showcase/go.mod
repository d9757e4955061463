module longrunning.example/interop/gapic-showcase
go 1.26.0
require (
	github.com/googleapis/gapic-showcase v0.42.0
	google.golang.org/genproto v0.0.0-20261019180522-ce908d29299b
	google.golang.org/genproto/googleapis/api v0.0.0-20261019180522-ce908d29299b
	google.golang.org/genproto/googleapis/rpc v0.0.0-20261019180522-ce908d29299b
)
