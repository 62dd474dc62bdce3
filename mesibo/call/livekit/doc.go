// Package livekit sends and receives the sound and video of calls of groups through a LiveKit server. A program that
// wants to take part in calls of more than four sets it:
//
//	m.SetGroupCallEngine(livekit.New())
//
// What is not imported is not linked: without it a program is about thirteen megabytes smaller.
//
// Sound is Opus, with its loudness beside it, by which the server finds out who speaks. Video is VP8 in two sizes, each
// encoded once however many receive it; the server sends everyone the size that is shown there. Both are encrypted with
// AES-GCM, as LiveKit's own clients do it, with a key that the Parley server gives to the participants of a call. The
// LiveKit server does not know it. The Parley server does: it could listen, and has to be trusted.
package livekit
