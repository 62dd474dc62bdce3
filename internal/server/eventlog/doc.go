// Package eventlog appends to the logs of users and reads them. It holds the rules for messages, receipts, edits,
// groups, blocks, settings and references to files. It does not use sockets or a database driver.
//
//   - [Log] is the writer: one goroutine that commits all changes queued during the last commit and reports their
//     results afterwards. A single change is committed at once, and a hundred cost little more.
//   - A [Change] is a unit of work: [Send], [Edit], [GroupOp], [MarkRead], [Ack], [Block] and others. The caller sets
//     its [Origin] and a function that is called when it is done.
//   - batch collects the rows of one transaction. Changes read the database through it and see one another's effects.
//   - The sweeper expires messages that no device has fetched in time.
//   - Groups are cached as immutable values, which only the writer replaces, after the commit.
package eventlog
