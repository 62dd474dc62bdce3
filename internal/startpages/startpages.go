// Package startpages lets the system take back the pages of this program's file that only its start has read.
//
// A large program reads much of its file once: the initialization of every package that is linked, the tables of
// types, what the linker resolves. The system keeps these pages mapped, and counts them, as long as there is memory
// enough. What is read again comes back from the system's cache of files.
package startpages
