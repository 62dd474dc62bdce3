package mesibo

// ReadFlag says how a read session reads (mesibo-api 4.5); the Enable functions of ReadDbSession set them.
type ReadFlag uint32

// The read flags.
const (
	ReadFlagReadReceipt ReadFlag = 0x1
	ReadFlagSendLast    ReadFlag = 0x2
	ReadFlagFifo        ReadFlag = 0x4
	ReadFlagSummary     ReadFlag = 0x10
	ReadFlagSendEOR     ReadFlag = 0x20
	ReadFlagWithFiles   ReadFlag = 0x80
)

// DeleteType says where a message is deleted (mesibo-api 1.3).
type DeleteType int

// The delete types.
const (
	// DeleteDefault: as DeletePolicy says.
	DeleteDefault DeleteType = -1
	// DeleteLocal: on this device only.
	DeleteLocal DeleteType = 0
	// DeleteRecall: taken back everywhere; a mark that it was deleted stays.
	DeleteRecall DeleteType = 1
	// DeleteRemove: taken back everywhere, and nothing stays on this device.
	DeleteRemove DeleteType = 2
)

// Retract says what others may do to messages they sent to this user (mesibo-api 4.5).
type Retract uint32

// The retraction policies. RetractDefault allows all of it.
const (
	RetractModify     Retract = 0x1    // edit
	RetractWipe       Retract = 0x2    // take back, a mark stays
	RetractDelete     Retract = 0x4    // the same here: a mark always stays
	RetractDelUnread  Retract = 0x10   // messages that are not read yet
	RetractDelRead    Retract = 0x20   // messages that are read
	RetractDelMedia   Retract = 0x40   // messages with files
	RetractDelThread  Retract = 0x80   // unused
	RetractDelAll     Retract = 0x100  // all of a conversation
	RetractDelContact Retract = 0x1000 // unused
	RetractDefault            = RetractModify | RetractWipe | RetractDelete | RetractDelUnread | RetractDelRead | RetractDelMedia
)

// OnlineMode says when this user counts as online (mesibo-api 4.5).
type OnlineMode int

// The online modes.
const (
	OnlineModeLogin      OnlineMode = 1 // while connected
	OnlineModeForeground OnlineMode = 2 // while connected and the application is in the foreground; the default
	OnlineModeManual     OnlineMode = 3 // never by itself; the application sends ActivityOnline
)

// Visibility says who sees whether this user is online and when they last were (mesibo-api 4.5).
type Visibility int

// The visibilities.
const (
	VisibilityNone    Visibility = 0
	VisibilityPublic  Visibility = 1
	VisibilityContact Visibility = 2 // those to whom this user has written
)

// Connectivity is the kind of network this machine has (mesibo-api 1.6).
type Connectivity int

// The connectivities.
const (
	ConnectivityUnknown      Connectivity = -1
	ConnectivityWifi         Connectivity = 0 // or a cable
	Connectivity2G           Connectivity = 1
	Connectivity3G           Connectivity = 2
	Connectivity4G           Connectivity = 3
	ConnectivityDisconnected Connectivity = 0xFF
)

// UserFlag is a set of properties of a profile (mesibo-api 4.6).
type UserFlag uint32

// The profile flags.
const (
	UserFlagArchive     UserFlag = 0x1
	UserFlagMute        UserFlag = 0x2
	UserFlagSelfProfile UserFlag = 0x10
	UserFlagHidden      UserFlag = 0x20
	UserFlagTemporary   UserFlag = 0x40
	UserFlagDeleted     UserFlag = 0x80
	UserFlagPinned      UserFlag = 0x100 // an addition to the reference
	// UserFlagBlockMessages drops this user's messages on this device, UserFlagBlockGroupMessages those of the group.
	UserFlagBlockMessages      UserFlag = 0x10000
	UserFlagBlockGroupMessages UserFlag = 0x20000
	// UserFlagRemoteBlock: the server refuses this user's messages (MsgStatusBlocked) and reports nothing to them.
	UserFlagRemoteBlock UserFlag = 0x40000
	// UserFlagDBMask are those that are stored.
	UserFlagDBMask           UserFlag = 0xFFFFFF
	UserFlagMarked           UserFlag = 0x1000000
	UserFlagProfileRequested UserFlag = 0x2000000
)

// FileMode is the direction of a file transfer (mesibo-api 4.7).
type FileMode int

// The file modes.
const (
	FileModeDownload FileMode = 0
	FileModeUpload   FileMode = 1
)

// FileStatus is the state of a file transfer (mesibo-api 4.7).
type FileStatus int

// The file statuses.
const (
	FileStatusIdle       FileStatus = 0
	FileStatusInProgress FileStatus = 1
	FileStatusRetryLater FileStatus = 2
	FileStatusFailed     FileStatus = 3
)

// FileType is what a file is (mesibo-api 4.7).
type FileType int

// The file types.
const (
	FileTypeAuto             FileType = 0 // by the file's name
	FileTypeImage            FileType = 1
	FileTypeVideo            FileType = 2
	FileTypeAudio            FileType = 3
	FileTypeLocation         FileType = 4
	FileTypeProfileImage     FileType = 5
	FileTypeProfileThumbnail FileType = 6
	FileTypeOther            FileType = 10
)

// FileSource is what a file belongs to (mesibo-api 4.7, version 1).
type FileSource int

// The file sources.
const (
	FileSourceMessage         FileSource = 0
	FileSourceProfile         FileSource = 1
	FileSourceProfileTN       FileSource = 2
	FileSourceUserProfileList FileSource = 3
)

// GroupFlag is a set of properties of a group (mesibo-api 4.8). 0: every member sends and receives.
type GroupFlag uint32

// The group flags.
const (
	GroupFlagSendBySelected GroupFlag = 0x1  // only members with MemberFlagSend may send
	GroupFlagSendByAnyone   GroupFlag = 0x2  // others than members may send as well
	GroupFlagAutoAddMember  GroupFlag = 0x8  // no effect: who sends does not become a member
	GroupFlagRecvBySelected GroupFlag = 0x10 // only members with MemberFlagRecv receive
	GroupFlagRoundRobin     GroupFlag = 0x20 // one member receives each message, in turn
	GroupFlagNoStorage      GroupFlag = 0x40 // only members who are connected receive
	GroupFlagLoopback       GroupFlag = 0x80 // the sender receives the message as well
	GroupFlagPubBySelected  GroupFlag = 0x100
	GroupFlagPubByAnyone    GroupFlag = 0x200
	GroupFlagSubBySelected  GroupFlag = 0x1000
	GroupFlagSubByAnyone    GroupFlag = 0x2000
	GroupFlagListBySelected GroupFlag = 0x10000 // only members with MemberFlagList may list members
	GroupFlagListByAnyone   GroupFlag = 0x20000
	GroupFlagNoSelfDelete   GroupFlag = 0x40000   // members cannot leave
	GroupFlagPause          GroupFlag = 0x8000000 // nobody may send
)

// MemberFlag is a set of a group member's rights (mesibo-api 4.8).
type MemberFlag uint32

// The member flags.
const (
	MemberFlagSend         MemberFlag = 0x1
	MemberFlagRecv         MemberFlag = 0x2
	MemberFlagPublish      MemberFlag = 0x4
	MemberFlagSubscribe    MemberFlag = 0x8
	MemberFlagList         MemberFlag = 0x10
	MemberFlagRecord       MemberFlag = 0x20
	MemberFlagNoSelfDelete MemberFlag = 0x800
	MemberFlagAll          MemberFlag = 0x1F
)

// AdminFlag is a set of a group administrator's rights (mesibo-api 4.8).
type AdminFlag uint32

// The admin flags.
const (
	AdminFlagModify      AdminFlag = 0x1
	AdminFlagAddUser     AdminFlag = 0x10
	AdminFlagRemUser     AdminFlag = 0x20
	AdminFlagAddAdmin    AdminFlag = 0x40
	AdminFlagRemAdmin    AdminFlag = 0x80
	AdminFlagRemOwner    AdminFlag = 0x100
	AdminFlagRemGroup    AdminFlag = 0x200
	AdminFlagCallControl AdminFlag = 0x400
	AdminFlagHangup      AdminFlag = 0x800
	AdminFlagOwner       AdminFlag = 0x1000
	AdminFlagAddPin      AdminFlag = 0x2000
	AdminFlagRemovePin   AdminFlag = 0x4000
	AdminFlagListPin     AdminFlag = 0x8000
	AdminFlagOwnerAll    AdminFlag = 0xFFFF
	AdminFlagAll                   = AdminFlagOwnerAll &^ AdminFlagOwner
)

// GroupError is why a group operation was refused (mesibo-api 4.8). It is an error.
type GroupError int

// The group errors.
const (
	GroupErrorNotMember    GroupError = 1  //nolint:errname // the reference's name
	GroupErrorPermission   GroupError = 2  //nolint:errname // the reference's name
	GroupErrorBadPin       GroupError = 3  //nolint:errname // the reference's name
	GroupErrorAccessDenied GroupError = 4  //nolint:errname // the reference's name
	GroupErrorNotSharedPin GroupError = 5  //nolint:errname // the reference's name
	GroupErrorGeneral      GroupError = 10 //nolint:errname // the reference's name
	GroupErrorDeleted      GroupError = 11 //nolint:errname // the reference's name
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

// GroupChangeKind is what happened to a group. An addition to the reference.
type GroupChangeKind int

// The kinds of changes.
const (
	GroupCreated     GroupChangeKind = 1
	GroupSettingsSet GroupChangeKind = 2 // name, picture, flags and so on
	GroupJoined      GroupChangeKind = 3 // somebody added members, or joined
	GroupRemoved     GroupChangeKind = 4
	GroupLeft        GroupChangeKind = 5
	GroupPermissions GroupChangeKind = 6
	GroupDeleted     GroupChangeKind = 7
)

// FilterDirection tells a MessageFilter which way a message goes (mesibo-api 2).
type FilterDirection int

// The directions.
const (
	FilterIncoming FilterDirection = 0
	FilterOutgoing FilterDirection = 1
)
