// Package record is the contract between the server and its database. The database holds an append-only log of events
// for each user, the messages that the logs point to, and the tables for the server's decisions: users, groups, blocks
// and files.
//
// A change uses one transaction: [Record.Begin] locks the logs of a [Plan] and runs its lookups, the caller decides in
// memory, and [Tx.Commit] writes a whole [WriteSet] durably. All other reads use [Record.View]. Users, tokens and
// profiles are rows of [Record.ORM].
//
// SQL passed to this package must work in both SQLite and PostgreSQL: ? for parameters, ON CONFLICT, CASE, CAST; no
// INSERT OR IGNORE, iif, bare columns beside an aggregate, or VALUES as a table; no comparison of flags with 0 or 1; no
// text with NUL or invalid UTF-8 (see [ValidText]). Where the databases differ, there is a method in this package.
// Package recordtest has the tests for all implementations.
package record
