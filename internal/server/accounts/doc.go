// Package accounts manages the users of a server: their addresses, names, profiles and tokens, and the tokens of
// applications. It authenticates tokens and looks up addresses. Other processes may change the same tables.
package accounts
