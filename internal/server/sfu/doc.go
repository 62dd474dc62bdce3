// Package sfu has the LiveKit server through which the sound and video of calls of groups go: one that runs by itself,
// or parley-sfu, a child process that runs only while it is needed. LiveKit is no dependency of this module; it is
// spoken to over HTTP.
//
//   - Each call has a room, and each participant an identity in it: the number of the participant in the call.
//   - The calls decide who takes part. Rooms and participants of LiveKit follow them: a child that was restarted gets its
//     rooms again, and who has left a call is removed from its room.
//   - Devices reach the child through this server's port, with a token of this server, as long as they take part.
package sfu
