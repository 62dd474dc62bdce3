package workspace

import "time"

// SetCheckAfter sets when the database is looked through, after the start.
func (k *Keeper) SetCheckAfter(d time.Duration) { k.checkAfter = d }

// SetWorkFactor sets how much work it is to try passphrases of backups.
func (k *Keeper) SetWorkFactor(n int) { k.workFactor = n }
