// Package door decides who gets in: how many connections and requests of whom, how long they may take, and whose they
// are behind a proxy. Those that nothing is known of share little; memory does not grow with their number.
package door
