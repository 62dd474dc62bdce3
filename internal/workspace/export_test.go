package workspace

import "time"

// SetCheckAfter sets when the database is looked through, after the start.
func (k *Keeper) SetCheckAfter(d time.Duration) { k.checkAfter = d }
