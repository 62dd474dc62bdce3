// Package server is the Parley server: it takes messages from clients, keeps them on disk and feeds them to every
// device of their recipients. docs/protocol.md explains what it speaks, docs/ARCHITECTURE.md why it is built so.
//
// The truth is one SQLite file. Each user has a log of events numbered 1, 2, 3 and so on; a device remembers the last
// number it has stored and asks for what follows. Offline delivery, several devices, reconnecting and slow consumers
// are all that one mechanism. Everything in memory is a hint that may be lost.
//
//   - [Server] ties the parts together: Open, Serve, Shutdown.
//   - The writer is one goroutine that commits whatever has queued while the last commit ran, and answers afterwards.
//   - The hub knows who is connected and hands committed events to their connections.
//   - A connection has a reading and a writing goroutine and a bounded memory of events; what does not fit is read
//     from the log again.
//   - Groups are kept in memory as immutable values that only the writer replaces, after the commit.
//   - Presence is kept only of users whom a connection watches.
//   - The backend API and the webhook are for the application's own servers; docs/openapi.yaml describes the former.
//   - [Accounts] keeps users and tokens; another process may use it on the same folder while a server runs.
package server
