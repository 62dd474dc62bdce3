// Package rtc carries the sound and the video of a call between two peers, over WebRTC. A Peer is one side. It does not
// know how descriptions and candidates travel to the other side, nor what a call is.
//
// Sound and video are negotiated once, with the first offer; a voice call sends no video. Only the caller offers, so
// that two offers never meet.
package rtc
