// Package mesh lets the connections of a call of several people share one microphone, one speaker, one camera and one
// screen. Each connection has a Line, whose media look like those of a call of two. It knows nothing of connections.
package mesh
