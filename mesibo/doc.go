// Package mesibo is the Mesibo real-time API in Go.
package mesibo
