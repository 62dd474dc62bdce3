package mesibo

import (
	"runtime"
	"time"

	"github.com/parley-chat/parley/mesibo/internal/netinfo"
)

// GetNetworkConnectivity returns what kind of network this machine has now: ConnectivityWifi for a radio of this
// place or a cable, ConnectivityDisconnected when there is only the loopback, ConnectivityUnknown for what cannot
// be known: a mobile network's generation, or what lies under a tunnel. It does not tell whether the server can be
// reached; see GetConnectionStatus.
func (m *Mesibo) GetNetworkConnectivity() Connectivity { return Connectivity(netinfo.Current()) }

// GetTimestamp returns the current time of this machine: ms since the Unix epoch.
func (m *Mesibo) GetTimestamp() uint64 { return now() }

// GetUpTime returns the moment at which New made this instance: ms since the Unix epoch. As in the
// reference it is a moment, though its name suggests a duration; GetTimestamp minus GetUpTime is that.
func (m *Mesibo) GetUpTime() uint64 { return uint64(m.started.UnixMilli()) }

// GetConnectedTime returns the moment of the last successful connection: ms since the Unix epoch, 0 when there was
// none.
func (m *Mesibo) GetConnectedTime() uint64 { return uint64(m.online.Load()) }

// IsOnline reports whether the connection status is StatusOnline.
func (m *Mesibo) IsOnline() bool { return m.GetConnectionStatus() == StatusOnline }

// SetUIThread says how to find out whether the caller runs on the thread that may draw, for IsUiThread; nil for
// none. Only the application knows its window system.
func (m *Mesibo) SetUIThread(isUI func() bool) { m.uiThread.Store(&isUI) }

// IsUiThread reports whether the caller runs on the thread that may draw, as the function of SetUIThread or Options
// says; false without one. Listeners of this package are never called on it.
func (m *Mesibo) IsUiThread() bool { //nolint:revive // the reference's spelling
	isUI := m.uiThread.Load()
	return isUI != nil && *isUI != nil && (*isUI)()
}

// DaysElapsed returns how many days ago a moment was, by this machine's calendar: 0 today, 1 yesterday; negative
// for days to come. ts is ms since the Unix epoch.
func (m *Mesibo) DaysElapsed(ts uint64) int {
	return daysBetween(time.UnixMilli(int64(ts)), time.Now())
}

// daysBetween counts midnights, not hours: days with 23 or 25 hours count as one.
func daysBetween(from, to time.Time) int {
	date := func(t time.Time) time.Time {
		y, m, d := t.In(to.Location()).Date()
		return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	}
	return int(date(to).Sub(date(from)) / (24 * time.Hour))
}

// Version returns the version of this package.
func (m *Mesibo) Version() string { return version }

// DeviceType is the kind of system a program runs on. The reference's numbers are not published; these are our own.
type DeviceType int

// The device types.
const (
	DeviceTypeOther   DeviceType = 0
	DeviceTypeLinux   DeviceType = 1
	DeviceTypeMacOS   DeviceType = 2
	DeviceTypeWindows DeviceType = 3
)

// GetDeviceType returns the kind of system this program runs on.
func (m *Mesibo) GetDeviceType() DeviceType {
	switch runtime.GOOS {
	case "linux":
		return DeviceTypeLinux
	case "darwin":
		return DeviceTypeMacOS
	case "windows":
		return DeviceTypeWindows
	}
	return DeviceTypeOther
}
