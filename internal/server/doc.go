// Package server is the Parley server: it accepts messages from clients, stores them and delivers them to every device
// of their recipients. docs/protocol.md describes the protocol, docs/ARCHITECTURE.md the design.
//
// All durable state is one SQLite file. Each user has a log of events numbered 1, 2, 3 and so on; a device stores the
// number of its last event and requests the following ones. Offline delivery, several devices, reconnecting and slow
// clients all use this one mechanism. Everything in memory can be lost.
//
//   - [Server] joins the parts: Open, Serve, Shutdown.
//   - Package record is the contract with the database, record/sqlite its implementation.
//   - Package eventlog appends to the logs of users and reads them. Its writer commits in batches.
//   - Package gateway serves the devices over WebSocket.
//   - Package presence knows which users are online, package bus connects the nodes of a service.
//   - Package files serves uploads and downloads.
//   - Package admin serves the backend API, and package webhook calls the application's backend; docs/openapi.yaml
//     describes the API.
//   - [Accounts] holds users and tokens; another process may use it on the same folder while a server runs.
package server
