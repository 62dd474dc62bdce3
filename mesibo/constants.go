package mesibo

// ReadFlag says how a read session reads; the Enable functions of ReadDbSession set them.
type ReadFlag uint32

// The read flags.
const (
	ReadFlagReadReceipt ReadFlag = 0x1  // report what is read, see EnableReadReceipt
	ReadFlagSendLast    ReadFlag = 0x2  // unused: one receipt is for all earlier messages anyhow
	ReadFlagFifo        ReadFlag = 0x4  // the oldest first, see EnableFifo
	ReadFlagSummary     ReadFlag = 0x10 // the newest message of each chat, see EnableSummary
	ReadFlagSendEOR     ReadFlag = 0x20 // unused: FlagEORS always marks the last message
	ReadFlagWithFiles   ReadFlag = 0x80 // only messages with files, see EnableFiles
)

// DeleteType says where a message is deleted.
type DeleteType int

// The delete types.
const (
	// DeleteDefault: as DeletePolicy says.
	DeleteDefault DeleteType = -1
	// DeleteLocal: on this device only.
	DeleteLocal DeleteType = 0
	// DeleteRecall: for everyone; a mark that the message was deleted stays.
	DeleteRecall DeleteType = 1
	// DeleteRemove: for everyone, and nothing stays on this device.
	DeleteRemove DeleteType = 2
)

// Retract says what others may do to messages they sent to this user.
type Retract uint32

// The retraction policies. RetractDefault allows all of it.
const (
	RetractModify     Retract = 0x1    // edit
	RetractWipe       Retract = 0x2    // recall; a mark stays
	RetractDelete     Retract = 0x4    // the same here: a mark always stays
	RetractDelUnread  Retract = 0x10   // messages that are not read yet
	RetractDelRead    Retract = 0x20   // messages that are read
	RetractDelMedia   Retract = 0x40   // messages with files
	RetractDelThread  Retract = 0x80   // unused
	RetractDelAll     Retract = 0x100  // all of a chat
	RetractDelContact Retract = 0x1000 // unused
	RetractDefault            = RetractModify | RetractWipe | RetractDelete |
		RetractDelUnread | RetractDelRead | RetractDelMedia
)

// OnlineMode says when this user counts as online.
type OnlineMode int

// The online modes.
const (
	OnlineModeLogin      OnlineMode = 1 // while connected
	OnlineModeForeground OnlineMode = 2 // while connected and the application is in the foreground; the default
	OnlineModeManual     OnlineMode = 3 // never by itself; the application sends ActivityOnline
)

// Visibility says who sees whether this user is online and when they last were.
type Visibility int

// The visibilities.
const (
	VisibilityNone    Visibility = 0 // no one
	VisibilityPublic  Visibility = 1 // everyone
	VisibilityContact Visibility = 2 // those to whom this user has written
)

// Connectivity is the kind of network this machine has.
type Connectivity int

// The connectivities.
const (
	ConnectivityUnknown      Connectivity = -1
	ConnectivityWifi         Connectivity = 0    // or a cable
	Connectivity2G           Connectivity = 1    // never reported: the generation of a mobile network is unknown
	Connectivity3G           Connectivity = 2    // never reported
	Connectivity4G           Connectivity = 3    // never reported
	ConnectivityDisconnected Connectivity = 0xFF // no network but the loopback
)

// UserFlag is a set of properties of a profile.
type UserFlag uint32

// The profile flags.
const (
	UserFlagArchive     UserFlag = 0x1   // the chat is archived
	UserFlagMute        UserFlag = 0x2   // the chat is muted, until MutedUntil
	UserFlagSelfProfile UserFlag = 0x10  // this user's own profile
	UserFlagHidden      UserFlag = 0x20  // kept for the application, no effect
	UserFlagTemporary   UserFlag = 0x40  // kept for the application, no effect
	UserFlagDeleted     UserFlag = 0x80  // kept for the application, no effect
	UserFlagPinned      UserFlag = 0x100 // the chat stands before the others
	UserFlagUnread      UserFlag = 0x200 // the user has marked the chat as unread
	// UserFlagBlockMessages drops this user's messages on this device, UserFlagBlockGroupMessages those of the group.
	UserFlagBlockMessages      UserFlag = 0x10000
	UserFlagBlockGroupMessages UserFlag = 0x20000
	// UserFlagRemoteBlock: the server refuses this user's messages (MsgStatusBlocked) and reports nothing to them.
	UserFlagRemoteBlock UserFlag = 0x40000
	// UserFlagRequest: this user has written to ours, who has not accepted it yet: no other message comes before that.
	UserFlagRequest UserFlag = 0x80000
	// UserFlagDBMask has the flags that are stored.
	UserFlagDBMask           UserFlag = 0xFFFFFF
	UserFlagMarked           UserFlag = 0x1000000 // not stored, no effect
	UserFlagProfileRequested UserFlag = 0x2000000 // not stored, no effect
)

// FileMode is the direction of a file transfer.
type FileMode int

// The file modes.
const (
	FileModeDownload FileMode = 0 // from the server to this device
	FileModeUpload   FileMode = 1 // from this device to the server
)

// FileStatus is the state of a file transfer.
type FileStatus int

// The file statuses.
const (
	FileStatusIdle       FileStatus = 0 // not started, stopped, or done
	FileStatusInProgress FileStatus = 1 // it waits in the queue or runs
	FileStatusRetryLater FileStatus = 2 // it continues when there is a connection
	FileStatusFailed     FileStatus = 3 // FileInfo.Err says why; StartFileTransfer tries again
)

// FileType is what a file is.
type FileType int

// The file types.
const (
	FileTypeAuto             FileType = 0 // by the file's name
	FileTypeImage            FileType = 1
	FileTypeVideo            FileType = 2
	FileTypeAudio            FileType = 3
	FileTypeLocation         FileType = 4 // the picture of a map
	FileTypeProfileImage     FileType = 5 // the picture of a user or group
	FileTypeProfileThumbnail FileType = 6 // a folder of GetFilePath only: thumbnails come with profiles
	FileTypeOther            FileType = 10
)

// FileSource is what a file belongs to.
type FileSource int

// The file sources.
const (
	FileSourceMessage         FileSource = 0 // a message
	FileSourceProfile         FileSource = 1 // a profile's picture
	FileSourceProfileTN       FileSource = 2 // never used: thumbnails come with profiles
	FileSourceUserProfileList FileSource = 3 // never used
)

// GroupFlag is a set of properties of a group. 0: every member sends and receives.
type GroupFlag uint32

// The group flags.
const (
	GroupFlagSendBySelected GroupFlag = 0x1       // only members with MemberFlagSend may send
	GroupFlagSendByAnyone   GroupFlag = 0x2       // others than members may send as well
	GroupFlagAutoAddMember  GroupFlag = 0x8       // no effect: who sends does not become a member
	GroupFlagRecvBySelected GroupFlag = 0x10      // only members with MemberFlagRecv receive
	GroupFlagRoundRobin     GroupFlag = 0x20      // one member receives each message, in turn
	GroupFlagNoStorage      GroupFlag = 0x40      // only members who are connected receive
	GroupFlagLoopback       GroupFlag = 0x80      // the sender receives the message as well
	GroupFlagPubBySelected  GroupFlag = 0x100     // only members with MemberFlagPublish may send in calls
	GroupFlagPubByAnyone    GroupFlag = 0x200     // all members may send in calls
	GroupFlagSubBySelected  GroupFlag = 0x1000    // only members with MemberFlagSubscribe may take part in calls
	GroupFlagSubByAnyone    GroupFlag = 0x2000    // kept, no effect: only members take part in calls
	GroupFlagListBySelected GroupFlag = 0x10000   // only members with MemberFlagList may list members
	GroupFlagListByAnyone   GroupFlag = 0x20000   // others than members may list them as well
	GroupFlagNoSelfDelete   GroupFlag = 0x40000   // members cannot leave
	GroupFlagPause          GroupFlag = 0x8000000 // no member may send
)

// MemberFlag is a set of a group member's rights.
type MemberFlag uint32

// The member flags.
const (
	MemberFlagSend         MemberFlag = 0x1   // may send, see GroupFlagSendBySelected
	MemberFlagRecv         MemberFlag = 0x2   // receives, see GroupFlagRecvBySelected
	MemberFlagPublish      MemberFlag = 0x4   // may send in calls, see GroupFlagPubBySelected
	MemberFlagSubscribe    MemberFlag = 0x8   // may take part in calls, see GroupFlagSubBySelected
	MemberFlagList         MemberFlag = 0x10  // may list the members, see GroupFlagListBySelected
	MemberFlagRecord       MemberFlag = 0x20  // kept, no effect: for calls
	MemberFlagNoSelfDelete MemberFlag = 0x800 // may not leave
	MemberFlagAll          MemberFlag = 0x1F  // the first five
)

// AdminFlag is a set of a group administrator's rights.
type AdminFlag uint32

// The admin flags.
const (
	AdminFlagModify      AdminFlag = 0x1    // may change name, picture and settings, and recall others' messages
	AdminFlagAddUser     AdminFlag = 0x10   // may add members
	AdminFlagRemUser     AdminFlag = 0x20   // may remove members
	AdminFlagAddAdmin    AdminFlag = 0x40   // may make members administrators
	AdminFlagRemAdmin    AdminFlag = 0x80   // may take administration from members
	AdminFlagRemOwner    AdminFlag = 0x100  // may remove the owner
	AdminFlagRemGroup    AdminFlag = 0x200  // may delete the group
	AdminFlagCallControl AdminFlag = 0x400  // may mute others in calls
	AdminFlagHangup      AdminFlag = 0x800  // may remove others from calls
	AdminFlagOwner       AdminFlag = 0x1000 // owns the group
	AdminFlagAddPin      AdminFlag = 0x2000 // may make and change codes to join by
	AdminFlagRemovePin   AdminFlag = 0x4000 // may remove codes
	AdminFlagListPin     AdminFlag = 0x8000 // may see codes
	AdminFlagOwnerAll    AdminFlag = 0xFFFF // all rights of an owner
	// AdminFlagAll are all rights of an administrator.
	AdminFlagAll = AdminFlagOwnerAll &^ AdminFlagOwner
)

// GroupError is why a group operation was refused. It is an error.
type GroupError int

// The group errors.
const (
	// GroupErrorNotMember: this user, or one named in the request, is not a member of the group.
	GroupErrorNotMember GroupError = 1 //nolint:errname // the reference's name
	// GroupErrorPermission: this user has no right to do this.
	GroupErrorPermission GroupError = 2 //nolint:errname // the reference's name
	// GroupErrorBadPin: the code is wrong, has expired or is used up.
	GroupErrorBadPin GroupError = 3 //nolint:errname // the reference's name
	// GroupErrorAccessDenied: this user may not see the group.
	GroupErrorAccessDenied GroupError = 4 //nolint:errname // the reference's name
	// GroupErrorNotSharedPin is never reported: every code may be shared.
	GroupErrorNotSharedPin GroupError = 5 //nolint:errname // the reference's name
	// GroupErrorGeneral: any other failure.
	GroupErrorGeneral GroupError = 10 //nolint:errname // the reference's name
	// GroupErrorDeleted: the group was deleted.
	GroupErrorDeleted GroupError = 11 //nolint:errname // the reference's name
)

// Error says what the code means.
func (e GroupError) Error() string {
	switch e {
	case GroupErrorNotMember:
		return "not a member of the group"
	case GroupErrorPermission:
		return "no permission to do this in the group"
	case GroupErrorBadPin:
		return "the code is wrong or has expired"
	case GroupErrorAccessDenied:
		return "access to the group denied"
	case GroupErrorNotSharedPin:
		return "the code is not shared"
	case GroupErrorGeneral:
		return "the group operation failed"
	case GroupErrorDeleted:
		return "the group does not exist any more"
	}
	return "unknown group error"
}

// GroupChangeKind is what happened to a group.
type GroupChangeKind int

// The kinds of changes.
const (
	GroupCreated     GroupChangeKind = 1 // the group was created
	GroupSettingsSet GroupChangeKind = 2 // name, picture, flags and so on
	GroupJoined      GroupChangeKind = 3 // members were added, or joined
	GroupRemoved     GroupChangeKind = 4 // members were removed
	GroupLeft        GroupChangeKind = 5 // a member left
	GroupPermissions GroupChangeKind = 6 // members have other rights
	GroupDeleted     GroupChangeKind = 7 // the group was deleted
)

// FilterDirection says which way a message goes.
type FilterDirection int

// The directions.
const (
	FilterIncoming FilterDirection = 0 // it was received
	FilterOutgoing FilterDirection = 1 // it is about to be sent
)
