package watch

import "golang.org/x/sys/unix"

// unsuitable returns why a folder should not be watched, empty when nothing is wrong: of a network drive the system
// knows only what this machine does there.
func unsuitable(path string) string {
	var s unix.Statfs_t
	if unix.Statfs(path, &s) != nil {
		return ""
	}
	switch uint32(s.Type) {
	case unix.NFS_SUPER_MAGIC, unix.SMB_SUPER_MAGIC, unix.SMB2_SUPER_MAGIC,
		unix.CIFS_SUPER_MAGIC, unix.V9FS_MAGIC, unix.AFS_SUPER_MAGIC,
		unix.CODA_SUPER_MAGIC, unix.CEPH_SUPER_MAGIC:
		return network
	}
	return ""
}
