// Package call is the window of calls: who rings, how far a call is, what can be done with it, and the video of both.
package call
