// Package calls keeps the calls that have not ended: who rings whom, which device has answered, and what the devices
// have to be sent. It does not carry sound or video.
//
//   - A call rings on all devices of the callee. The first that answers has it; the others get SWITCHED.
//   - What is for one device is numbered and kept for the call's life, and repeated when the device connects again.
//   - A call is in the record from its start, so it outlives the process, and is replaced there by its record, a message
//     in the logs of both users, exactly once.
//   - The call of a group goes through an SFU where there is one. Otherwise it has at most four participants, each of
//     whom is connected with the others. Who takes part is in memory alone: a restart of the server ends the call, with
//     a record, and the participants join again.
package calls
