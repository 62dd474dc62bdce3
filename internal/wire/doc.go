// Package wire is the contract between the two ends of a Parley connection: the frames (wire.proto), the access token,
// and the numbers that both sides must agree on. It knows neither the SDK nor the server.
package wire

//go:generate sh -c "protoc --go_out=. --go_opt=paths=source_relative --plugin=protoc-gen-go=$(go tool -n protoc-gen-go) wire.proto"
